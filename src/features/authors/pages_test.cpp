#include "features/authors/pages.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "base/json.hpp"
#include "features/accounts/site_for_tests.hpp"
#include "features/authors/authors.hpp"

namespace courant::authors {

using accounts::testing::Browser;
using accounts::testing::SiteWorld;
using store::testing::either_engine;
using store::testing::require;
using web::testing::body_of;
using web::testing::field_of;

namespace {

accounts::testing::Addition addition() { return {migrations(), install}; }

/// Eight by eight pixels of one orange.
std::string small_png() {
  return require(crypto::base64url_decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mM4ESWHFTEMLQkAbRlQAd4SHjQAAAAA"
      "SUVORK5CYII"));
}

/// What net does with a multipart form: the file lies on disk, the fields are decoded.
web::Reply upload(SiteWorld& world, Browser const& browser, std::string const& bytes) {
  auto const path = world.folder.path() / "upload";
  std::ofstream(path, std::ios::binary) << bytes;
  web::testing::Ask ask(web::Method::post, "/account/author/picture");
  ask.same_origin().with("Content-Type", "multipart/form-data; boundary=x");
  ask.with("Cookie", "session=" + browser.cookies.at("session"));
  ask.request().body.uploads.push_back(
      {"picture", "me.svg", "image/svg+xml", path, static_cast<std::int64_t>(bytes.size())});
  return ask.answer(*world.site);
}

json::Object author_json(Browser& browser, std::string const& handle) {
  auto const reply = browser.get("/api/v1/authors/" + handle);
  REQUIRE(reply.status == 200);
  return require(json::parse(body_of(reply))).as_object();
}

}  // namespace

TEST_CASE("an author's picture is taken in, shown, and gone when removed") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database, addition());
  world.world.join("writer", web::Role::author);
  Browser writer(world);
  writer.sign_in("writer");
  REQUIRE(writer.post("/account/author", "name=Tide&handle=tide&kind=individual&version=0").status == 303);
  Browser stranger(world, "192.0.2.9");
  CHECK(author_json(stranger, "tide").at("picture").is_null());

  REQUIRE(upload(world, writer, small_png()).status == 303);
  auto const address = std::string(author_json(stranger, "tide").at("picture").as_string());
  CHECK(address.starts_with("http://localhost:8080/avatar/"));
  auto const path = address.substr(std::string_view("http://localhost:8080").size());
  auto const picture = stranger.get(path);
  CHECK(picture.status == 200);
  REQUIRE(picture.file);
  CHECK(field_of(picture, "Content-Type") == "image/webp");
  CHECK(field_of(picture, "X-Content-Type-Options") == "nosniff");
  CHECK(field_of(picture, "Content-Security-Policy") == "sandbox; default-src 'none'");
  CHECK(body_of(writer.get("/account/author")).find(path) != std::string::npos);

  REQUIRE(writer.post("/account/author/picture/remove", "").status == 303);
  CHECK(author_json(stranger, "tide").at("picture").is_null());
  CHECK(stranger.get(path).status == 404);
}

TEST_CASE("what is no picture is refused beside its field") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database, addition());
  world.world.join("writer", web::Role::author);
  Browser writer(world);
  writer.sign_in("writer");
  REQUIRE(writer.post("/account/author", "name=Tide&handle=tide&kind=individual&version=0").status == 303);
  auto const refused = upload(world, writer, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>");
  CHECK(refused.status == 422);
  CHECK(body_of(refused).find("id=\"picture-complaint\"") != std::string::npos);
}

TEST_CASE("a kept page about an author is made anew when the author changes") {
  auto const database = either_engine();
  SiteWorld world(*database, addition());
  world.world.join("writer", web::Role::author);
  Browser writer(world);
  writer.sign_in("writer");
  REQUIRE(writer.post("/account/author", "name=Tide&handle=tide&kind=individual&version=0").status == 303);
  Browser stranger(world, "192.0.2.9");
  CHECK(author_json(stranger, "tide").at("name").as_string() == "Tide");
  auto const kept = world.site->pages().stats().entries;
  CHECK(kept > 0);
  REQUIRE(writer.post("/account/author", "name=Ebb&handle=tide&kind=individual&version=1").status == 303);
  CHECK(author_json(stranger, "tide").at("name").as_string() == "Ebb");
}

TEST_CASE("the card shows what there is and escapes it") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database, addition());
  web::PageContext page(*world.site, web::Language::en, nullptr, false);
  Author author;
  author.id = {5};
  author.handle = "tide";
  author.name = "<b>Tide</b>";
  auto const bare = require(author_card(author, {}, page)).html;
  CHECK(bare.find("&lt;b&gt;Tide&lt;/b&gt;") != std::string::npos);
  CHECK(bare.find("href=\"/author/tide\"") != std::string::npos);
  CHECK(bare.find("<img") == std::string::npos);
  CHECK(bare.find("<dl") == std::string::npos);
  author.bio = "Watches & waits.";
  auto const full = require(author_card(author, {12}, page)).html;
  CHECK(full.find("Watches &amp; waits.") != std::string::npos);
  CHECK(full.find("<dd>12</dd>") != std::string::npos);
}

}  // namespace courant::authors
