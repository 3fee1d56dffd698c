#include "store/migrations.hpp"

#include <sqlite3.h>

#include <thread>

#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

Migration const kMoods{"moods", 1, "moods", "CREATE TABLE moods (id {id} PRIMARY KEY);", "DROP TABLE moods;"};
Migration const kColours{"things", 2, "colours", "ALTER TABLE things ADD COLUMN colour TEXT;",
                         "ALTER TABLE things DROP COLUMN colour;"};

std::vector<Migration> with(std::vector<Migration> steps, std::initializer_list<Migration> more) {
  steps.insert(steps.end(), more);
  return steps;
}

bool can(Store& store, char const* sql) {
  Statement<std::tuple<>, std::tuple<std::int64_t>> const statement{sql};
  return store
      .read([&](Connection& connection) -> Done {
        TRY(statement.first(connection, {}));
        return {};
      })
      .ok();
}

std::string detail_of(Result<int> const& result) {
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::broken);
  return result.error().detail;
}

TEST_CASE("steps run once, and new ones after them") {
  auto const database = either_engine();
  auto const store = database->open();
  CHECK(require(store->migrate(things())) == 1);
  CHECK(require(store->migrate(things())) == 0);
  CHECK(require(store->migrate(with(things(), {kMoods, kColours}))) == 2);
  CHECK(can(*store, "SELECT COUNT(colour) FROM things"));
  CHECK(can(*store, "SELECT COUNT(*) FROM moods"));
  // Another process with the same program finds everything done.
  auto const again = database->open();
  CHECK(require(again->migrate(with(things(), {kMoods, kColours}))) == 0);
}

TEST_CASE("an older program refuses the database of a newer one") {
  auto const database = either_engine();
  auto const store = database->open(with(things(), {kMoods}));
  CHECK(detail_of(store->migrate(things())).find("newer") != std::string::npos);
}

TEST_CASE("a step that was changed after it ran is refused") {
  auto const database = either_engine();
  auto const store = database->open(things());
  auto changed = things();
  changed[0].sql += " ";
  CHECK(detail_of(store->migrate(changed)).find("changed") != std::string::npos);
}

TEST_CASE("a step below one that ran is refused") {
  auto const database = either_engine();
  auto const store = database->open(with(things(), {kColours}));
  auto steps = with(things(), {kColours});
  steps.push_back({"things", 0, "forgotten", "SELECT 1;", ""});
  CHECK(detail_of(store->migrate(steps)).find("never ran") != std::string::npos);
}

TEST_CASE("a step that fails takes back those before it") {
  auto const database = either_engine();
  auto const store = database->open(things());
  Migration const wrong{"wrong", 1, "wrong", "CREATE TABLE half (id {id}); CREATE TABEL x;", ""};
  CHECK(detail_of(store->migrate(with(things(), {kMoods, wrong}))).find("wrong 1") != std::string::npos);
  CHECK_FALSE(can(*store, "SELECT COUNT(*) FROM moods"));
  CHECK_FALSE(can(*store, "SELECT COUNT(*) FROM half"));
  CHECK(require(store->migrate(with(things(), {kMoods}))) == 1);
}

TEST_CASE("the last step of an owner can be taken back") {
  auto const database = either_engine();
  auto const steps = with(things(), {kMoods, kColours});
  auto const store = database->open(steps);
  require(store->step_back(steps, "things"));
  CHECK_FALSE(can(*store, "SELECT COUNT(colour) FROM things"));
  CHECK(can(*store, "SELECT COUNT(*) FROM moods"));
  CHECK(require(store->migrate(steps)) == 1);
  CHECK(store->step_back(steps, "nobody").error().kind == ErrorKind::missing);
}

TEST_CASE("a database that is not ours is left alone") {
  auto const database = either_engine();
  {
    auto const store = require(Store::open({.url = database->url()}));
    Statement<std::tuple<>> const kTheirs{"CREATE TABLE theirs (x BIGINT)"};
    require(store->write([&](Transaction& transaction) -> Done {
      TRY(kTheirs.run(transaction, {}));
      return {};
    }));
    CHECK(detail_of(store->migrate(things())).find("not Courant's") != std::string::npos);
    CHECK_FALSE(can(*store, "SELECT COUNT(*) FROM store_migrations"));
  }
}

TEST_CASE("two that migrate at once do it once") {
  auto const database = either_engine();
  auto const one = require(Store::open({.url = database->url()}));
  auto const other = require(Store::open({.url = database->url()}));
  int ran = 0;
  std::thread meanwhile([&] { ran = require(other->migrate(things())); });
  int const here = require(one->migrate(things()));
  meanwhile.join();
  CHECK(ran + here == 1);
}

TEST_CASE("a step holds lines for one engine only") {
  CHECK(sql_for(Engine::sqlite, "a {id} {bytes}\n  -- sqlite: b\n-- postgresql: c\nd") == "a INTEGER BLOB\n b\nd\n");
  CHECK(sql_for(Engine::postgresql, "a {id} {bytes}\n  -- sqlite: b\n-- postgresql: c\nd") ==
        "a BIGINT BYTEA\n c\nd\n");
}

TEST_CASE("SQLite keeps the state before the last migration beside the database") {
  auto const database = sqlite();
  auto const copy = std::filesystem::path(database->url().substr(7) + ".before-migration");
  auto const store = database->open(things());
  CHECK_FALSE(std::filesystem::exists(copy));  // there was nothing to keep
  require(store->write(adding(1, "one")));
  require(store->migrate(with(things(), {kMoods})));
  CHECK((std::filesystem::status(copy).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  auto const before = require(Store::open({.url = "sqlite:" + copy.string()}));
  CHECK(count_things(*before) == 1);
  CHECK_FALSE(can(*before, "SELECT COUNT(*) FROM moods"));
}

TEST_CASE("SQLite refuses a file of another program and a file that is no database") {
  ScratchDirectory const directory;
  auto const url = "sqlite:" + (directory.path() / "other.db").string();
  {
    sqlite3* other = nullptr;
    sqlite3_open(url.c_str() + 7, &other);
    sqlite3_exec(other, "CREATE TABLE theirs (x)", nullptr, nullptr, nullptr);
    sqlite3_close(other);
  }
  CHECK(Store::open({.url = url}).error().kind == ErrorKind::broken);
  std::ofstream(directory.path() / "text.db") << std::string(10'000, 'x');
  CHECK(Store::open({.url = "sqlite:" + (directory.path() / "text.db").string()}).error().kind == ErrorKind::broken);
}

}  // namespace
}  // namespace courant::store
