// What both engines must do alike: statements, transactions, reading.
#include "store/store.hpp"

#include <atomic>
#include <latch>
#include <thread>

#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

ErrorKind kind_of(Done const& done) {
  REQUIRE_FALSE(done.ok());
  return done.error().kind;
}

TEST_CASE("every type of field comes back as it went in") {
  auto const database = either_engine();
  auto const store = database->open(things());
  std::vector<ThingRow> const rows{
      {{1}, "plain", 0.1, std::string("\x00\xff\\x41'\x01", 7), Time{1'700'000'000'123'456}, Mood::angry},
      {{2}, "", -0.0, "", Time{-1}, Mood::calm},
      {{std::numeric_limits<std::int64_t>::max()}, "日本語 🎉 ; -- :id", {}, {}, {}, {}},
  };
  require(store->write([&](Transaction& transaction) -> Done {
    for (auto const& row : rows) CHECK(TRY(kInsertThing.run(transaction, row)) == 1);
    return {};
  }));
  require(store->read([&](Connection& connection) -> Done {
    CHECK(TRY(kAllThings.all(connection, {})) == rows);
    std::vector<ThingRow> streamed;
    TRY(kAllThings.each(connection, {}, [&](ThingRow row) { streamed.push_back(std::move(row)); }));
    CHECK(streamed == rows);
    CHECK(*TRY(kAllThings.first(connection, {})) == rows[0]);
    CHECK_FALSE(TRY(kNameOfThing.first(connection, {77})).has_value());
    return {};
  }));
}

TEST_CASE("numbers of parameters are whole 64-bit numbers also inside expressions") {
  auto const database = either_engine();
  auto const store = database->open(things());
  Statement<std::tuple<std::int64_t, double>, std::tuple<std::int64_t, double, bool>> const kSum{
      "SELECT :a + 1, :b * 2, EXISTS (SELECT 1 FROM things WHERE id = :a)"};
  require(store->read([&](Connection& connection) -> Done {
    CHECK(*TRY(kSum.first(connection, {5'000'000'000, 1.25})) == std::tuple(5'000'000'001, 2.5, false));
    return {};
  }));
}

TEST_CASE("changes report how many rows they touched and may hand rows back") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write([](Transaction& transaction) -> Done {
    for (int id = 1; id <= 5; ++id) TRY(kAddThing.run(transaction, {id, std::to_string(id)}));
    Statement<std::tuple<double, std::int64_t>> const kRaise{"UPDATE things SET score = :score WHERE id > :id"};
    CHECK(TRY(kRaise.run(transaction, {1.5, 2})) == 3);
    CHECK(TRY(kRaise.run(transaction, {1.5, 20})) == 0);
    Statement<std::tuple<>, std::tuple<std::int64_t>> const kTake{"DELETE FROM things WHERE id < 4 RETURNING id"};
    CHECK(TRY(kTake.first(transaction, {})).has_value());  // all three go, though only one is asked for
    CHECK(TRY(count_things(transaction)) == 2);
    return {};
  }));
  CHECK(count_things(*store) == 2);
}

TEST_CASE("NULL in a column that is not optional is an error and not a zero") {
  auto const database = either_engine();
  auto const store = database->open(things());
  Statement<std::tuple<>, std::tuple<std::int64_t>> const kHighest{"SELECT MAX(id) FROM things"};
  auto const outcome = store->read([&](Connection& connection) -> Done {
    TRY(kHighest.first(connection, {}));
    return {};
  });
  CHECK(kind_of(outcome) == ErrorKind::broken);
}

TEST_CASE("a statement whose types do not fit its text is refused") {
  auto const database = either_engine();
  auto const store = database->open(things());
  Statement<std::tuple<std::int64_t>, std::tuple<std::int64_t>> const kTooFewIn{"SELECT :a + :b"};
  Statement<std::tuple<>, std::tuple<std::int64_t>> const kTooFewOut{"SELECT 1, 2"};
  CHECK(kind_of(store->read([&](Connection& connection) -> Done {
          TRY(kTooFewIn.first(connection, {1}));
          return {};
        })) == ErrorKind::broken);
  CHECK(kind_of(store->read([&](Connection& connection) -> Done {
          TRY(kTooFewOut.first(connection, {}));
          return {};
        })) == ErrorKind::broken);
}

TEST_CASE("a conflict names the key, never the values") {
  auto const database = either_engine();
  auto const store = database->open(things());
  Statement<std::tuple<std::int64_t, std::string>> const kAddHandle{
      "INSERT INTO handles (id, handle) VALUES (:id, :handle)"};
  require(store->write([&](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {1, "secret@example.org"}));
    TRY(kAddPart.run(transaction, {1, 1}));
    TRY(kAddHandle.run(transaction, {1, "Secret"}));
    return {};
  }));
  auto const conflict_of = [&](auto const& statement, auto const& in) {
    auto const outcome = store->write([&](Transaction& transaction) -> Done {
      TRY(statement.run(transaction, in));
      return {};
    });
    CHECK(kind_of(outcome) == ErrorKind::conflict);
    auto const told = describe(outcome.error());
    CHECK_MESSAGE(told.find("ecret") == std::string::npos, told);
    return std::string(conflicting_key(outcome.error()));
  };
  CHECK(conflict_of(kAddThing, std::tuple(2, "secret@example.org")) == "things.name");
  CHECK(conflict_of(kAddThing, std::tuple(1, "other")) == "things.id");
  CHECK(conflict_of(kAddPart, std::tuple(1, 1)) == "parts.thing_id,number");
  CHECK(conflict_of(kAddHandle, std::tuple(2, "sECRET")) == "handles_by_folded");
  CHECK(conflict_of(kAddPart, std::tuple(99, 1)) == "");  // a foreign key
}

