// How commands share a commit on SQLite.
#include <latch>
#include <semaphore>

#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

/// Holds the writer in a command until it is let go, so that others have to queue.
class HeldWriter {
 public:
  explicit HeldWriter(Store& store) {
    store.submit(
        [this](Transaction&) -> Done {
          begun_.count_down();
          go_on_.acquire();
          return {};
        },
        [this](Done) { answered_.count_down(); });
    begun_.wait();
  }
  void let_go() {
    go_on_.release();
    answered_.wait();
  }

 private:
  std::latch begun_{1};
  std::latch answered_{1};
  std::binary_semaphore go_on_{0};
};

TEST_CASE("commands that wait together are committed together, and one that declines hurts nobody") {
  auto const database = sqlite();
  auto const store = database->open(things(), {.group_window = 10s});
  auto const before = store->stats();
  HeldWriter held(*store);
  std::latch answered(100);
  std::array<std::optional<ErrorKind>, 101> errors;
  for (int id = 1; id <= 100; ++id)
    store->submit(
        [id](Transaction& transaction) -> Done {
          TRY(kAddThing.run(transaction, {id, std::to_string(id % 10 == 0 ? 1 : id)}));
          return {};
        },
        [&, id](Done done) {
          if (!done.ok()) errors[static_cast<std::size_t>(id)] = done.error().kind;
          answered.count_down();
        });
  CHECK(store->stats().waiting == 100);
  held.let_go();
  answered.wait();
  for (int id = 1; id <= 100; ++id) {
    auto const expected = id % 10 == 0 ? std::optional(ErrorKind::conflict) : std::nullopt;
    CHECK(errors[static_cast<std::size_t>(id)] == expected);
  }
  CHECK(count_things(*store) == 90);
  auto const after = store->stats();
  CHECK(after.commits - before.commits == 1);
  CHECK(after.commands - before.commands == 91);
  CHECK(after.failed - before.failed == 10);
  CHECK(after.last_group == 91);
  CHECK(after.size_bytes > 0);
  CHECK(after.wal_bytes > 0);
}

TEST_CASE("a group ends at its size") {
  auto const database = sqlite();
  auto const store = database->open(things(), {.group_window = 10s, .group_size = 8});
  auto const before = store->stats().commits;
  HeldWriter held(*store);
  std::latch answered(31);
  for (int id = 1; id <= 31; ++id)
    store->submit(adding(id, std::to_string(id)), [&](Done done) {
      CHECK(done.ok());
      answered.count_down();
    });
  held.let_go();
  answered.wait();
  CHECK(store->stats().commits - before == 4);
  CHECK(store->stats().average_group >= 6);
}

TEST_CASE("imports give way to commands that wait") {
  auto const database = sqlite();
  auto const store = database->open(things());
  HeldWriter held(*store);
  std::vector<std::string> order;
  std::latch answered(6);
  auto const note = [&](std::string name, Priority priority) {
    store->submit(
        [&, name](Transaction&) -> Done {
          order.push_back(name);
          return {};
        },
        [&](Done) { answered.count_down(); }, priority);
  };
  for (auto const* name : {"import 1", "import 2", "import 3"}) note(name, Priority::bulk);
  for (auto const* name : {"command 1", "command 2", "command 3"}) note(name, Priority::command);
  held.let_go();
  answered.wait();
  CHECK(order == std::vector<std::string>{"command 1", "command 2", "command 3", "import 1", "import 2", "import 3"});
}

TEST_CASE("the WAL is moved into the database and emptied while people read and write") {
  auto const database = sqlite();
  auto const store = database->open(things(), {.sqlite_checkpoint_pages = 20, .sqlite_wal_limit = 400'000});
  Statement<std::tuple<std::int64_t, std::string>> const kAdd{"INSERT INTO secrets (id, secret) VALUES (:id, :secret)"};
  std::atomic<bool> stop = false;
  std::jthread const reader([&] {
    while (!stop) count_things(*store);
  });
  std::int64_t highest = 0;
  for (int id = 1; id <= 2'000; ++id) {  // about 10 MB through a WAL that is to stay below 0.4 MB
    require(store->write([&](Transaction& transaction) -> Done {
      TRY(kAdd.run(transaction, {id, std::string(5'000, 'x')}));
      return {};
    }));
    highest = std::max(highest, store->stats().wal_bytes);
  }
  stop = true;
  CHECK(highest < 2'000'000);
}

}  // namespace
}  // namespace courant::store
