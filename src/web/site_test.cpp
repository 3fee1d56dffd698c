#include "web/site.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "web/context.hpp"
#include "web/testing_ground.hpp"

using namespace courant;
using namespace courant::web;
using web::testing::Ask;
using web::testing::body_of;
using web::testing::field_of;
using web::testing::own_files;
using web::testing::TestGround;

namespace {

constexpr DependencyKey kArticle = 1000;

/// A small feature: an article that can be changed, a list, a private page, a form.
struct House {
  TestGround ground;
  std::unique_ptr<Site> site;
  std::string text = "first";
  bool in_memory = true;
  bool failing = false;
  int made = 0;
  std::string seen;  ///< what the page function saw of the request
  std::vector<std::pair<std::string, Viewer>> sessions;

  explicit House(std::string url = "http://localhost:8080") {
    auto settings = ground.settings();
    settings.url = std::move(url);
    auto opened = Site::open(std::move(settings), ground.ground(), own_files());
    REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : opened.error().detail));
    site = std::move(*opened);
    install();
    for (int role = 0; role < 6; ++role) {
      Viewer viewer;
      viewer.account = {100 + role};
      viewer.role = static_cast<Role>(role);
      viewer.name = name_of(viewer.role);
      viewer.csrf_token = "token-of-" + viewer.name;
      sessions.emplace_back(viewer.name, viewer);
    }
    site->set_session_source([this](std::string_view token) -> Result<std::optional<Viewer>> {
      if (token == "database-away") return unavailable("no database");
      for (auto const& [name, viewer] : sessions)
        if (name == token) return std::optional(viewer);
      return std::optional<Viewer>{};
    });
  }

  void install() {
    auto& routes = site->routes();
    routes.page("/a/{id}", [this](Request const& request, PageContext& page) -> Result<Response> {
      ++made;
      seen = fmt::format("{} {} {}", request.target, request.headers.size(), request.parameter("utm").value_or("-"));
      if (request.part("id") == "404") return missing();
      if (request.part("id") == "500") return broken("a secret detail");
      if (request.part("id") == "throw") throw std::runtime_error("a bug");
      if (!in_memory && !page.may_load()) return not_in_memory();
      auto const who = page.viewer() == nullptr ? "nobody" : page.viewer()->name;
      auto response = TRY(page.page({.title = "T", .canonical = "/a/1"}, {fmt::format("<p>{} for {}</p>", text, who)}));
      response.depends_on.push_back(kArticle);
      return response;
    });
    routes
        .page("/list",
              [this](Request const& request, PageContext& page) -> Result<Response> {
                ++made;
                if (!in_memory && !page.may_load()) return not_in_memory();
                if (failing) return unavailable("the disk is away");
                auto response = TRY(page.page(
                    {.title = "L"}, {fmt::format("<p>{} {}</p>", text, request.parameter("before").value_or("-"))}));
                response.soft = true;
                return response;
              })
        .query = {"before"};
    routes.worker("/form", Access::anyone, [](Request const&, WorkerContext& page) -> Result<Response> {
      return page.page({.title = "F"}, {"<form>" + page.csrf_token() + "</form>"});
    });
    for (auto const access :
         {Access::anyone, Access::signed_in, Access::author, Access::reviewer, Access::editor, Access::administrator}) {
      routes.worker(fmt::format("/for/{}", name_of(access)), access,
                    [](Request const&, WorkerContext&) -> Result<Response> { return plain("in"); });
      routes.command(Method::post, fmt::format("/do/{}", name_of(access)), access,
                     [](Request const&, CommandContext&) -> Result<Response> { return see_other("/done"); });
    }
    routes.command(Method::post, "/publish", Access::author,
                   [this](Request const&, CommandContext& context) -> Result<Response> {
                     text = context.form().text("text");
                     DependencyKey const keys[] = {kArticle};
                     context.site().pages().evict(keys);
                     auto response = see_other("/a/1");
                     response.after = {77};
                     return response;
                   });
    routes
        .command(Method::post, "/sign-in", Access::anyone,
                 [](Request const&, CommandContext& context) -> Result<Response> {
                   auto response = see_other("/");
                   response.headers.emplace_back("Set-Cookie",
                                                 context.session_cookie("reader", std::chrono::hours(24)));
                   return response;
                 })
        .limit = {2, 60s};
    routes.command(Method::post, "/api/count", Access::signed_in,
                   [this](Request const&, CommandContext&) -> Result<Response> {
                     return web::json(fmt::format("{{\"made\":{}}}", ++made), 201);
                   });
  }

  Reply get(std::string const& target) { return Ask(Method::get, target).answer(*site); }
};

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a page is made once and then comes from the cache") {
  House house;
  Ask first(Method::get, "/a/1");
  auto const reply = first.answer(*house.site);
  CHECK(!first.took_worker);
  CHECK(reply.status == 200);
  CHECK(has(body_of(reply), "<p>first for nobody</p>"));
  CHECK(has(body_of(reply), "<html lang=\"en\">"));
  CHECK(has(body_of(reply), "<title>T - Example News</title>"));
  CHECK(field_of(reply, "Cache-Control") == "no-cache");
  CHECK(has(field_of(reply, "Content-Security-Policy"), "default-src 'none'; script-src 'self'"));
  CHECK(house.get("/a/1").status == 200);
  CHECK(house.made == 1);
  Ask again(Method::get, "/a/1");
  CHECK(again.with("If-None-Match", field_of(reply, "ETag")).answer(*house.site).status == 304);
}

