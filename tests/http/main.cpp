// Plays src/features/**/*.http on both engines, and walks the table of rights of the whole site.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "stage.hpp"
#include "store/testing.hpp"

using namespace courant;

namespace {

std::vector<std::filesystem::path> scripts() {
  std::vector<std::filesystem::path> found;
  for (auto const& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(COURANT_SOURCE_DIR) / "src/features"))
    if (entry.path().extension() == ".http") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::string text_of(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void play_all(store::Engine engine) {
  for (auto const& file : scripts()) {
    CAPTURE(file.string());
    auto const database = store::testing::fresh(engine);
    auto const whole = http_tests::open_site(*database);
    REQUIRE_MESSAGE(whole.ok(), (whole.ok() ? "" : describe(whole.error())));
    auto const outcome = web::testing::play(text_of(file), file.parent_path(), (*whole)->stage());
    REQUIRE_MESSAGE(outcome.ok(), (outcome.ok() ? "" : file.string() + " " + describe(outcome.error())));
    CHECK(outcome->blocks > 0);
    for (auto const& failure : outcome->failures)
      FAIL_CHECK(fmt::format("{}:{}: {}: {}", file.string(), failure.line, failure.block, failure.what));
  }
}

/// A path that fits a pattern: "/a/{id}" as "/a/1".
std::string example_of(std::string_view pattern) {
  std::string path;
  for (bool inside = false; char const c : pattern) {
    if (c == '{') path += '1';
    if (c == '{' || c == '}')
      inside = c == '{';
    else if (!inside)
      path += c;
  }
  return path;
}

int status_for(web::Site& site, web::Route const& route, std::string_view person) {
  web::Request request;
  auto const path = example_of(route.pattern);
  auto const cookie = fmt::format("session={}", person);
  request.method = route.method;
  request.target = path;
  request.path = path;
  request.client = "127.0.0.1";
  request.headers.push_back({"Accept", "application/json"});
  request.headers.push_back({"Sec-Fetch-Site", "same-origin"});
  if (!person.empty()) request.headers.push_back({"Cookie", cookie});
  return site.answer(request).status;
}

}  // namespace

TEST_CASE("the features answer as their .http files say, on SQLite") { play_all(store::Engine::sqlite); }

TEST_CASE("the features answer as their .http files say, on PostgreSQL") { play_all(store::Engine::postgresql); }

TEST_CASE("every route of the site lets in whom its row of the table of rights says") {
  auto const database = store::testing::sqlite();
  auto const whole = http_tests::open_site(*database);
  REQUIRE_MESSAGE(whole.ok(), (whole.ok() ? "" : describe(whole.error())));
  auto& site = (*whole)->site();
  site.set_session_source([](std::string_view token) -> Result<std::optional<web::Viewer>> {
    web::Viewer viewer;
    viewer.account = {1};
    viewer.suspended = token == "suspended";
    viewer.role = web::role_named(token).value_or(web::Role::administrator);
    return std::optional(viewer);
  });
  int rows = 0;
  for (auto const& route : site.routes().all()) {
    for (auto const* person :
         {"", "reader", "author", "reviewer", "editor", "moderator", "administrator", "suspended"}) {
      web::Viewer viewer;
      viewer.suspended = std::string_view(person) == "suspended";
      viewer.role = web::role_named(person).value_or(web::Role::administrator);
      bool const allowed = web::may_enter(route.access, *person == 0 ? nullptr : &viewer);
      // Who may enter is let on to the feature's own rules on empty forms and made-up ids, which run their course in
      // the scripts; here it is about who may not.
      if (allowed) continue;
      CAPTURE(route.pattern);
      CAPTURE(web::name_of(route.method));
      CAPTURE(person);
      CHECK(status_for(site, route, person) == (*person == 0 ? 401 : 403));
      ++rows;
    }
  }
  CHECK(rows > 20);
}
