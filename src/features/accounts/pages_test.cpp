#include "features/accounts/pages.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "features/accounts/site_for_tests.hpp"

namespace courant::accounts {

using store::testing::either_engine;
using store::testing::require;
using testing::Browser;
using testing::kPassword;
using testing::SiteWorld;
using web::testing::body_of;
using web::testing::field_of;

namespace {

bool holds(web::Reply const& reply, std::string_view text) { return body_of(reply).find(text) != std::string::npos; }

json::Object viewer_json(Browser& browser) {
  auto const reply = browser.get("/api/v1/viewer");
  CHECK(reply.status == 200);
  CHECK(field_of(reply, "Cache-Control") == "no-store");
  return require(json::parse(body_of(reply))).as_object();
}

std::string hidden_field(web::Reply const& reply, std::string const& name) {
  auto const body = body_of(reply);
  auto const start = "name=\"" + name + "\" value=\"";
  auto const at = body.find(start, body.find("<main"));
  if (at == std::string::npos) return {};
  return body.substr(at + start.size(), body.find('"', at + start.size()) - at - start.size());
}

}  // namespace

TEST_CASE("somebody signs up with a user name, is signed in, signs out") {
  auto const database = either_engine();
  SiteWorld world(*database);
  Browser browser(world);
  CHECK(browser.get("/sign-up?next=%2Fa%2F1").status == 200);
  auto const joined = browser.post("/sign-up", "name=Mira+Holm&login=mira&password=a+longer+phrase+7&next=%2Fa%2F1");
  CHECK(joined.status == 303);
  CHECK(field_of(joined, "Location") == "/a/1");
  CHECK(viewer_json(browser).at("name").as_string() == "Mira Holm");
  CHECK(holds(browser.get("/account"), "Mira Holm"));
  auto const left = browser.post("/sign-out", "");
  CHECK(left.status == 303);
  CHECK_FALSE(browser.cookies.contains("session"));
  CHECK_FALSE(viewer_json(browser).at("signed_in").as_bool());
  CHECK(field_of(browser.get("/account"), "Location") == "/sign-in?next=%2Faccount");
}

TEST_CASE("a mistake is explained beside its field and nothing typed is lost") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database);
  Browser browser(world);
  auto const refused = browser.post("/sign-up", "name=Mira+%3CHolm%3E&login=mi&password=short&next=%2Fa%2F1");
  CHECK(refused.status == 422);
  CHECK(holds(refused, "A user name has 3 to 32 characters."));
  CHECK(holds(refused, "A password needs at least 10 characters."));
  CHECK(holds(refused, "value=\"Mira &lt;Holm&gt;\""));
  CHECK(holds(refused, "id=\"login-complaint\""));
  CHECK_FALSE(holds(refused, "short\""));  // a password is never sent back
  CHECK(hidden_field(refused, "next") == "/a/1");
}

TEST_CASE("signing up with a taken e-mail address looks the same as with a free one") {
  auto const database = either_engine();
  SiteWorld world(*database);
  Browser one(world, "192.0.2.1");
  Browser two(world, "192.0.2.2");
  auto const fresh = one.post("/sign-up", "name=A&login=a%40example.org&password=a+longer+phrase+7&next=%2F");
  auto const taken = two.post("/sign-up", "name=B&login=a%40example.org&password=a+longer+phrase+8&next=%2F");
  CHECK(fresh.status == 303);
  CHECK(*fresh.head == *taken.head);
  CHECK(one.cookies == two.cookies);
  auto const page = one.get(field_of(fresh, "Location"));
  CHECK(holds(page, "If this address had no account yet, it has one now."));
  CHECK(two.sign_in("a%40example.org", "a+longer+phrase+8").status == 422);
  CHECK(one.sign_in("a%40example.org", "a+longer+phrase+7").status == 303);
}