TEST_CASE("the cache key is closed: nothing else of a request reaches a kept page") {
  House house;
  house.get("/a/1");
  CHECK(house.seen == "/a/1 0 -");
  for (auto const* target : {"/a/1?utm=x", "/a/1?utm=y&fbclid=z", "/a/%31", "/a/1?", "/a/1?lang=en", "/a/1?%zz"}) {
    CAPTURE(target);
    Ask ask(Method::get, target);
    ask.with("X-Forwarded-Host", "evil.example")
        .with("Host", "evil.example")
        .with("Cookie", "tracker=1; theme=dark")
        .with("User-Agent", "x");
    auto const reply = ask.answer(*house.site);
    CHECK(reply.status == 200);
    CHECK(!has(body_of(reply), "evil"));
    CHECK(field_of(reply, "Set-Cookie").empty());
  }
  CHECK(house.made == 1);
  CHECK(house.seen == "/a/1 0 -");
  CHECK(house.site->pages().stats().entries == 1);
}

TEST_CASE("declared parameters are part of the key, in one spelling") {
  House house;
  CHECK(has(body_of(house.get("/list?before=1%2F2")), "1/2"));
  house.get("/list?x=1&before=1/2");
  CHECK(house.made == 1);
  CHECK(has(body_of(house.get("/list?before=3")), "<p>first 3</p>"));
  CHECK(has(body_of(house.get("/list?before=")), "<p>first -</p>"));
  CHECK(has(body_of(house.get("/list")), "<p>first -</p>"));
  CHECK(house.made == 3);
  CHECK(house.get("/list?before=%zz").status == 400);
}

TEST_CASE("each language has its page, and the parameter, the cookie, the header choose in this order") {
  House house;
  CHECK(has(body_of(house.get("/a/1?lang=zh-Hans")), "<html lang=\"zh-Hans\">"));
  Ask cookie(Method::get, "/a/1");
  CHECK(has(body_of(cookie.with("Cookie", "lang=zh-Hans").with("Accept-Language", "en").answer(*house.site)),
            "跳到正文"));
  Ask header(Method::get, "/a/1");
  CHECK(has(body_of(header.with("Accept-Language", "zh-CN").answer(*house.site)), "跳到正文"));
  CHECK(has(body_of(house.get("/a/1")), "Skip to content"));
  CHECK(house.made == 2);
}

TEST_CASE("a page that is not in memory is made on a worker, once for all who wait") {
  House house;
  house.in_memory = false;
  Ask first(Method::get, "/a/1?x=1");
  Ask second(Method::get, "/a/%31");
  Ask other(Method::get, "/a/1?lang=zh-Hans");
  auto const flight = std::get<NeedsWorker>(house.site->answer_now(first.request())).flight;
  CHECK(!flight.empty());
  CHECK(std::get<NeedsWorker>(house.site->answer_now(second.request())).flight == flight);
  CHECK(std::get<NeedsWorker>(house.site->answer_now(other.request())).flight != flight);
  CHECK(house.site->answer(first.request()).status == 200);
  auto const made = house.made;
  CHECK(std::holds_alternative<Reply>(house.site->answer_now(second.request())));
  CHECK(house.made == made);
}

TEST_CASE("an event is seen by the next reader, and a lagging render is not kept") {
  House house;
  house.get("/a/1");
  Ask publish(Method::post, "/publish");
  auto const done = publish.form("text=second").with("Cookie", "session=author").same_origin().answer(*house.site);
  CHECK(done.status == 303);
  CHECK(field_of(done, "Location") == "/a/1");
  CHECK(has(body_of(house.get("/a/1")), "second"));
}

