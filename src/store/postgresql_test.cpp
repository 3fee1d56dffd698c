// What only PostgreSQL has: a server that goes away, settings, conflicts between connections.
#include <latch>
#include <thread>

#include "store/postgresql_session.hpp"
#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

std::unique_ptr<Store> open_on(PostgresqlServer const& server) {
  auto store = require(Store::open({.url = server.url("postgres")}));
  require(store->migrate(things()));
  return store;
}

TEST_CASE("PostgreSQL that would lose acknowledged writes is refused") {
  PostgresqlServer server;
  for (auto const* setting : {"fsync=off", "synchronous_commit=off", "full_page_writes=off"}) {
    CAPTURE(setting);
    server.stop(PostgresqlServer::Stop::crash);
    server.start({setting});
    auto const store = Store::open({.url = server.url("postgres")});
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().kind == ErrorKind::broken);
    CHECK(store.error().detail.find("turn it on") != std::string::npos);
  }
}

TEST_CASE("a crashed PostgreSQL is found again and has everything that was acknowledged") {
  PostgresqlServer server;
  auto const store = open_on(server);
  require(store->write(adding(1, "one")));
  CHECK(count_things(*store) == 1);
  server.stop(PostgresqlServer::Stop::crash);
  CHECK(store->write(adding(2, "two")).error().kind == ErrorKind::unavailable);
  CHECK(store
            ->read([](Connection& connection) -> Done {
              TRY(count_things(connection));
              return {};
            })
            .error()
            .kind == ErrorKind::unavailable);
  server.start();
  CHECK(count_things(*store) == 1);
  require(store->write(adding(2, "two")));
  require(store->snapshot([](Connection& connection) -> Done {
    CHECK(TRY(count_things(connection)) == 2);
    return {};
  }));
}

TEST_CASE("a command whose connection breaks before COMMIT is run again") {
  PostgresqlServer server;
  auto const store = open_on(server);
  int runs = 0;
  require(store->write([&](Transaction& transaction) -> Done {
    ++runs;
    TRY(kAddThing.run(transaction, {runs, std::to_string(runs)}));
    if (runs == 1) {
      server.stop(PostgresqlServer::Stop::crash);
      server.start();
    }
    TRY(count_things(transaction));
    return {};
  }));
  CHECK(runs == 2);
  CHECK(count_things(*store) == 1);
}

TEST_CASE("two commands that deadlock both succeed in the end") {
  auto const database = postgresql();
  auto const store = database->open(things());
  require(store->write([](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {1, "one"}));
    TRY(kAddThing.run(transaction, {2, "two"}));
    return {};
  }));
  std::latch both_hold_one(2);
  auto const lock_in_turn = [&](std::int64_t first, std::int64_t second) {
    bool met = false;
    require(store->write([&](Transaction& transaction) -> Done {
      TRY(transaction.lock("things", "id", first));
      if (!std::exchange(met, true)) both_hold_one.arrive_and_wait();
      TRY(transaction.lock("things", "id", second));
      return {};
    }));
  };
  std::jthread const other([&] { lock_in_turn(2, 1); });
  lock_in_turn(1, 2);
}

TEST_CASE("a statement that takes too long is ended") {
  auto const database = postgresql();
  auto const store = database->open(things(), {.statement_timeout = 50ms});
  Statement<std::tuple<>, std::tuple<std::optional<std::string>>> const kSlow{"SELECT CAST(pg_sleep(60) AS text)"};
  auto const outcome = store->read([&](Connection& connection) -> Done {
    TRY(kSlow.first(connection, {}));
    return {};
  });
  CHECK(outcome.error().kind == ErrorKind::unavailable);
}

TEST_CASE("a text with a zero byte is refused and not cut short") {
  auto const database = postgresql();
  auto const store = database->open(things());
  CHECK(store->write(adding(1, std::string("a\0b", 3))).error().kind == ErrorKind::invalid);
  CHECK(store->write(adding(1, "\xff")).error().kind == ErrorKind::invalid);
}

TEST_CASE("imports leave a connection for commands") {
  auto const database = postgresql();
  auto const store = database->open(things(), {.writers = 2});
  std::latch imports_run(1);
  std::latch command_done(1);
  std::latch imports_done(3);
  for (int i = 0; i < 3; ++i)
    store->submit(
        [&, i](Transaction&) -> Done {
          if (i == 0) imports_run.count_down();
          command_done.wait();
          return {};
        },
        [&](Done) { imports_done.count_down(); }, Priority::bulk);
  imports_run.wait();
  require(store->write(adding(1, "one")));  // would wait for ever if imports had both
  command_done.count_down();
  imports_done.wait();
}

TEST_CASE("named parameters become numbered ones where they are parameters") {
  auto const numbered = [](std::string_view sql) { return with_numbered_parameters(sql).first; };
  CHECK(numbered("SELECT :a, :bc_1, :a") == "SELECT $1, $2, $1");
  CHECK(numbered("SELECT ':a', \":b\", x::text, a[1:2] -- :c\n, :d") ==
        "SELECT ':a', \":b\", x::text, a[1:2] -- :c\n, $1");
  CHECK(numbered("SELECT 'it''s :a', :b") == "SELECT 'it''s :a', $1");
  CHECK(numbered("SELECT 'open :a") == "SELECT 'open :a");
  CHECK(with_numbered_parameters(":x:y::z").second == 2);
}

}  // namespace
}  // namespace courant::store
