// Small rules, each with its table.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "web/asked.hpp"
#include "web/compress.hpp"
#include "web/embedded.hpp"
#include "web/form.hpp"
#include "web/head.hpp"
#include "web/idempotency.hpp"
#include "web/next.hpp"
#include "web/problem.hpp"
#include "web/rate_limits.hpp"
#include "web/router.hpp"
#include "web/same_origin.hpp"
#include "web/testing_ground.hpp"

using namespace courant;
using namespace courant::web;
using web::testing::Ask;

TEST_CASE("next= leads to own paths only") {
  for (auto const* own : {"/", "/a/1", "/a/1?x=//evil.example", "/sign-in?next=%2Fa", "/a#b"}) {
    CAPTURE(own);
    CHECK(safe_next(own) == own);
  }
  for (auto const* strange : {"", "a", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
                              "javascript:alert(1)", "/\t/evil.example", "\t//evil.example", "/a\r\nSet-Cookie: x=1",
                              " /a", "/a b", "/a\\b", "///evil.example", "/\x7f", "/\xe4\xb8\xad", "?x", "#x", ".//"}) {
    CAPTURE(strange);
    CHECK(safe_next(strange) == "/");
  }
  CHECK(safe_next("/" + std::string(5000, 'a')) == "/");
  CHECK(header_of(see_other("//evil.example"), "location") == "/");
}

TEST_CASE("requests that change something come from our own pages") {
  struct Row {
    char const* fetch_site;
    char const* origin;
    char const* sent;
    bool passes;
  };
  constexpr auto kToken = "0123456789";
  Row const rows[] = {
      {"same-origin", "", "", true},
      {"same-origin", "https://evil.example", "", true},  // a browser that says so has compared the origins itself
      {"cross-site", "", "", false},
      {"cross-site", "https://news.example", kToken, false},
      {"same-site", "", kToken, false},
      {"none", "", kToken, false},
      {"", "https://news.example", "", true},
      {"", "https://NEWS.example", "", true},
      {"", "http://news.example", kToken, false},
      {"", "https://news.example.evil.example", "", false},
      {"", "https://evil.example", kToken, false},
      {"", "null", kToken, false},
      {"", "", kToken, true},
      {"", "", "", false},
      {"", "", "012345678", false},
      {"", "", "0123456788", false},
  };
  for (auto const& row : rows) {
    CAPTURE(row.fetch_site);
    CAPTURE(row.origin);
    CAPTURE(row.sent);
    Ask ask(Method::post, "/x");
    ask.with("Host", "evil.example");
    if (*row.fetch_site != 0) ask.with("Sec-Fetch-Site", row.fetch_site);
    if (*row.origin != 0) ask.with("Origin", row.origin);
    ask.request().loopback_listener = false;
    CHECK(check_same_origin(ask.request(), {"https://news.example", true}, kToken, row.sent).ok() == row.passes);
  }
  Ask without_token(Method::post, "/x");
  CHECK(!check_same_origin(without_token.request(), {"https://news.example", true}, "", "").ok());
}

TEST_CASE("on a loopback listener the Host is an own origin, elsewhere it is not") {
  Ask ask(Method::post, "/x");
  ask.with("Host", "127.0.0.1:9000").with("Origin", "http://127.0.0.1:9000");
  CHECK(check_same_origin(ask.request(), {"http://localhost:8080", false}, "", "").ok());
  ask.request().loopback_listener = false;
  CHECK(!check_same_origin(ask.request(), {"http://localhost:8080", false}, "", "").ok());
}

TEST_CASE("each kind of error has its status") {
  struct Row {
    Error error;
    int status;
  };
  Row const rows[] = {{invalid("x"), 400},   {invalid({Complaint{"title", "x", {}}}), 422},
                      {unauthorized(), 401}, {forbidden(), 403},
                      {missing(), 404},      {conflict("x"), 409},
                      {too_many(), 429},     {unavailable("x"), 503},
                      {broken("x"), 500},    {not_in_memory(), 500}};
  auto const catalogue = Catalogue::from_json(embedded_file("messages.json")).value();
  for (auto const& row : rows) {
    auto const kind = problem_of(row.error);
    CAPTURE(name_of(row.error.kind));
    CHECK(kind.status == row.status);
    CHECK(phrase_of(kind.status) != "Status");
    for (auto const language : {Language::en, Language::zh_hans}) {
      CHECK(catalogue.find(language, kind.title) != nullptr);
      CHECK(catalogue.find(language, kind.text) != nullptr);
    }
  }
}