TEST_CASE("a command's answer waits until its node has applied the event and tells the position") {
  House house;
  Ask publish(Method::post, "/publish");
  auto const done = publish.form("text=x").with("Cookie", "session=author").same_origin().answer(*house.site);
  CHECK(house.ground.journal.waited_for == std::vector<journal::EventId>{{77}});
  CHECK(field_of(done, "Set-Cookie") == "position=1; HttpOnly; SameSite=Lax; Path=/; Max-Age=60");
  CHECK(field_of(done, "Cache-Control") == "no-store");
  Ask up_to_date(Method::get, "/a/1");
  up_to_date.with("Cookie", "position=1").answer(*house.site);
  CHECK(!up_to_date.took_worker);
  Ask ahead(Method::get, "/a/1");
  CHECK(ahead.with("Cookie", "position=9").answer(*house.site).status == 200);
  CHECK(ahead.took_worker);
}

TEST_CASE("a session goes round the cache unless the page has script") {
  House house;
  house.get("/a/1");
  Ask plain_reader(Method::get, "/a/1");
  auto const personal =
      plain_reader.with("Cookie", "session=reader").with("Accept-Encoding", "gzip").answer(*house.site);
  CHECK(plain_reader.took_worker);
  CHECK(has(body_of(personal), "first for reader"));
  CHECK(field_of(personal, "Cache-Control") == "no-store");
  CHECK(field_of(personal, "Content-Encoding").empty());
  Ask with_script(Method::get, "/a/1");
  CHECK(has(body_of(with_script.with("Cookie", "session=reader; script=1").answer(*house.site)), "first for nobody"));
  CHECK(!with_script.took_worker);
  Ask ended(Method::get, "/a/1");
  CHECK(has(body_of(ended.with("Cookie", "session=ended").answer(*house.site)), "first for nobody"));
  Ask away(Method::get, "/a/1");
  CHECK(away.with("Cookie", "session=database-away").answer(*house.site).status == 200);
  CHECK(has(body_of(house.get("/a/1")), "first for nobody"));
}

TEST_CASE("one caller rebuilds an old list, the others have the old one; a failing rebuild shows the old one") {
  House house;
  house.get("/list");
  house.text = "second";
  house.ground.clock.advance(31s);
  CHECK(has(body_of(house.get("/list")), "second"));
  CHECK(house.made == 2);
  CHECK(has(body_of(house.get("/list")), "second"));
  CHECK(house.made == 2);
  house.failing = true;
  for (bool const in_memory : {true, false}) {
    house.in_memory = in_memory;
    house.ground.clock.advance(40s);
    auto const kept = house.get("/list");
    CHECK(kept.status == 200);
    CHECK(has(body_of(kept), "second"));
  }
  CHECK(house.made == 5);
}

TEST_CASE("an old list that is not in memory is rebuilt by one worker while the others have the old one") {
  House house;
  house.get("/list");
  house.text = "second";
  house.in_memory = false;
  house.ground.clock.advance(31s);
  Ask first(Method::get, "/list");
  auto const needed = house.site->answer_now(first.request());
  REQUIRE(std::holds_alternative<NeedsWorker>(needed));
  CHECK(std::get<NeedsWorker>(needed).flight.empty());  // nobody waits for it
  CHECK(has(body_of(house.get("/list")), "first"));
  CHECK(has(body_of(house.site->answer(first.request())), "second"));
  CHECK(has(body_of(house.get("/list")), "second"));
}

TEST_CASE("every route lets in whom the table says, for reading and for doing") {
  House house;
  for (auto const access :
       {Access::anyone, Access::signed_in, Access::author, Access::reviewer, Access::editor, Access::administrator}) {
    for (auto const* who : {"", "reader", "author", "reviewer", "editor", "moderator", "administrator"}) {
      auto const role = role_named(who);
      Viewer viewer;
      if (role) viewer.role = *role;
      bool const allowed = may_enter(access, role ? &viewer : nullptr);
      CAPTURE(name_of(access));
      CAPTURE(who);
      Ask read(Method::get, fmt::format("/for/{}", name_of(access)));
      Ask act(Method::post, fmt::format("/do/{}", name_of(access)));
      for (auto* ask : {&read, &act}) {
        if (role) ask->with("Cookie", fmt::format("session={}", who));
        ask->same_origin();
      }
      auto const seen = read.answer(*house.site);
      CHECK(seen.status == (allowed ? 200 : role ? 403 : 303));
      if (!allowed && !role) CHECK(field_of(seen, "Location").starts_with("/sign-in?next=%2Ffor%2F"));
      CHECK(act.form("").answer(*house.site).status == (allowed ? 303 : role ? 403 : 401));
    }
  }
}

