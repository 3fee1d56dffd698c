#include "features/articles/bodies.hpp"

#include <doctest/doctest.h>

#include "features/articles/test_store.hpp"

namespace courant::articles {
namespace {

using store::testing::require;
using testing::Desk;

Id<Article> published(Desk& desk, std::string const& text) {
  auto const id = desk.ids.next<Article>();
  auto const saved = require(desk.create(id, desk.draft("题目", text)));
  require(desk.publish(id, saved.version, desk.draft("题目", text)));
  return id;
}

TEST_CASE("a body is loaded once and then found, until a newer version is asked for") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = published(desk, "正文");
  Bodies bodies(1 << 20, "https://news.example");
  CHECK(!bodies.find(id, 1));
  auto const loaded = require(bodies.load(*desk.store, id));
  CHECK(loaded->html == "<p>正文</p>\n");
  CHECK(bodies.find(id, loaded->version) == loaded);
  CHECK(!bodies.find(id, loaded->version + 1));
  bodies.forget(id);
  CHECK(!bodies.find(id, 1));
  CHECK(bodies.bytes() == 0);
}

TEST_CASE("the bodies that were used last stay, within the budget") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const first = published(desk, std::string(10'000, 'a'));
  auto const second = published(desk, std::string(10'000, 'b'));
  auto const third = published(desk, std::string(10'000, 'c'));
  Bodies bodies(25'000, "https://news.example");
  require(bodies.load(*desk.store, first));
  require(bodies.load(*desk.store, second));
  CHECK(bodies.find(first, 1));
  require(bodies.load(*desk.store, third));
  CHECK(bodies.find(first, 1));
  CHECK(!bodies.find(second, 1));
  CHECK(bodies.bytes() <= 25'000);
}

TEST_CASE("a body that is not there is missing") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  Bodies bodies(1 << 20, "https://news.example");
  CHECK(bodies.load(*desk.store, {17}).error().kind == ErrorKind::missing);
}

}  // namespace
}  // namespace courant::articles
