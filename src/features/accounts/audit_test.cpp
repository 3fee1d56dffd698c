#include "features/accounts/audit.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "features/accounts/sql.hpp"
#include "features/accounts/world_for_tests.hpp"
#include "store/statement.hpp"

namespace courant::audit {

using accounts::testing::World;
using store::Statement;
using store::testing::either_engine;
using store::testing::require;

namespace {

Result<std::int64_t> write_one(World& world, std::string const& kind, Id<Account> subject = {},
                               json::Object const& details = {}) {
  return store::write_value(*world.store, [&](store::Transaction& transaction) {
    return record(transaction, world.clock, {kind, by_command_line(), subject, details});
  });
}

template <class... In>
Done run(World& world, char const* sql, std::tuple<In...> const& in = {}) {
  Statement<std::tuple<In...>> const statement(sql);
  return world.store->write([&](store::Transaction& transaction) -> Done {
    TRY(statement.run(transaction, in));
    return {};
  });
}

/// What somebody who owns the database would do first.
void take_guards_away(World& world) {
  if (world.store->engine() == store::Engine::sqlite) {
    require(run<>(world, "DROP TRIGGER audit_entries_no_update"));
    require(run<>(world, "DROP TRIGGER audit_entries_no_delete"));
  } else {
    require(run<>(world, "DROP TRIGGER audit_entries_append_only ON audit_entries"));
  }
}

}  // namespace

TEST_CASE("a fresh chain is whole, and grows without gaps") {
  auto const database = either_engine();
  World world(*database);
  CHECK(require(verify_chain(*world.store)).entries == 0);
  for (int i = 1; i <= 1'200; ++i) {
    if (i > 20 && i % 100 != 0) continue;
    require(write_one(world, "test.done", {}, {{"number", i}}));
  }
  auto const report = require(verify_chain(*world.store));
  CHECK(report.entries == 32);
  CHECK(report.first_bad == 0);
  CHECK(report.head.size() == 64);
}

TEST_CASE("the database refuses to change or delete entries") {
  auto const database = either_engine();
  World world(*database);
  require(write_one(world, "test.done"));
  CHECK_FALSE(run<>(world, "UPDATE audit_entries SET kind = 'test.other'").ok());
  CHECK_FALSE(run<>(world, "DELETE FROM audit_entries").ok());
  if (world.store->engine() == store::Engine::postgresql) CHECK_FALSE(run<>(world, "TRUNCATE audit_entries").ok());
  CHECK(require(verify_chain(*world.store)).entries == 1);
}

TEST_CASE("whatever is changed behind its back, the chain tells where") {
  auto const engine = either_engine()->engine();
  struct Tampering {
    char const* sql;
    std::int64_t first_bad;
  };
  for (auto const& [sql, first_bad] : {
           Tampering{"UPDATE audit_entries SET kind = 'test.undone' WHERE position = 3", 3},
           Tampering{"UPDATE audit_entries SET at = at + 1 WHERE position = 3", 3},
           Tampering{"UPDATE audit_entries SET actor_kind = 1 WHERE position = 3", 3},
           Tampering{"UPDATE audit_entries SET actor_alias = 'x' WHERE position = 3", 3},
           Tampering{"UPDATE audit_entries SET subject_alias = 'x' WHERE position = 3", 3},
           Tampering{"UPDATE audit_entries SET details = '{}' WHERE position = 3", 3},
           Tampering{"UPDATE audit_entries SET hash = 'x' WHERE position = 3", 3},
           Tampering{"DELETE FROM audit_entries WHERE position = 3", 4},
           Tampering{"UPDATE audit_entries SET position = 9 WHERE position = 5", 9},
       }) {
    CAPTURE(sql);
    auto const database = store::testing::fresh(engine);
    World world(*database);
    for (int i = 0; i < 5; ++i) require(write_one(world, "test.done", {}, {{"number", i}}));
    take_guards_away(world);
    require(run<>(world, sql));
    CHECK(require(verify_chain(*world.store)).first_bad == first_bad);
  }
}

TEST_CASE("an entry made anew with its own hash breaks the link to the next") {
  auto const database = either_engine();
  World world(*database);
  for (int i = 0; i < 3; ++i) require(write_one(world, "test.done", {}, {{"number", i}}));
  auto const hash = [&](std::int64_t position) {
    return require(store::read_value(
                       *world.store,
                       [&](store::Connection& connection) { return sql::rows_after(connection, position - 1, 1); }))
        .front()
        .hash;
  };
  // The same entry written at another time of another log has a hash that is right in itself.
  take_guards_away(world);
  require(run<>(world, "UPDATE audit_entries SET details = '{\"number\":7}' WHERE position = 2"));
  auto const before = hash(1);
  auto const own = crypto::hex(crypto::sha256(
      json::write(json::Array{2, world.clock.now().microseconds, "test.done", 2, "", "", "{\"number\":7}", before})));
  require(run<std::string>(world, "UPDATE audit_entries SET hash = :a WHERE position = 2", std::tuple(own)));
  CHECK(require(verify_chain(*world.store)).first_bad == 3);
}

TEST_CASE("an end that was cut off is noticed") {
  auto const database = either_engine();
  World world(*database);
  for (int i = 0; i < 3; ++i) require(write_one(world, "test.done"));
  take_guards_away(world);
  require(run<>(world, "DELETE FROM audit_entries WHERE position = 3"));
  auto const report = require(verify_chain(*world.store));
  CHECK(report.entries == 2);
  CHECK(report.first_bad == 3);
}

TEST_CASE("several who write at once make one chain") {
  auto const database = either_engine();
  World world(*database);
  std::vector<std::thread> writers;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&] {
      for (int j = 0; j < 5; ++j)
        if (!write_one(world, "test.done", {42}).ok()) ++failed;
    });
  for (auto& writer : writers) writer.join();
  CHECK(failed == 0);
  auto const report = require(verify_chain(*world.store));
  CHECK(report.entries == 20);
  CHECK(report.first_bad == 0);
}