TEST_CASE("a suspended administrator is let in as a reader") {
  House house;
  house.sessions.back().second.suspended = true;
  Ask admin(Method::get, "/for/administrator");
  CHECK(admin.with("Cookie", "session=administrator").answer(*house.site).status == 403);
  Ask signed_in(Method::get, "/for/signed_in");
  CHECK(signed_in.with("Cookie", "session=administrator").answer(*house.site).status == 200);
}

TEST_CASE("a command from another site is refused, whoever is signed in") {
  House house;
  Ask strange(Method::post, "/publish");
  strange.form("text=evil").with("Cookie", "session=author").with("Origin", "https://evil.example");
  CHECK(strange.answer(*house.site).status == 403);
  CHECK(house.text == "first");
  Ask silent(Method::post, "/publish");
  CHECK(silent.form("text=evil").with("Cookie", "session=author").answer(*house.site).status == 403);
  Ask of_another(Method::post, "/publish");
  CHECK(of_another.form("text=evil&csrf=token-of-reader").with("Cookie", "session=author").answer(*house.site).status ==
        403);
  Ask token(Method::post, "/publish");
  CHECK(token.form("text=good&csrf=token-of-author").with("Cookie", "session=author").answer(*house.site).status ==
        303);
  CHECK(house.text == "good");
}

TEST_CASE("signed out, a form's token goes with a cookie of its own") {
  House house;
  auto const form = house.get("/form");
  auto const cookie = field_of(form, "Set-Cookie");
  REQUIRE(cookie.starts_with("form="));
  CHECK(has(cookie, "HttpOnly; SameSite=Lax; Path=/"));
  CHECK(field_of(form, "Cache-Control") == "no-store");
  auto const body = body_of(form);
  auto const at = body.find("<form>") + 6;
  auto const token = body.substr(at, body.find("</form>") - at);
  auto const pair = cookie.substr(0, cookie.find(';'));
  Ask without_cookie(Method::post, "/sign-in");
  CHECK(without_cookie.form("csrf=" + token).answer(*house.site).status == 403);
  Ask good(Method::post, "/sign-in");
  CHECK(good.form("csrf=" + token).with("Cookie", pair).answer(*house.site).status == 303);
  Ask again(Method::get, "/form");
  CHECK(field_of(again.with("Cookie", pair).answer(*house.site), "Set-Cookie").empty());
}

TEST_CASE(
    "a session cookie is closed to scripts and bound to the host under https, and scripts learn that there is one") {
  House house("https://news.example");
  Ask ask(Method::post, "/sign-in");
  ask.request().https = true;
  auto const reply = ask.form("").with("Origin", "https://news.example").answer(*house.site);
  CHECK(field_of(reply, "Set-Cookie") ==
        "__Host-session=reader; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400; Secure");
  CHECK(field_of(reply, "Set-Cookie", 1) == "member=1; SameSite=Lax; Path=/; Max-Age=86400; Secure");
  CHECK(field_of(reply, "Strict-Transport-Security") == "max-age=31536000");
}

TEST_CASE("too many tries are answered 429 with the time to wait") {
  House house;
  auto const try_once = [&](std::string_view client) {
    return Ask(Method::post, "/sign-in").form("").same_origin().from(client).answer(*house.site);
  };
  CHECK(try_once("2001:db8::1").status == 303);
  CHECK(try_once("2001:db8::2").status == 303);
  auto const refused = try_once("2001:db8::3");
  CHECK(refused.status == 429);
  CHECK(field_of(refused, "Retry-After") == "30");
  CHECK(try_once("192.0.2.1").status == 303);
  house.ground.clock.advance(31s);
  CHECK(try_once("2001:db8::3").status == 303);
}