TEST_CASE("a wrong password and an unknown name get the same page") {
  auto const database = either_engine();
  SiteWorld world(*database);
  world.world.join("known");
  Browser browser(world);
  browser.fetch_metadata = true;
  auto const wrong = browser.sign_in("known", "not+the+password");
  auto const unknown = browser.sign_in("knowm", "not+the+password");
  CHECK(wrong.status == 422);
  CHECK(unknown.status == 422);
  auto as_known = body_of(unknown);
  for (auto at = as_known.find("knowm"); at != std::string::npos; at = as_known.find("knowm")) as_known[at + 4] = 'n';
  CHECK(as_known == body_of(wrong));
  CHECK(world.world.audit_lines().size() == 1);  // the account's joining, no line for a guess
}

TEST_CASE("the session cookie is out of scripts' reach, and of plain http's under https") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database);
  world.world.join("reader");
  Browser plain(world);
  auto const reply = plain.sign_in("reader");
  auto const cookie = field_of(reply, "Set-Cookie", 0);
  CHECK(cookie.starts_with("session="));
  for (auto const* flag : {"; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=7776000"})
    CHECK_MESSAGE(cookie.find(flag) != std::string::npos, cookie);
  CHECK(cookie.find("Secure") == std::string::npos);
  CHECK(cookie.find("Domain") == std::string::npos);

  Browser secure(world, "192.0.2.8");
  secure.https = true;
  auto const secured = field_of(secure.sign_in("reader"), "Set-Cookie", 0);
  CHECK(secured.starts_with("__Host-session="));
  CHECK(secured.find("; Secure") != std::string::npos);
  CHECK(secured.find("; HttpOnly") != std::string::npos);
}

TEST_CASE("a planted session cookie is not taken over at sign-in") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database);
  world.world.join("reader");
  Browser browser(world);
  auto const planted = new_token();
  browser.cookies["session"] = planted;
  CHECK(browser.sign_in("reader").status == 303);
  CHECK(browser.cookies["session"] != planted);
  Browser attacker(world, "198.51.100.1");
  attacker.cookies["session"] = planted;
  CHECK_FALSE(viewer_json(attacker).at("signed_in").as_bool());
}

TEST_CASE("a browser without Sec-Fetch-Site signs in with the form's token only") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database);
  world.world.join("reader");
  Browser old(world);
  old.fetch_metadata = false;
  CHECK(old.sign_in("reader").status == 403);
  auto const token = hidden_field(old.get("/sign-in"), "csrf");
  REQUIRE_FALSE(token.empty());
  auto const fields = std::string("login=reader&password=") + kPassword + "&next=%2F&csrf=";
  CHECK(old.post("/sign-in", fields + "wrong").status == 403);
  CHECK(old.post("/sign-in", fields + token).status == 303);
  // Signed in, the token is the session's.
  CHECK(old.post("/sign-out", "csrf=" + token).status == 403);
  auto const own = std::string(viewer_json(old).at("csrf_token").as_string());
  CHECK(old.post("/sign-out", "csrf=" + own).status == 303);
}

TEST_CASE("nobody is led to another site after signing in") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database);
  world.world.join("reader");
  for (auto const* next : {"https%3A%2F%2Fevil.example%2F", "%2F%2Fevil.example", "%2F%5Cevil.example", "evil",
                           "javascript%3Aalert(1)", "%2F%0d%0aX%3A+y"}) {
    CAPTURE(next);
    Browser browser(world);
    CHECK(hidden_field(browser.get(std::string("/sign-in?next=") + next), "next") == "/");
    auto const reply = browser.post("/sign-in", std::string("login=reader&password=") + kPassword + "&next=" + next);
    CHECK(field_of(reply, "Location") == "/");
  }
}

TEST_CASE("a demo account stays at home unless the operator opens the door") {
  auto const database = store::testing::sqlite();
  SiteWorld closed(*database);
  closed.world.join("show", web::Role::administrator, AccountOrigin::demo);
  Browser outside(closed);
  outside.loopback_listener = false;
  CHECK(outside.sign_in("show").status == 422);
  Browser home(closed);
  CHECK(home.sign_in("show").status == 303);

  auto const other = store::testing::sqlite();
  SiteWorld open(*other, {}, [](web::Settings& settings) { settings.demo_public = true; });
  open.world.join("show", web::Role::administrator, AccountOrigin::demo);
  Browser guest(open);
  guest.loopback_listener = false;
  CHECK(guest.sign_in("show").status == 303);
}