TEST_CASE("no error repeats what was bound") {
  auto const database = either_engine();
  auto const store = database->open(things());
  Statement<std::tuple<std::int64_t, std::string>> const kNoName{
      "INSERT INTO things (id, name) VALUES (:id, NULLIF(:name, :name))"};
  auto const outcome = store->write([&](Transaction& transaction) -> Done {
    TRY(kNoName.run(transaction, {1, "hunter2"}));
    return {};
  });
  CHECK(kind_of(outcome) == ErrorKind::broken);
  CHECK(describe(outcome.error()).find("hunter2") == std::string::npos);
}

TEST_CASE("a failed statement ends the command even if the command goes on") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write(adding(1, "first")));
  auto const outcome = store->write([](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {2, "second"}));
    CHECK_FALSE(kAddThing.run(transaction, {3, "first"}).ok());
    CHECK(kind_of(Done(kAddThing.run(transaction, {4, "fourth"}).error())) == ErrorKind::conflict);
    return {};
  });
  CHECK(kind_of(outcome) == ErrorKind::conflict);
  CHECK(count_things(*store) == 1);
}

TEST_CASE("a command that declines leaves nothing behind and acts on nothing") {
  auto const database = either_engine();
  auto const store = database->open(things());
  bool acted = false;
  auto const outcome = store->write([&](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {1, "one"}));
    transaction.after_commit([&] { acted = true; });
    return forbidden("things.not_yours");
  });
  CHECK(kind_of(outcome) == ErrorKind::forbidden);
  CHECK(outcome.error().message == "things.not_yours");
  CHECK_FALSE(acted);
  CHECK(count_things(*store) == 0);
  CHECK(store->stats().failed == 1);
}

TEST_CASE("what waits for the commit is called in order when others can see it") {
  auto const database = either_engine();
  auto const store = database->open(things());
  std::vector<std::string> calls;
  std::latch answered(1);
  store->submit(
      [&](Transaction& transaction) -> Done {
        TRY(kAddThing.run(transaction, {1, "one"}));
        transaction.after_commit([&] { calls.push_back(fmt::format("first sees {}", count_things(*store))); });
        transaction.after_commit([&] { calls.emplace_back("second"); });
        return {};
      },
      [&](Done done) {
        calls.emplace_back(done.ok() ? "done" : "failed");
        answered.count_down();
      });
  answered.wait();
  CHECK(calls == std::vector<std::string>{"first sees 1", "second", "done"});
}

TEST_CASE("an exception in a command is an error and the store goes on") {
  auto const database = either_engine();
  auto const store = database->open(things());
  CHECK(kind_of(store->write([](Transaction& transaction) -> Done {
          TRY(kAddThing.run(transaction, {1, "one"}));
          throw std::runtime_error("a bug");
        })) == ErrorKind::broken);
  CHECK_THROWS_AS([[maybe_unused]] auto const done = store->snapshot([](Connection& connection) -> Done {
    TRY(count_things(connection));
    throw std::runtime_error("a bug");
  }),
                  std::runtime_error);
  require(store->write(adding(1, "one")));
  CHECK(count_things(*store) == 1);
}

TEST_CASE("a write inside a command is refused instead of waiting for itself") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write([&](Transaction&) -> Done {
    CHECK(kind_of(store->write(adding(1, "one"))) == ErrorKind::broken);
    return {};
  }));
}

TEST_CASE("a reader cannot write") {
  auto const database = either_engine();
  auto const store = database->open(things());
  auto const outcome = store->read([](Connection& connection) -> Done {
    TRY(kAddThing.run(connection, {1, "one"}));
    return {};
  });
  CHECK_FALSE(outcome.ok());
  CHECK(count_things(*store) == 0);
}

TEST_CASE("each statement of a read sees the newest commit, also after one-row reads") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write(adding(1, "before")));
  Statement<std::tuple<std::int64_t, std::string>> const kRename{"UPDATE things SET name = :b WHERE id = :a"};
  Statement<std::tuple<std::string>> const kRenameAll{"UPDATE things SET name = :name"};
  require(store->read([&](Connection& connection) -> Done {
    // Two one-row reads in turn, neither of them stepped to its end by its caller.
    CHECK(std::get<0>(*TRY(kNameOfThing.first(connection, {1}))) == "before");
    CHECK(TRY(count_things(connection)) == 1);
    std::thread([&] {
      require(store->write([&](Transaction& transaction) -> Done {
        TRY(kRenameAll.run(transaction, {"after"}));
        return {};
      }));
    }).join();
    CHECK(std::get<0>(*TRY(kNameOfThing.first(connection, {1}))) == "after");
    return {};
  }));
}