TEST_CASE("problems are told to programs as RFC 9457 says, without the log's details") {
  auto const catalogue = Catalogue::from_json(embedded_file("messages.json")).value();
  auto const response =
      problem_json(problem_of(broken("secret detail")), broken("secret detail"), catalogue, Language::en);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body.find("secret") == std::string::npos);
  auto const problem = json::parse(response.body).value();
  CHECK(problem.at("status") == 500);
  CHECK(problem.at("type") == "about:blank");
  CHECK(problem.at("kind") == "broken");
}

TEST_CASE("roles enter what the table says") {
  Viewer viewer;
  auto const row = [&](Access access) {
    std::string out = may_enter(access, nullptr) ? "y" : "-";
    for (int role = 0; role < 6; ++role) {
      viewer.role = static_cast<Role>(role);
      out += may_enter(access, &viewer) ? 'y' : '-';
    }
    viewer.suspended = true;
    viewer.role = Role::administrator;
    out += may_enter(access, &viewer) ? 'y' : '-';
    viewer.suspended = false;
    return out;
  };
  // signed out, reader, author, reviewer, editor, moderator, administrator, suspended administrator
  CHECK(row(Access::anyone) == "yyyyyyyy");
  CHECK(row(Access::signed_in) == "-yyyyyyy");
  CHECK(row(Access::author) == "--yyyyy-");
  CHECK(row(Access::reviewer) == "---yy-y-");
  CHECK(row(Access::editor) == "----y-y-");
  CHECK(row(Access::administrator) == "------y-");
  for (int role = 0; role < 6; ++role) CHECK(role_named(name_of(static_cast<Role>(role))) == static_cast<Role>(role));
  CHECK(!role_named("king"));
}

TEST_CASE("encodings are chosen by what the client says") {
  CHECK(best_encoding("") == Encoding::identity);
  CHECK(best_encoding("gzip") == Encoding::gzip);
  CHECK(best_encoding("gzip, deflate, br, zstd") == Encoding::brotli);
  CHECK(best_encoding("br") == Encoding::identity);
  CHECK(best_encoding("gzip;q=0, br") == Encoding::identity);
  CHECK(best_encoding("gzip;q=0.0") == Encoding::identity);
  CHECK(best_encoding("gzip;q=0.5 , br;q=0") == Encoding::gzip);
  CHECK(best_encoding("GZIP") == Encoding::gzip);
  CHECK(best_encoding("gzipped") == Encoding::identity);
  CHECK(best_encoding("identity") == Encoding::identity);
}