TEST_CASE("devices are listed, and ended one by one or all at once") {
  auto const database = either_engine();
  SiteWorld world(*database);
  world.world.join("reader");
  Browser desk(world);
  Browser phone(world);
  Browser tablet(world);
  desk.agent = "Desk";
  phone.agent = "Phone <b>";
  tablet.agent = "Tablet";
  for (auto* browser : {&desk, &phone, &tablet}) REQUIRE(browser->sign_in("reader").status == 303);
  auto const page = desk.get("/account");
  for (auto const* agent : {"Desk", "Phone &lt;b&gt;", "Tablet"}) CHECK_MESSAGE(holds(page, agent), agent);

  auto const phones = token_hash(phone.cookies["session"]);
  CHECK(holds(page, phones));
  CHECK(desk.post("/account/sessions/end", "session=" + phones).status == 303);
  CHECK_FALSE(viewer_json(phone).at("signed_in").as_bool());
  CHECK(viewer_json(tablet).at("signed_in").as_bool());
  CHECK(desk.post("/account/sessions/end", "").status == 303);
  CHECK_FALSE(viewer_json(tablet).at("signed_in").as_bool());
  CHECK(viewer_json(desk).at("signed_in").as_bool());
}

TEST_CASE("the password is changed after entering the old one again when the sign-in is old") {
  auto const database = either_engine();
  SiteWorld world(*database);
  world.world.join("reader");
  Browser here(world);
  Browser elsewhere(world);
  here.sign_in("reader");
  elsewhere.sign_in("reader");
  world.world.clock.advance(11min);
  auto const asked = here.get("/account/password");
  CHECK(asked.status == 303);
  CHECK(field_of(asked, "Location") == "/account/confirm?next=%2Faccount%2Fpassword");
  CHECK(field_of(here.post("/account/password", "password=ferry+lamp+orchard"), "Location") ==
        "/account/confirm?next=%2Faccount%2Fpassword");
  CHECK(hidden_field(here.get(field_of(asked, "Location")), "next") == "/account/password");
  CHECK(here.post("/account/confirm", "password=wrong+words+here&next=%2Faccount%2Fpassword").status == 422);

  auto const before = here.cookies["session"];
  auto const confirmed =
      here.post("/account/confirm", std::string("password=") + kPassword + "&next=%2Faccount%2Fpassword");
  CHECK(field_of(confirmed, "Location") == "/account/password");
  CHECK(here.cookies["session"] != before);
  CHECK(here.get("/account/password").status == 200);
  CHECK(here.post("/account/password", "password=short").status == 422);
  CHECK(here.post("/account/password", "password=ferry+lamp+orchard").status == 303);
  CHECK(viewer_json(here).at("signed_in").as_bool());
  CHECK_FALSE(viewer_json(elsewhere).at("signed_in").as_bool());
  Browser later(world);
  CHECK(later.sign_in("reader").status == 422);
  CHECK(later.sign_in("reader", "ferry+lamp+orchard").status == 303);
}

TEST_CASE("a name is changed and read at once") {
  auto const database = either_engine();
  SiteWorld world(*database);
  world.world.join("reader");
  Browser browser(world);
  browser.sign_in("reader");
  CHECK(browser.post("/account/name", "name=%E5%B0%8F%E6%98%8E").status == 303);
  CHECK(viewer_json(browser).at("name").as_string() == "小明");
  auto const refused = browser.post("/account/name", "name=Example+News+official");
  CHECK(refused.status == 422);
  CHECK(holds(refused, "Example News official"));
}

