// What both engines must do alike.
#include "store/store.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "store/testing.hpp"

namespace courant::store {
namespace {

using testing::require;

struct Article;
enum class Mood : std::uint8_t { calm = 1, angry = 7 };

std::vector<Migration> steps() {
  return {{"things", 1, "first tables",
           R"(CREATE TABLE things (
                id {id} PRIMARY KEY, name TEXT NOT NULL, score DOUBLE PRECISION, seal {bytes}, at BIGINT, mood BIGINT,
                CONSTRAINT things_name UNIQUE (name)
              );
              CREATE TABLE parts (
                thing_id BIGINT NOT NULL REFERENCES things (id), number BIGINT NOT NULL, PRIMARY KEY (thing_id, number)
              );)",
           "DROP TABLE parts; DROP TABLE things;"}};
}

using Row = std::tuple<Id<Article>, std::string, std::optional<double>, std::optional<std::string>, std::optional<Time>,
                       std::optional<Mood>>;
Statement<Row> const kInsert{
    "INSERT INTO things (id, name, score, seal, at, mood) VALUES (:id, :name, :score, :seal, :at, :mood)"};
Statement<std::tuple<>, Row> const kAll{"SELECT id, name, score, seal, at, mood FROM things ORDER BY id"};
Statement<std::tuple<Id<Article>>, std::tuple<std::string>> const kName{"SELECT name FROM things WHERE id = :id"};
Statement<std::tuple<std::int64_t, std::string_view>> const kShort{"INSERT INTO things (id, name) VALUES (:id, :name)"};
Statement<std::tuple<std::int64_t, std::int64_t>> const kPart{
    "INSERT INTO parts (thing_id, number) VALUES (:thing, :number)"};
Statement<std::tuple<>, std::tuple<std::int64_t>> const kCount{"SELECT COUNT(*) FROM things"};

std::int64_t count(Store& store) {
  return require(read_value(store, [](Connection& connection) -> Result<std::int64_t> {
    return std::get<0>(*TRY(kCount.first(connection, {})));
  }));
}

Done insert(Store& store, std::int64_t id, std::string_view name) {
  return store.write([=](Transaction& transaction) -> Done {
    TRY(kShort.run(transaction, {id, name}));
    return {};
  });
}

TEST_CASE("every type of field comes back as it went in") {
  auto const database = testing::either_engine();
  auto const store = database->open(steps());
  std::vector<Row> const rows{
      {{1}, "plain", 0.1, std::string("\x00\xff\\x41'\x01", 7), Time{1'700'000'000'123'456}, Mood::angry},
      {{std::numeric_limits<std::int64_t>::max()}, "日本語 🎉 ; -- :id", std::nullopt, std::nullopt, std::nullopt, {}},
  };
  require(store->write([&](Transaction& transaction) -> Done {
    for (auto const& row : rows) CHECK(TRY(kInsert.run(transaction, row)) == 1);
    return {};
  }));
  require(store->read([&](Connection& connection) -> Done {
    CHECK(TRY(kAll.all(connection, {})) == rows);
    return {};
  }));
}

}  // namespace
}  // namespace courant::store