TEST_CASE("a snapshot sees one state whatever is written meanwhile") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write(adding(1, "one")));
  require(store->snapshot([&](Connection& connection) -> Done {
    CHECK(TRY(count_things(connection)) == 1);
    std::thread([&] { require(store->write(adding(2, "two"))); }).join();
    CHECK(TRY(count_things(connection)) == 1);
    return {};
  }));
  CHECK(count_things(*store) == 2);
}

TEST_CASE("reads inside reads do not wait for each other") {
  auto const database = either_engine();
  auto const store = database->open(things(), {.readers = 1});
  require(store->read([&](Connection&) -> Done {
    CHECK(count_things(*store) == 0);
    return {};
  }));
}

TEST_CASE("a statement inside its own rows is refused") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write(adding(1, "one")));
  require(store->read([&](Connection& connection) -> Done {
    return kAllThings.each(connection, {},
                           [&](ThingRow const&) { CHECK_FALSE(kAllThings.first(connection, {}).ok()); });
  }));
}

TEST_CASE("many commands that read, decide and write at once lose no decision") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write(adding(1, "0")));
  Statement<std::tuple<std::string>> const kSetName{"UPDATE things SET name = :name WHERE id = 1"};
  auto const increment = [&](Transaction& transaction) -> Done {
    auto const value = std::stoi(std::get<0>(*TRY(kNameOfThing.first(transaction, {1}))));
    TRY(kSetName.run(transaction, {std::to_string(value + 1)}));
    return {};
  };
  std::atomic<int> succeeded = 0;
  {
    std::vector<std::jthread> people;
    for (int person = 0; person < 4; ++person)
      people.emplace_back([&] {
        for (int i = 0; i < 20; ++i)
          if (store->write(increment).ok()) ++succeeded;
      });
  }
  auto const value = require(read_value(*store, [](Connection& connection) -> Result<std::string> {
    return std::get<0>(*TRY(kNameOfThing.first(connection, {1})));
  }));
  CHECK(value == std::to_string(succeeded));
  CHECK(succeeded > 60);  // conflicts are tried again, so few if any give up
}

TEST_CASE("a lock tells whether its row is there") {
  auto const database = either_engine();
  auto const store = database->open(things());
  require(store->write(adding(1, "one")));
  require(store->write([](Transaction& transaction) -> Done {
    CHECK(TRY(transaction.lock("things", "id", 1)));
    CHECK_FALSE(TRY(transaction.lock("things", "id", 2)));
    return {};
  }));
}

TEST_CASE("every accepted command is answered once, also when the store closes") {
  auto const database = either_engine();
  auto store = database->open(things());
  std::atomic<int> answers = 0;
  auto* const closing = store.get();
  for (int id = 1; id <= 200; ++id)
    store->submit(
        adding(id, std::to_string(id)),
        [&answers, closing](Done done) {
          answers += done.ok() && count_things(*closing) > 0 ? 1 : 1'000;  // an answer may read
        },
        id % 2 == 0 ? Priority::bulk : Priority::command);
  store.reset();
  CHECK(answers == 200);
  CHECK(count_things(*database->open(things())) == 200);
}

TEST_CASE("rows are handed over one by one in constant memory") {
  auto const database = either_engine();
  auto const store = database->open(things());
  // 60,000 rows of about 1 KB
  Statement<std::tuple<>, std::tuple<std::int64_t, std::string>> const kMuch{
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
      " SELECT i, replace('xxxxxxxxxx', 'x', '0123456789012345678901234567890123456789012345678901234567890123456789"
      "012345678901234567890123456789') FROM n"};
  auto const memory = [] {
    std::int64_t pages = 0;
    std::int64_t resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    return resident * 4'096;
  };
  auto const before = memory();
  std::int64_t highest = before;
  std::int64_t rows = 0;
  std::size_t characters = 0;
  require(store->read([&](Connection& connection) {
    return kMuch.each(connection, {}, [&](auto const& row) {
      characters += std::get<1>(row).size();
      if (++rows % 10'000 == 0) highest = std::max(highest, memory());
    });
  }));
  CHECK(rows == 60'000);
  CHECK(characters == 60'000'000);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep freed memory for a while
  CHECK(highest - before < 20'000'000);
#endif
}

TEST_CASE("a database that is not there or not named is an error") {
  CHECK(Store::open({.url = "mysql://x"}).error().kind == ErrorKind::invalid);
  CHECK(Store::open({.url = "sqlite:"}).error().kind == ErrorKind::invalid);
  CHECK(Store::open({.url = "sqlite:/no/such/directory/courant.db"}).error().kind == ErrorKind::unavailable);
  auto const away = Store::open({.url = "postgresql://courant:hunter2@127.0.0.1:1/x"});
  CHECK(away.error().kind == ErrorKind::unavailable);
  CHECK(describe(away.error()).find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace courant::store