TEST_CASE("the small script learns rights and links, and the masthead hides what is not one's own") {
  auto const database = store::testing::sqlite();
  testing::Addition addition;
  addition.install = [](web::Site& site) {
    add_viewer_link(site, {"/write", "accounts.save", web::Access::author});
    return Done();
  };
  SiteWorld world(*database, addition);
  world.world.join("writer", web::Role::author);
  world.world.join("reader");
  Browser writer(world);
  Browser reader(world);
  writer.sign_in("writer");
  reader.sign_in("reader");
  auto const seen = viewer_json(writer);
  CHECK(json::write(seen.at("rights")) == R"(["signed_in","author"])");
  CHECK(json::write(seen.at("links")) == R"([{"path":"/write","text":"Save"},{"path":"/account","text":"Account"}])");
  CHECK(seen.at("csrf_token").as_string() == csrf_token(writer.cookies["session"]));
  CHECK(json::write(viewer_json(reader).at("rights")) == R"(["signed_in"])");

  CHECK(holds(writer.get("/account"), "<li data-viewer-role=\"author\"><a href=\"/write\">"));
  CHECK(holds(reader.get("/account"), "<li data-viewer-role=\"author\" hidden><a href=\"/write\">"));
  CHECK(holds(reader.get("/account"), "data-viewer=\"out\" hidden"));
  Browser stranger(world);
  auto const page = stranger.get("/sign-in");
  CHECK(holds(page, "data-viewer=\"in\" hidden"));
  CHECK_FALSE(holds(page, "data-viewer=\"out\" hidden"));
}

TEST_CASE("each door opens to whom the table says") {
  auto const database = store::testing::sqlite();
  SiteWorld world(*database);
  constexpr std::array kRoles{web::Role::reader, web::Role::author,    web::Role::reviewer,
                              web::Role::editor, web::Role::moderator, web::Role::administrator};
  Browser stranger(world);
  Browser suspended(world);
  auto const account = world.world.join("suspended", web::Role::administrator);
  REQUIRE(suspended.sign_in("suspended").status == 303);
  auto const changed = require(set_state(world.world.means(), account, AccountState::suspended, audit::by_system()));
  require(world.journal->wait_applied(changed.event, 5s));
  std::vector<Browser> people;
  for (auto const role : kRoles) {
    auto const login = "role-" + std::string(web::name_of(role));
    world.world.join(login, role);
    people.emplace_back(world).sign_in(login);
  }

  for (auto const& route : world.site->routes().all()) {
    if (route.method != web::Method::get || route.kind != web::RouteKind::worker) continue;
    CAPTURE(route.pattern);
    bool const open = route.access == web::Access::anyone;
    CHECK((stranger.get(route.pattern).status == 303) == (!open && route.pattern != "/language"));
    for (std::size_t i = 0; i < people.size(); ++i) {
      bool const for_all = open || route.access == web::Access::signed_in;
      bool const allowed = for_all || kRoles[i] == web::Role::administrator;
      CHECK((people[i].get(route.pattern).status == 403) == !allowed);
    }
    CHECK((suspended.get(route.pattern).status == 403) == (route.access == web::Access::administrator));
  }
}

TEST_CASE("administrators read the audit log page by page") {
  auto const database = either_engine();
  SiteWorld world(*database);
  world.world.join("boss", web::Role::administrator);
  auto const reader = world.world.join("reader");
  for (int i = 0; i < 60; ++i)
    require(set_role(world.world.means(), reader, i % 2 == 0 ? web::Role::author : web::Role::reader,
                     audit::by_command_line()));
  Browser browser(world);
  browser.sign_in("boss");
  auto const newest = browser.get("/admin/audit");
  CHECK(newest.status == 200);
  CHECK(holds(newest, "Role changed"));
  CHECK(holds(newest, "Command line"));
  CHECK(holds(newest, "href=\"/admin/audit?before=13\""));
  auto const oldest = browser.get("/admin/audit?before=13");
  CHECK(holds(oldest, "Account created"));
  CHECK_FALSE(holds(oldest, "rel=\"next\""));
  CHECK(browser.get("/admin/audit?before=nonsense").status == 200);
}

}  // namespace courant::accounts