TEST_CASE("a transaction that fails leaves no entry") {
  auto const database = either_engine();
  World world(*database);
  auto const done = world.store->write([&](store::Transaction& transaction) -> Done {
    TRY(record(transaction, world.clock, {"test.done", by_system(), {}, {}}));
    return forbidden("accounts.suspended");
  });
  CHECK_FALSE(done.ok());
  CHECK(require(verify_chain(*world.store)).entries == 0);
}

TEST_CASE("entries hold no identity, and a person can be forgotten without breaking the chain") {
  auto const database = either_engine();
  World world(*database);
  auto const account = world.join("Margaret");
  require(write_one(world, "test.done", account));
  CHECK(world.audit_lines().front().subject == "Margaret");
  require(world.store->read([&](store::Connection& connection) -> Done {
    for (auto const& row : TRY(sql::rows_after(connection, 0, 10))) {
      auto const all = row.actor_alias + row.subject_alias + row.details;
      CHECK(all.find(account.str()) == std::string::npos);
      CHECK(all.find("Margaret") == std::string::npos);
    }
    return {};
  }));
  require(world.store->write([&](store::Transaction& transaction) { return forget_person(transaction, account); }));
  CHECK(world.audit_lines().front().subject.empty());
  CHECK(require(verify_chain(*world.store)).first_bad == 0);
}

TEST_CASE("the log is read newest first, page by page") {
  auto const database = either_engine();
  World world(*database);
  for (int i = 0; i < 5; ++i) require(write_one(world, "test.done"));
  auto const page = [&](std::int64_t before) {
    std::vector<std::int64_t> positions;
    auto const lines = require(store::read_value(
        *world.store, [&](store::Connection& connection) { return lines_before(connection, before, 2); }));
    for (auto const& line : lines) positions.push_back(line.position);
    return positions;
  };
  CHECK(page(0) == std::vector<std::int64_t>{5, 4});
  CHECK(page(4) == std::vector<std::int64_t>{3, 2});
  CHECK(page(2) == std::vector<std::int64_t>{1});
}

}  // namespace courant::audit
