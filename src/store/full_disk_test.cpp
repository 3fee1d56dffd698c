// A full or failing disk: nobody is told "done" wrongly, reading goes on, and it heals.
#include <latch>
#include <semaphore>

#include "store/testing_disk.hpp"
#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

constexpr int kGroup = 8;
Statement<std::tuple<std::int64_t, std::string>> const kAddSecret{"INSERT INTO secrets (id, secret) VALUES (:id, :s)"};
Statement<std::tuple<>, std::tuple<std::string>> const kCheck{"PRAGMA integrity_check"};

/// Two statements, the second of which needs new pages.
auto large_command(std::int64_t id) {
  return [id](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {id, std::to_string(id)}));
    TRY(kAddSecret.run(transaction, {id, std::string(9'000, 'x')}));
    return {};
  };
}

/// Sends eight commands that wait for one group; the disk is told to fail when all of them wait. Returns how they were
/// answered.
std::array<std::optional<Error>, kGroup + 1> send_group(Store& store, std::function<void()> const& before_it_runs) {
  std::array<std::optional<Error>, kGroup + 1> errors;
  std::latch held(1);
  std::latch answered(kGroup + 1);
  std::binary_semaphore go_on(0);
  store.submit(
      [&](Transaction&) -> Done {
        held.count_down();
        go_on.acquire();
        return {};
      },
      [&](Done) { answered.count_down(); });
  held.wait();
  for (std::size_t id = 1; id <= kGroup; ++id)
    store.submit(large_command(static_cast<std::int64_t>(id)), [&, id](Done done) {
      if (!done.ok()) errors[id] = done.error();
      answered.count_down();
    });
  before_it_runs();
  go_on.release();
  answered.wait();
  return errors;
}

struct Outcome {
  int kept = 0;
  int refused = 0;
};

/// Everybody was told the truth: what was acknowledged is there, whole, and what was refused is not.
Outcome compare(Store& store, std::array<std::optional<Error>, kGroup + 1> const& errors) {
  Outcome outcome;
  Statement<std::tuple<std::int64_t>, std::tuple<std::int64_t, std::int64_t>> const kThere{
      "SELECT (SELECT COUNT(*) FROM things WHERE id = :id), (SELECT COUNT(*) FROM secrets WHERE id = :id)"};
  require(store.read([&](Connection& connection) -> Done {
    CHECK(std::get<0>(*TRY(kCheck.first(connection, {}))) == "ok");
    for (int id = 1; id <= kGroup; ++id) {
      auto const& error = errors[static_cast<std::size_t>(id)];
      CAPTURE(id);
      auto const there = static_cast<std::int64_t>(error ? 0 : 1);
      CHECK(*TRY(kThere.first(connection, {id})) == std::tuple(there, there));
      if (error) CHECK(error->kind == ErrorKind::unavailable);
      ++(error ? outcome.refused : outcome.kept);
    }
    return {};
  }));
  return outcome;
}

Options on(Disk const& disk) {
  return {.url = "sqlite:/courant.db", .readers = 1, .group_window = 20ms, .sqlite_vfs = disk.name()};
}

void make_base(Disk const& disk) {
  auto const store = require(Store::open(on(disk)));
  require(store->migrate(things()));
  require(store->write(adding(0, "zero")));
}

/// Lets a group of eight run while the disk fails from its nth change on, for each n until none fails.
void fail_at_each_change(Disk::Failure failure, int times) {
  Disk base;
  make_base(base);
  Outcome all;
  bool failed = true;
  for (int change = 1; failed; ++change) {
    CAPTURE(change);
    REQUIRE(change < 500);
    Disk disk;
    disk.copy_from(base);
    auto store = require(Store::open(on(disk)));
    CHECK(count_things(*store) == 1);  // opens the reader
    auto const errors = send_group(*store, [&] { disk.fail_at(change, failure, times); });
    failed = disk.has_failed();

    auto const now = compare(*store, errors);  // reading goes on
    all.kept += now.kept;
    all.refused += now.refused;
    if (failed && times > 100) CHECK(store->write(adding(99, "still ill")).error().kind == ErrorKind::unavailable);

    disk.heal();
    require(store->write(adding(100, "healed")));
    compare(*store, errors);
    disk.cut_power();
    store.reset();
    Disk::Random random(static_cast<std::uint64_t>(change));
    disk.power_on(random);
    store = require(Store::open(on(disk)));
    compare(*store, errors);
    CHECK(count_things(*store) == now.kept + 2);
  }
  CHECK(all.kept > 0);
  CHECK(all.refused > 0);
}

TEST_CASE("a disk that is full from any write of a group on tells nobody done wrongly, is read, and heals") {
  fail_at_each_change(Disk::Failure::full, 1'000'000);
}

TEST_CASE("so with one write that finds no space") { fail_at_each_change(Disk::Failure::full, 1); }

TEST_CASE("so with I/O errors") { fail_at_each_change(Disk::Failure::write, 1'000'000); }

TEST_CASE("so with syncs that fail") { fail_at_each_change(Disk::Failure::sync, 1'000'000); }

TEST_CASE("a commit whose sync failed does not come back from the dead after a power cut") {
  Disk base;
  make_base(base);
  for (int change = 1; change < 40; ++change) {
    CAPTURE(change);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      Disk disk;
      disk.copy_from(base);
      auto store = require(Store::open(on(disk)));
      auto const errors = send_group(*store, [&] { disk.fail_at(change, Disk::Failure::sync, 1); });
      disk.cut_power();  // at once: nobody has written since
      store.reset();
      Disk::Random random(static_cast<std::uint64_t>(change) * 100 + seed);
      disk.power_on(random);
      compare(*require(Store::open(on(disk))), errors);
    }
  }
}

TEST_CASE("a database that may not grow fails at each statement of a group in turn, and tells nobody done wrongly") {
  Disk base;
  make_base(base);
  auto const pages = [&] {
    auto const store = require(Store::open(on(base)));
    Statement<std::tuple<>, std::tuple<std::int64_t>> const kPages{"PRAGMA page_count"};
    return std::get<0>(
        *require(read_value(*store, [&](Connection& connection) { return kPages.first(connection, {}); })));
  }();
  Outcome last;
  int refused = 0;
  for (std::int64_t more = 0; more <= 40; ++more) {
    CAPTURE(more);
    Disk disk;
    disk.copy_from(base);
    auto options = on(disk);
    options.sqlite_max_pages = pages + more;
    std::array<std::optional<Error>, kGroup + 1> errors;
    {
      auto const store = require(Store::open(options));
      errors = send_group(*store, [] {});
      last = compare(*store, errors);
      refused += last.refused;
    }
    auto const store = require(Store::open(on(disk)));  // space is back
    compare(*store, errors);
    require(store->write(large_command(100)));
  }
  CHECK(refused > 20);
  CHECK(last.refused == 0);  // the last ones had room for all
}

}  // namespace
}  // namespace courant::store
