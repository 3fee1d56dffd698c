// A power cut at any moment loses nothing that was acknowledged and leaves nothing half done.
#include <atomic>
#include <latch>

#include "store/testing_disk.hpp"
#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

constexpr int kCommands = 24;

Options on(Disk const& disk) {
  // Small enough for every run to see several groups, checkpoints and a WAL that is emptied and begun anew.
  return {.url = "sqlite:/courant.db",
          .readers = 1,
          .group_window = 200us,
          .group_size = 5,
          .sqlite_vfs = disk.name(),
          .sqlite_checkpoint_pages = 6,
          .sqlite_wal_limit = 80'000};
}

Statement<std::tuple<std::int64_t, std::string>> const kAddSecret{"INSERT INTO secrets (id, secret) VALUES (:id, :s)"};
Statement<std::tuple<std::int64_t>> const kTouch{"UPDATE things SET score = :id WHERE id = 0"};

/// A thing, as many parts as its id says, and a text that may need several pages.
auto whole_command(int id, std::size_t size) {
  return [id, size](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {id, std::to_string(id)}));
    for (int part = 0; part < id % 3; ++part) TRY(kAddPart.run(transaction, {id, part}));
    TRY(kAddSecret.run(transaction, {id, std::string(size, static_cast<char>('a' + id % 26))}));
    TRY(kTouch.run(transaction, {id}));
    if (id % 7 == 6) return forbidden();  // some decline, and must leave nothing
    return {};
  };
}

struct Workload {
  std::array<bool, kCommands + 1> acknowledged{};
  std::array<std::size_t, kCommands + 1> sizes{};

  void run(Store& store, Disk::Random& random) {
    std::latch answered(kCommands);
    for (int id = 1; id <= kCommands; ++id) {
      auto const place = static_cast<std::size_t>(id);
      sizes[place] = random() % 10 == 0 ? random() % 20'000 : random() % 600;
      store.submit(
          whole_command(id, sizes[place]),
          [&, place](Done done) {
            acknowledged[place] = done.ok();
            answered.count_down();
          },
          random() % 3 == 0 ? Priority::bulk : Priority::command);
    }
    answered.wait();
  }
};

/// What is wrong with the database after the power came back; empty when all is well.
std::string fault_of(Store& store, Workload const& workload) {
  Statement<std::tuple<>, std::tuple<std::string>> const kCheck{"PRAGMA integrity_check"};
  Statement<std::tuple<>, std::tuple<std::int64_t, std::int64_t, std::optional<std::string>>> const kCommandsThere{
      "SELECT t.id, (SELECT COUNT(*) FROM parts p WHERE p.thing_id = t.id), s.secret"
      " FROM things t LEFT JOIN secrets s ON s.id = t.id WHERE t.id > 0"};
  std::string fault;
  auto const read = store.read([&](Connection& connection) -> Done {
    if (auto const told = std::get<0>(*TRY(kCheck.first(connection, {}))); told != "ok") fault = told;
    std::set<int> there;
    for (auto const& [id, parts, text] : TRY(kCommandsThere.all(connection, {}))) {
      there.insert(static_cast<int>(id));
      auto const size = workload.sizes[static_cast<std::size_t>(id)];
      if (parts != id % 3 || text != std::string(size, static_cast<char>('a' + id % 26)))
        fault = fmt::format("command {} is there by half", id);
      if (id % 7 == 6) fault = fmt::format("command {} declined and is there", id);
    }
    for (int id = 1; id <= kCommands; ++id)
      if (workload.acknowledged[static_cast<std::size_t>(id)] && !there.contains(id))
        fault = fmt::format("command {} was acknowledged and is gone", id);
    return {};
  });
  return read.ok() ? fault : describe(read.error());
}

/// One life of a database: work, the power goes, the power comes back (perhaps to go again at once). Returns the fault.
std::string live_once(Disk const& base, std::uint64_t seed, bool disk_lies) {
  Disk::Random random(seed);
  Disk disk;
  disk.copy_from(base);
  if (disk_lies) disk.ignore_syncs();
  Workload workload;
  {
    auto const store = require(Store::open(on(disk)));
    disk.cut_power_at(1 + static_cast<std::int64_t>(random() % 120));
    workload.run(*store, random);
    disk.cut_power();
  }
  disk.power_on(random);
  if (random() % 3 == 0) {
    disk.cut_power_at(1 + static_cast<std::int64_t>(random() % 6));
    if (auto const store = Store::open(on(disk)); store.ok()) [[maybe_unused]]
      auto const done = (*store)->write(adding(1'000, "while it recovers"));
    disk.cut_power();
    disk.power_on(random);
  }
  auto const store = Store::open(on(disk));
  if (!store.ok()) return describe(store.error());
  Statement<std::tuple<>> const kForget{"DELETE FROM things WHERE id = 1000"};
  auto const goes_on = (*store)->write([&](Transaction& transaction) -> Done {
    TRY(kForget.run(transaction, {}));
    return {};
  });
  if (!goes_on.ok()) return describe(goes_on.error());
  return fault_of(**store, workload);
}

void make_base(Disk const& disk) {
  require(crypto::set_up());
  auto const store = require(Store::open(on(disk)));
  require(store->migrate(things()));
  require(store->write(adding(0, "zero")));
}

TEST_CASE("1,000 power cuts lose nothing that was acknowledged and leave nothing half done") {
  Disk base;
  make_base(base);
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    auto const fault = live_once(base, seed, false);
    REQUIRE_MESSAGE(fault.empty(), "seed ", seed, ": ", fault);
  }
}

TEST_CASE("the test of power cuts notices a disk that calls synced what it may lose") {
  Disk base;
  make_base(base);
  int faults = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed)
    if (!live_once(base, seed, true).empty()) ++faults;
  CHECK(faults > 10);
}

}  // namespace
}  // namespace courant::store