TEST_CASE("what was compressed is what comes out") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += fmt::format("{}网易 ", i);
  for (auto const effort : {Effort::quick, Effort::thorough})
    CHECK(gunzip(gzip(text, effort), text.size()).value() == text);
  CHECK(gzip(text, Effort::thorough).size() < gzip(text, Effort::quick).size());
  CHECK(brotli(text).size() < gzip(text, Effort::quick).size());
  CHECK(!gunzip("nonsense", 10).ok());
  CHECK(!gunzip(gzip(text, Effort::quick), text.size() - 1).ok());
  CHECK(!worth_compressing("image/jpeg", 100'000));
  CHECK(!worth_compressing("text/html; charset=utf-8", 100));
  CHECK(worth_compressing("application/rss+xml; charset=utf-8", 1000));
}

TEST_CASE("every head carries the safety fields, and a field cannot smuggle others") {
  Response response;
  response.headers.emplace_back("X-Evil", "a\r\nSet-Cookie: session=1");
  response.headers.emplace_back("Content-Security-Policy", "sandbox; default-src 'none'");
  auto const head = write_head(response, {.transport = Transport::https, .length = 0});
  for (auto const* name : {"X-Content-Type-Options: nosniff",
                           "Referrer-Policy: ", "Permissions-Policy: ", "Cross-Origin-Opener-Policy: same-origin",
                           "Cross-Origin-Resource-Policy: same-origin", "Strict-Transport-Security: max-age=31536000",
                           "Content-Security-Policy: sandbox; default-src 'none'\r\n", "Cache-Control: no-store"}) {
    CAPTURE(name);
    CHECK(head.find(name) != std::string::npos);
  }
  CHECK(head.find("Set-Cookie") == std::string::npos);
  CHECK(head.find("script-src") == std::string::npos);
  CHECK(head.ends_with("\r\n"));
  CHECK(!head.ends_with("\r\n\r\n"));
  CHECK(write_head({}, {}).find("Strict-Transport") == std::string::npos);
  CHECK(content_security_policy() ==
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src "
        "'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
}

TEST_CASE("rate limits refill with time and count networks, not addresses") {
  ManualClock clock{Time{1'000'000}};
  RateLimits limits(clock);
  RateLimit const three{3, 60s};
  for (int i = 0; i < 3; ++i) CHECK(!limits.take("a", three));
  auto const wait = limits.take("a", three);
  REQUIRE(wait);
  CHECK(*wait > 19s);
  CHECK(*wait <= 20s + 1us);
  CHECK(!limits.take("b", three));
  clock.advance(20s + 1us);
  CHECK(!limits.take("a", three));
  CHECK(limits.take("a", three));
  CHECK(!limits.take("c", {}));
  CHECK(client_network("192.0.2.7") == "192.0.2.7");
  CHECK(client_network("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(client_network("2001:db8:1:2:3:4:5:6") == client_network("2001:db8:1:2::9"));
  CHECK(client_network("2001:db8:1:2::9") != client_network("2001:db8:1:3::9"));
}

TEST_CASE("a flood of strangers cannot make the rate limits grow without end") {
  ManualClock clock{Time{1'000'000}};
  RateLimits limits(clock, 100);
  RateLimit const one{1, 60s};
  for (int i = 0; i < 100; ++i) CHECK(!limits.take(std::to_string(i), one));
  CHECK(!limits.take("x", one));  // the strangers' bucket
  CHECK(limits.take("y", one));
  clock.advance(61s);
  CHECK(!limits.take("z", one));  // the full ones have made room
  CHECK(!limits.take("w", one));
}

TEST_CASE("an idempotency key runs a command once") {
  ManualClock clock{Time{1'000'000}};
  Idempotency keys(clock);
  CHECK(!keys.begin("k", "POST /api/x").value());
  CHECK(keys.begin("k", "POST /api/x").error().kind == ErrorKind::conflict);
  keys.finish("k", {.status = 201});
  CHECK(keys.begin("k", "POST /api/x").value()->status == 201);
  CHECK(keys.begin("k", "POST /api/y").error().kind == ErrorKind::invalid);
  (void)keys.begin("l", "r").value();
  keys.abandon("l");
  CHECK(!keys.begin("l", "r").value());
  clock.advance(std::chrono::hours(25));
  CHECK(!keys.begin("k", "POST /api/x").value());
}

TEST_CASE("kept answers of idempotent commands stay within their budget") {
  ManualClock clock{Time{1'000'000}};
  Idempotency keys(clock, 10'000);
  auto const body = std::make_shared<std::string const>(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    (void)keys.begin(std::to_string(i), "r").value();
    keys.finish(std::to_string(i), {.status = 200, .body = body});
  }
  CHECK(keys.begin("99", "r").value());
  CHECK(!keys.begin("0", "r").value());
}

namespace {

Router routes() {
  Router routes;
  auto const page = [](Request const&, PageContext&) -> Result<Response> { return plain("x"); };
  auto const act = [](Request const&, CommandContext&) -> Result<Response> { return plain("x"); };
  routes.page("/", page);
  routes.page("/a/{id}", page);
  routes.page("/a/new", page);
  routes.page("/a/{id}/{slug}", page);
  routes.command(Method::post, "/a/{id}/publish", Access::author, act);
  routes.command(Method::post, "/a/{id}", Access::author, act);
  routes.page("/old/{rest...}", page);
  routes.compile();
  return routes;
}

}  // namespace

TEST_CASE("the most special pattern answers a path") {
  auto const table = routes();
  auto const pattern = [&](Method method, std::string_view path) {
    auto const match = table.find(method, path);
    return match.route != nullptr ? match.route->pattern : "allow " + match.allow + " redirect " + match.redirect;
  };
  CHECK(pattern(Method::get, "/") == "/");
  CHECK(pattern(Method::head, "/a/1") == "/a/{id}");
  CHECK(pattern(Method::get, "/a/new") == "/a/new");
  CHECK(pattern(Method::get, "/a/1/x") == "/a/{id}/{slug}");
  CHECK(pattern(Method::post, "/a/1") == "/a/{id}");
  CHECK(pattern(Method::post, "/a/new") == "allow GET, HEAD redirect ");
  CHECK(pattern(Method::get, "/a/1/publish") == "allow POST redirect ");
  CHECK(pattern(Method::put, "/a/1") == "allow GET, HEAD, POST redirect ");
  CHECK(pattern(Method::get, "/a/1/") == "allow  redirect /a/1");
  CHECK(pattern(Method::get, "/old/2019/03/x") == "/old/{rest...}");
  for (auto const* none :
       {"/b", "/a", "/a//x", "/a/%zz", "/a/%00", "/a/%ff", "/a/..", "/a/.", "a/1", "", "*", "/a/1/2/3"}) {
    CAPTURE(none);
    CHECK(table.find(Method::get, none).route == nullptr);
  }
}

TEST_CASE("the parts of a path are decoded") {
  auto const table = routes();
  auto const match = table.find(Method::get, "/a/1/%E6%96%B0%2F%e9%97%bb");
  REQUIRE(match.route != nullptr);
  CHECK(match.parts[0] == std::pair<std::string_view, std::string>("id", "1"));
  CHECK(match.parts[1] == std::pair<std::string_view, std::string>("slug", "新/闻"));
  CHECK(table.find(Method::get, "/old/a/b%20c").parts[0].second == "a/b c");
}

TEST_CASE("a form is read from urlencoded, multipart and JSON bodies alike") {
  Ask encoded(Method::post, "/x");
  encoded.form("title=%E6%96%B0+a&tag=1&tag=2&text=a%0D%0Ab%0Dc&on=1");
  auto form = Form::read(encoded.request()).value();
  CHECK(form.text("title") == "新 a");
  CHECK(form.text("tag") == "2");
  CHECK(form.all("tag").size() == 2);
  CHECK(form.text("text") == "a\nb\nc");
  CHECK(form.checked("on"));
  CHECK(!form.checked("off"));
  Ask json(Method::post, "/x");
  json.with("content-type", "application/json; charset=utf-8").request().body.text =
      R"({"title": " x ", "tag": ["1", 2], "on": true, "off": false})";
  form = Form::read(json.request()).value();
  CHECK(form.trimmed("title") == "x");
  CHECK(form.all("tag").size() == 2);
  CHECK(form.checked("on"));
  CHECK(!form.checked("off"));
  Ask multipart(Method::post, "/x");
  multipart.request().body.fields = {{"title", "y"}};
  multipart.request().body.uploads.push_back({.field = "cover", .file_name = "a.jpg", .bytes = 3});
  multipart.request().body.uploads.push_back({.field = "empty"});
  form = Form::read(multipart.request()).value();
  CHECK(form.text("title") == "y");
  REQUIRE(form.upload("cover") != nullptr);
  CHECK(form.upload("empty") == nullptr);
}

TEST_CASE("what is no form is refused") {
  for (auto const& [type, body] :
       std::vector<std::pair<std::string, std::string>>{{"text/plain", "a=1"},
                                                        {"application/json", "[1]"},
                                                        {"application/json", "{"},
                                                        {"application/x-www-form-urlencoded", "a=%zz"},
                                                        {"application/x-www-form-urlencoded", "a=%ff"}}) {
    Ask ask(Method::post, "/x");
    ask.with("Content-Type", type).request().body.text = body;
    CAPTURE(body);
    CHECK(Form::read(ask.request()).error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("all complaints of a form come at once") {
  Form form;
  CHECK(form.verdict().ok());
  form.complain("title", "articles.title_too_long", {{"limit", "64"}});
  form.complain("", "articles.whole");
  auto const verdict = form.verdict();
  REQUIRE(!verdict.ok());
  CHECK(verdict.error().complaints.size() == 2);
}

TEST_CASE("cookies, language and encoding are read in one pass") {
  Ask ask(Method::get, "/x?a=1&lang=en");
  ask.with("Cookie", "lang=zh-Hans; script=1;session=abc; position=17; xsession=no").with("accept-encoding", "gzip");
  auto asked = read_head(ask.request(), false, Language::zh_hans);
  CHECK(asked.language == Language::en);
  CHECK(asked.script);
  CHECK(asked.session == "abc");
  CHECK(asked.position == 17);
  CHECK(asked.encoding == Encoding::gzip);
  CHECK(
      read_head(ask.request(), true, Language::zh_hans).session.empty());  // under https only the __Host- cookie counts
  Ask other(Method::get, "/x");
  other.with("Cookie", "lang=zh-Hans").with("Accept-Language", "en");
  CHECK(read_head(other.request(), false, Language::en).language == Language::zh_hans);
  CHECK(other.request().cookie("lang") == "zh-Hans");
  CHECK(other.request().cookie("la").empty());
}

TEST_CASE("a feature's schema steps are found in order, with their way back") {
  EmbeddedFile const files[] = {{"a/migrations/0002-more.sql", "ALTER TABLE x;\n", ""},
                                {"a/migrations/0001-begin.sql", "CREATE TABLE x (y);\n-- undo:\nDROP TABLE x;\n", ""},
                                {"ab/migrations/0001-begin.sql", "CREATE TABLE z;\n", ""}};
  auto const steps = migrations_of("a", files);
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].number == 1);
  CHECK(steps[0].name == "begin");
  CHECK(steps[0].owner == "a");
  CHECK(steps[0].sql == "CREATE TABLE x (y);\n");
  CHECK(steps[0].undo == "DROP TABLE x;\n");
  CHECK(steps[1].undo.empty());
}