TEST_CASE("errors become pages in the site's frame, or problems for programs") {
  House house;
  auto const missing_page = house.get("/nowhere");
  CHECK(missing_page.status == 404);
  CHECK(has(body_of(missing_page), "There is no such page"));
  CHECK(has(body_of(missing_page), "<main"));
  CHECK(field_of(missing_page, "Cache-Control") == "no-store");
  CHECK(house.get("/a/404").status == 404);
  auto const broken_page = house.get("/a/500");
  CHECK(broken_page.status == 500);
  CHECK(!has(body_of(broken_page), "secret"));
  CHECK(house.get("/a/throw").status == 500);
  auto const problem = house.get("/api/nothing");
  CHECK(problem.status == 404);
  CHECK(field_of(problem, "Content-Type") == "application/problem+json");
  Ask asks_json(Method::get, "/a/404");
  CHECK(field_of(asks_json.with("Accept", "application/json").answer(*house.site), "Content-Type") ==
        "application/problem+json");
  auto const wrong_method = Ask(Method::del, "/a/1").answer(*house.site);
  CHECK(wrong_method.status == 405);
  CHECK(field_of(wrong_method, "Allow") == "GET, HEAD");
  auto const options = Ask(Method::options, "/publish").answer(*house.site);
  CHECK(options.status == 204);
  CHECK(field_of(options, "Allow") == "POST");
  CHECK(house.get("/a/1/").status == 301);
  CHECK(field_of(house.get("/a/1/?x=1"), "Location") == "/a/1?x=1");
}

TEST_CASE("HEAD has the head of GET and no body") {
  House house;
  for (auto const* target : {"/a/1", "/a/1", "/nowhere", "/form"}) {
    auto const get = house.get(target);
    auto const head = Ask(Method::head, target).answer(*house.site);
    CAPTURE(target);
    CHECK(head.status == get.status);
    CHECK(head.body == nullptr);
    CHECK(field_of(head, "Content-Length") == field_of(get, "Content-Length"));
  }
}

TEST_CASE("assets are kept by clients for a year, in the encoding they like") {
  House house;
  auto const page = body_of(house.get("/a/1"));
  auto const at = page.find("/assets/site-");
  REQUIRE(at != std::string::npos);
  auto const address = page.substr(at, page.find('"', at) - at);
  auto const plain = house.get(address);
  CHECK(plain.status == 200);
  CHECK(field_of(plain, "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(field_of(plain, "Content-Type").starts_with("text/css"));
  Ask brotli(Method::get, address);
  auto const compressed = brotli.with("Accept-Encoding", "gzip, br").answer(*house.site);
  CHECK(field_of(compressed, "Content-Encoding") == "br");
  CHECK(compressed.body->size() < plain.body->size());
  Ask known(Method::get, address);
  CHECK(known.with("If-None-Match", field_of(plain, "ETag")).answer(*house.site).status == 304);
  CHECK(house.get("/assets/site-0000000000000000.css").status == 404);
}

TEST_CASE("a chosen language is remembered and leads back to an own path") {
  House house;
  auto const reply = house.get("/language?to=zh-Hans&next=%2Fa%2F1");
  CHECK(reply.status == 303);
  CHECK(field_of(reply, "Location") == "/a/1");
  CHECK(field_of(reply, "Set-Cookie").starts_with("lang=zh-Hans; "));
  CHECK(field_of(house.get("/language?to=en&next=//evil.example"), "Location") == "/");
  CHECK(house.get("/language?to=xx").status == 404);
}

TEST_CASE("an API command with an idempotency key runs once") {
  House house;
  auto const post = [&](std::string key, std::string body = "{}") {
    Ask ask(Method::post, "/api/count");
    ask.request().body.text = std::move(body);
    ask.with("Content-Type", "application/json").with("Cookie", "session=reader").same_origin();
    if (!key.empty()) ask.with("Idempotency-Key", std::move(key));
    return ask.answer(*house.site);
  };
  CHECK(body_of(post("k")) == "{\"made\":1}");
  CHECK(body_of(post("k")) == "{\"made\":1}");
  CHECK(body_of(post("l")) == "{\"made\":2}");
  CHECK(post("k", "{\"x\":1}").status == 400);
  CHECK(body_of(post("")) == "{\"made\":3}");
}

TEST_CASE("what body may come is known before a byte of it is read") {
  House house;
  Ask publish(Method::post, "/publish");
  CHECK(house.site->body_rules(publish.request()).most_bytes == 64 * 1024);
  CHECK(!house.site->body_rules(publish.request()).multipart);
  Ask nowhere(Method::post, "/nowhere");
  CHECK(house.site->body_rules(nowhere.request()).most_bytes == 64 * 1024);
}

TEST_CASE("the wire's refusals are short and close the connection") {
  House house;
  for (int const status : {400, 408, 413, 414, 431, 501, 503, 505}) {
    auto const reply = house.site->refusal(status);
    CHECK(reply.status == status);
    CHECK(reply.close);
    CHECK(reply.head->starts_with(fmt::format("HTTP/1.1 {} ", status)));
    CHECK(body_of(reply).starts_with(std::to_string(status)));
  }
}
