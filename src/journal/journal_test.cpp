#include "journal/journal.hpp"

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "base/log.hpp"
#include "journal/journal_fixture.hpp"
#include "journal/sql.hpp"
#include "journal/testing.hpp"
#include "store/testing.hpp"

extern char** environ;

using namespace courant;
using namespace courant::journal;
using namespace courant::journal::fixture;
using store::testing::either_engine;
using store::testing::require;

namespace {

constexpr Duration kLong = 20s;  // longer than anything takes; a test that waits so long has failed

/// These tests are full of failures that are meant.
void log_nothing() {
  [[maybe_unused]] static bool const once = (log::set_up(log::Level::off, log::Style::plain), true);
}

/// What happens on other threads, told in order to the test's thread.
template <class T>
class Seen {
 public:
  void add(T value) {
    {
      std::scoped_lock lock(mutex_);
      all_.push_back(std::move(value));
    }
    more_.notify_all();
  }
  /// Waits until there are `count`; what there is when that takes too long.
  std::vector<T> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    more_.wait_for(lock, kLong, [&] { return all_.size() >= count; });
    return all_;
  }
  std::vector<T> now() { return first(0); }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<T> all_;
};

/// One machine: a store of its own on the database, and a journal whose events `seen` are remembered.
struct Node {
  Node(store::testing::Database const& database, Clock const& clock, std::uint16_t number = 0)
      : store(database.open(steps())),
        clock(clock),
        ids(clock, number),
        journal(require(Journal::open(*store, clock, {.node = number}))) {
    log_nothing();
  }
  ~Node() { journal.reset(); }

  void follow(Position loaded = 0) {
    journal->follow("seen", loaded, [this](Event const& event) { seen.add(event); });
  }
  EventId record(int64_t subject = 1) { return require(record_one(*store, ids, clock, subject)); }
  void record_many(int count) {
    for (int done = 0; done < count; done += 100)
      require(store->write([&](store::Transaction& transaction) -> Done {
        for (int i = 0; i < std::min(100, count - done); ++i)
          TRY(journal::record(transaction, ids, clock, {.kind = "fixture.happened", .subject = i}));
        return {};
      }));
  }
  /// How many effects there are, their first and their last place.
  std::tuple<int64_t, int64_t, int64_t> effects() {
    return *require(store::read_value(*store, [](store::Connection& c) { return kEffects.first(c, {}); }));
  }
  ConsumerStats stats(std::string const& name) {
    for (auto const& stats : journal->stats())
      if (stats.name == name) return stats;
    FAIL("no consumer " << name);
    return {};
  }
  sql::Lease lease() {
    return require(store::read_value(*store, [](store::Connection& c) { return sql::lease(c); }));
  }
  Position head() {
    return require(store::read_value(*store, [](store::Connection& c) { return journal::head(c); }));
  }

  std::unique_ptr<store::Store> store;
  Clock const& clock;
  IdSource ids;
  Seen<Event> seen;
  std::unique_ptr<Journal> journal;
};

std::vector<Position> positions(std::vector<Event> const& events) {
  std::vector<Position> all;
  for (auto const& event : events) all.push_back(event.position);
  return all;
}

std::vector<Position> count_from_one(std::size_t count) {
  std::vector<Position> all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = static_cast<Position>(i + 1);
  return all;
}

/// For what can only be looked at: looks again until it holds.
bool eventually(std::function<bool()> const& holds) {
  auto const until = std::chrono::steady_clock::now() + kLong;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Waits for the effects of a consumer by looking again whenever a batch has been applied.
struct Effects {
  Seen<Position> batches;
  void consume(Node& node, std::string const& name = "effects") {
    node.journal->consume(name, [this](store::Transaction& transaction, std::span<Event const> events) -> Done {
      TRY(write_effects(transaction, events));
      transaction.after_commit([this, last = events.back().position] { batches.add(last); });
      return {};
    });
  }
  void wait_for(Position last) {
    for (std::size_t count = 1;; ++count) {
      auto const all = batches.first(count);
      REQUIRE_MESSAGE(all.size() >= count, "the consumer has not come to position " << last);
      if (all.back() >= last) return;
    }
  }
};

}  // namespace

TEST_CASE("eight writers at once: every event once, in one order, without gaps, also where writers fail") {
  auto const database = either_engine();
  SystemClock const clock;
  Effects effects;
  std::set<EventId> ids;
  Node node(*database, clock);
  node.follow();
  effects.consume(node);
  require(node.journal->start());

  constexpr int kEach = 100;
  std::atomic<int> recorded{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < 8; ++w)
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        bool const fails = i % 10 == 3;
        auto const done = node.store->write([&](store::Transaction& transaction) -> Done {
          TRY(journal::record(transaction, node.ids, clock, {.kind = "fixture.happened", .subject = w, .version = i}));
          if (fails) return conflict("fixture.refused");
          return {};
        });
        if (done.ok()) ++recorded;
      }
    });
  for (auto& writer : writers) writer.join();

  REQUIRE(recorded == 8 * kEach * 9 / 10);
  auto const count = static_cast<std::size_t>(recorded);
  auto const seen = node.seen.first(count);
  CHECK(positions(seen) == count_from_one(count));
  std::map<int64_t, int64_t> last_of_writer;
  for (auto const& event : seen) {
    ids.insert(event.id);
    auto const before = std::exchange(last_of_writer[event.subject], event.version);
    CHECK_MESSAGE(before <= event.version, "writer " << event.subject << " is out of order");
  }
  CHECK(ids.size() == count);
  effects.wait_for(recorded);
  CHECK(node.effects() == std::tuple<int64_t, int64_t, int64_t>(recorded, 1, recorded));
  CHECK(node.stats("seen").lag == 0);
  CHECK(node.stats("effects").errors == 0);
}

TEST_CASE("an event comes back as it was recorded") {
  auto const database = either_engine();
  ManualClock clock(Time{1'800'000'000'000'000});
  Node node(*database, clock, 5);
  node.follow();
  require(node.journal->start());
  Event const given{
      .kind = "fixture.happened", .subject = -5, .version = 7, .actor = 9, .numbers = {1, -2, 3, INT64_MAX}};
  auto const id = require(store::write_value(
      *node.store, [&](store::Transaction& t) { return journal::record(t, node.ids, clock, given); }));
  require(node.journal->wait_applied(id, kLong));
  auto const event = node.seen.first(1).front();
  CHECK(event.id == id);
  CHECK(event.position == 1);
  CHECK(event.kind == given.kind);
  CHECK(event.subject == given.subject);
  CHECK(event.version == given.version);
  CHECK(event.actor == given.actor);
  CHECK(event.numbers == given.numbers);
  CHECK(event.at == clock.now());
}

TEST_CASE("wait_applied knows the new, the old, the late and the never recorded") {
  auto const database = either_engine();
  SystemClock const clock;
  std::atomic<bool> hold{false};
  Seen<int> held;
  std::mutex gate;
  Node node(*database, clock);
  node.journal->follow("seen", 0, [&](Event const& event) {
    if (hold) held.add(1);
    std::scoped_lock wait(gate);
    node.seen.add(event);
  });
  require(node.journal->start());

  auto const first = node.record();
  require(node.journal->wait_applied(first, kLong));
  CHECK(node.seen.now().back().id == first);
  require(node.journal->wait_applied(first, Duration(0)));  // a second time, and without patience
  require(node.journal->wait_applied(Position{1}, Duration(0)));

  node.record_many(2'000);  // more than are remembered
  require(node.journal->wait_applied(Position{2'001}, kLong));
  require(node.journal->wait_applied(first, kLong));

  CHECK(node.journal->wait_applied(EventId{12345}, 1ms).error().kind == ErrorKind::missing);

  std::unique_lock closed(gate);
  hold = true;
  auto const late = node.record();
  held.first(1);
  CHECK(node.journal->wait_applied(late, 1ms).error().kind == ErrorKind::unavailable);
  CHECK(node.journal->wait_applied(Position{2'002}, 1ms).error().kind == ErrorKind::unavailable);
  CHECK(node.stats("seen").lag == 1);
  closed.unlock();
  require(node.journal->wait_applied(late, kLong));
  CHECK(node.journal->applied() == 2'002);
}

TEST_CASE("many wait at once, each for its own event") {
  auto const database = either_engine();
  SystemClock const clock;
  std::mutex mutex;
  std::set<EventId> applied;
  Node node(*database, clock);
  node.journal->follow("set", 0, [&](Event const& event) {
    std::scoped_lock lock(mutex);
    applied.insert(event.id);
  });
  require(node.journal->start());
  std::atomic<int> wrong{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < 8; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        auto const event = record_one(*node.store, node.ids, clock);
        bool const there = event.ok() && node.journal->wait_applied(*event, kLong).ok();
        std::scoped_lock lock(mutex);
        if (!there || !applied.contains(*event)) ++wrong;
      }
    });
  for (auto& writer : writers) writer.join();
  CHECK(wrong == 0);
}

TEST_CASE("a projection that has loaded gets only what came after") {
  auto const database = either_engine();
  SystemClock const clock;
  Seen<Event> early;
  Node node(*database, clock);
  require(node.journal->start());
  node.record_many(10);
  require(node.journal->wait_applied(Position{10}, kLong));
  node.journal->stop();

  node.journal = require(Journal::open(*node.store, clock, {}));
  node.follow(7);
  node.journal->follow("early", 2, [&](Event const& event) { early.add(event); });
  require(node.journal->start());
  node.record();
  auto const late = node.seen.first(4);
  CHECK(positions(late) == std::vector<Position>{8, 9, 10, 11});
  CHECK(early.first(9).front().position == 3);
}

TEST_CASE("a projection that throws is passed over, loudly, and the others go on") {
  auto const database = either_engine();
  SystemClock const clock;
  Node node(*database, clock);
  node.follow();
  node.journal->follow("clumsy", 0, [](Event const& event) {
    if (event.position == 2) throw std::runtime_error("a mistake");
  });
  require(node.journal->start());
  for (int i = 0; i < 3; ++i) require(node.journal->wait_applied(node.record(), kLong));
  CHECK(node.seen.now().size() == 3);
  CHECK(node.stats("seen").healthy);
  CHECK_FALSE(node.stats("clumsy").healthy);
  CHECK(node.stats("clumsy").errors == 1);
  CHECK(node.stats("clumsy").position == 3);
}

TEST_CASE("a projection that cannot reach its rows gets the same event again, and nothing overtakes it") {
  auto const database = either_engine();
  ManualClock clock(Time{1'800'000'000'000'000});
  Seen<Position> tried;
  std::atomic<bool> away{true};
  Node node(*database, clock);
  node.journal->follow_with_rows("rows", 0, [&](Event const& event) -> Done {
    tried.add(event.position);
    if (away) return unavailable("the database is away");
    return {};
  });
  node.follow();
  require(node.journal->start());
  node.record();
  node.record();
  REQUIRE(eventually([&] { return node.stats("rows").errors == 1; }));
  node.journal->wake();  // the clock stands still, so nothing is tried
  clock.advance(1s);
  node.journal->wake();
  REQUIRE(eventually([&] { return node.stats("rows").errors == 2; }));
  CHECK(tried.now() == std::vector<Position>{1, 1});
  CHECK(node.seen.now().empty());
  CHECK(node.stats("rows").healthy);
  away = false;
  clock.advance(1min);
  node.journal->wake();
  CHECK(node.seen.first(2).size() == 2);
  CHECK(tried.now() == std::vector<Position>{1, 1, 1, 2});
  CHECK(node.stats("rows").errors == 2);
}

TEST_CASE("a projection from which events were pruned says that it is not to be trusted") {
  auto const database = either_engine();
  SystemClock const clock;
  Node node(*database, clock);
  require(node.journal->start());
  node.record_many(10);
  require(node.journal->wait_applied(Position{10}, kLong));
  CHECK(require(node.journal->prune(Duration(-1s))) == 9);
  node.journal->stop();

  node.journal = require(Journal::open(*node.store, clock, {}));
  node.follow(4);
  require(node.journal->start());
  CHECK(node.seen.first(1).front().position == 10);
  CHECK_FALSE(node.stats("seen").healthy);
}

TEST_CASE("a consumer that was stopped for an hour catches up without gaps or doubles") {
  auto const database = either_engine();
  ManualClock clock(Time{1'800'000'000'000'000});
  Effects effects;
  Node node(*database, clock);
  effects.consume(node);
  require(node.journal->start());
  node.record_many(150);
  effects.wait_for(150);
  node.journal->stop();
  clock.advance(1h);
  node.record_many(2'500);

  node.journal = require(Journal::open(*node.store, clock, {}));
  effects.consume(node);
  require(node.journal->start());
  node.record_many(3);
  effects.wait_for(2'653);
  CHECK(node.effects() == std::tuple<int64_t, int64_t, int64_t>(2'653, 1, 2'653));
  CHECK(eventually([&] { return node.stats("effects").position == 2'653; }));
  CHECK(node.stats("effects").errors == 0);
}

TEST_CASE("a consumer whose process dies in the middle of a batch goes on from its cursor, effects exactly once") {
  auto const database = either_engine();
  SystemClock const clock;
  {
    Node node(*database, clock);
    require(node.journal->start());  // so that on PostgreSQL somebody numbers
    node.record_many(450);
    testing::wait_numbered(*node.store, *node.journal);
    node.journal->stop();
  }
  auto program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "journal_test_program").string();
  for (std::string place : {"1", "150", "420"}) {
    std::string url = database->url();
    char* arguments[] = {program.data(), url.data(), place.data(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 9);
  }
  Effects effects;
  Node node(*database, clock);
  auto const [before, first, last] = node.effects();
  CHECK(before == 400);  // whole batches, and nothing of the one in which it died
  effects.consume(node);
  require(node.journal->start());
  effects.wait_for(450);
  CHECK(node.effects() == std::tuple<int64_t, int64_t, int64_t>(450, 1, 450));
}

TEST_CASE("a failing consumer waits longer each time, and neither writers nor other consumers notice") {
  auto const database = either_engine();
  ManualClock clock(Time{1'800'000'000'000'000});
  Effects effects;
  Seen<std::size_t> tries;  // how many events each time
  Seen<Position> passed;
  std::atomic<bool> broken_down{true};
  Node node(*database, clock);
  effects.consume(node);
  node.follow();
  node.journal->consume("lame", [&](store::Transaction& transaction, std::span<Event const> events) -> Done {
    bool const fails = broken_down && events.back().position >= 3;
    tries.add(events.size());
    if (fails && events.size() > 1) throw std::runtime_error("a mistake");
    if (fails) return unavailable("the other machine does not answer");
    transaction.after_commit([&passed, last = events.back().position] { passed.add(last); });
    return {};
  });
  node.record_many(5);
  require(node.journal->start());
  effects.wait_for(5);
  REQUIRE(eventually([&] { return node.stats("lame").errors == 1; }));
  CHECK(tries.now() == std::vector<std::size_t>{5});
  CHECK(passed.now().empty());
  require(node.journal->wait_applied(node.record(), kLong));

  clock.advance(2s);
  node.journal->wake();
  CHECK(passed.first(2) == std::vector<Position>{1, 2});  // those before the one that fails get through
  REQUIRE(eventually([&] { return node.stats("lame").errors == 2; }));
  auto const so_far = tries.now().size();
  node.journal->wake();
  require(node.journal->wait_applied(node.record(), kLong));
  CHECK(tries.now().size() == so_far);  // the clock stands still, so nothing is tried
  CHECK(node.stats("lame").lag == 5);
  CHECK(node.stats("lame").healthy);

  broken_down = false;
  clock.advance(10min);
  node.journal->wake();
  effects.wait_for(7);
  CHECK(eventually([&] { return node.stats("lame").position == 7; }));
  CHECK(node.effects() == std::tuple<int64_t, int64_t, int64_t>(7, 1, 7));
}

TEST_CASE("prune keeps what a consumer still needs, what is young, and the newest") {
  auto const database = either_engine();
  ManualClock clock(Time{1'800'000'000'000'000});
  std::atomic<bool> stuck{true};
  Seen<Position> passed;
  Node node(*database, clock);
  node.journal->consume("slow", [&](store::Transaction& transaction, std::span<Event const> events) -> Done {
    if (stuck && events.back().position > 20) return unavailable("stuck");
    transaction.after_commit([&passed, last = events.back().position] { passed.add(last); });
    return {};
  });
  require(node.journal->start());
  node.record_many(20);
  passed.first(1);
  clock.advance(1h);
  node.record_many(20);
  require(node.journal->wait_applied(Position{40}, kLong));

  REQUIRE(eventually([&] { return node.stats("slow").errors == 1; }));
  CHECK(require(node.journal->prune(2h)) == 0);
  CHECK(require(node.journal->prune(30min)) == 20);
  CHECK(require(node.journal->prune(Duration(-1s))) == 0);  // the cursor stands at 20
  stuck = false;
  clock.advance(10min);
  node.journal->wake();
  REQUIRE(eventually([&] { return node.stats("slow").position == 40; }));
  CHECK(require(node.journal->prune(Duration(-1s))) == 19);
  CHECK(node.head() == 40);
  require(node.journal->wait_applied(node.record(), kLong));
  CHECK(node.head() == 41);  // no number comes twice
}

TEST_CASE("a rolled-back write on SQLite takes its number with it, also in a group") {
  auto const database = store::testing::sqlite();
  SystemClock const clock;
  Seen<int> done;
  Node node(*database, clock);
  for (int i = 0; i < 100; ++i)
    node.store->submit(
        [&, i](store::Transaction& transaction) -> Done {
          TRY(journal::record(transaction, node.ids, clock, {.kind = "fixture.happened", .subject = i}));
          if (i % 3 == 0) return conflict("fixture.refused");
          return {};
        },
        [&](Done) { done.add(1); });
  REQUIRE(done.first(100).size() == 100);
  node.follow();
  require(node.journal->start());
  CHECK(positions(node.seen.first(66)) == count_from_one(66));
}

TEST_CASE("an event with a smaller id that is committed later is numbered later, and never lost") {
  auto const database = store::testing::postgresql();
  SystemClock const clock;
  Node node(*database, clock);
  node.follow();
  require(node.journal->start());
  EventId early;
  EventId late;
  require(node.store->write([&](store::Transaction& transaction) -> Done {
    early = TRY(journal::record(transaction, node.ids, clock, {.kind = "fixture.early"}));
    if (!late)
      std::thread([&] {
        late = node.record();
        require(node.journal->wait_applied(late, kLong));
      }).join();
    return {};
  }));
  require(node.journal->wait_applied(early, kLong));
  auto const seen = node.seen.first(2);
  CHECK(early < late);
  CHECK(seen[0].id == late);
  CHECK(seen[1].id == early);
  CHECK(positions(seen) == count_from_one(2));
}

TEST_CASE("two nodes on one database see one order, and one of them numbers") {
  auto const database = store::testing::postgresql();
  SystemClock const clock;
  Effects effects_a;
  Effects effects_b;
  Node a(*database, clock, 1);
  Node b(*database, clock, 2);
  for (auto* node : {&a, &b}) node->follow();
  effects_a.consume(a);  // one consumer, which either node may serve
  effects_b.consume(b);
  require(a.journal->start());
  require(b.journal->start());
  constexpr int kEach = 150;
  std::thread writer([&] {
    for (int i = 0; i < kEach; ++i) a.record(1);
  });
  for (int i = 0; i < kEach; ++i) b.record(2);
  writer.join();

  auto const seen_a = a.seen.first(2 * kEach);
  auto const seen_b = b.seen.first(2 * kEach);
  CHECK(positions(seen_a) == count_from_one(2 * kEach));
  REQUIRE(seen_b.size() == seen_a.size());
  for (std::size_t i = 0; i < seen_a.size(); ++i) CHECK(seen_a[i].id == seen_b[i].id);
  CHECK(a.lease().epoch == 1);
  require(a.journal->wait_applied(b.record(), kLong));  // and each reads what the other has written

  constexpr int64_t kAll = 2 * kEach + 1;
  REQUIRE(eventually([&] { return std::get<0>(a.effects()) == kAll; }));
  CHECK(a.effects() == std::tuple<int64_t, int64_t, int64_t>(kAll, 1, kAll));
}

TEST_CASE("when the numbering node falls silent another takes over after the lease, and not before") {
  auto const database = store::testing::postgresql();
  ManualClock clock(Time{1'800'000'000'000'000});
  auto silent = std::make_unique<Node>(*database, clock, 1);
  require(silent->journal->start());
  require(silent->journal->wait_applied(silent->record(), kLong));
  CHECK(silent->lease().node == 1);
  silent.reset();  // without stop(): the lease is not given back

  Node next(*database, clock, 2);
  next.follow();
  require(next.journal->start());
  auto const event = next.record();
  CHECK(next.journal->wait_applied(event, 30ms).error().kind == ErrorKind::unavailable);
  clock.advance(1900ms);
  next.journal->wake();
  CHECK(next.journal->wait_applied(event, 30ms).error().kind == ErrorKind::unavailable);
  clock.advance(200ms);
  clock.advance(500ms);
  next.journal->wake();
  require(next.journal->wait_applied(event, kLong));
  CHECK(next.lease().node == 2);
  CHECK(next.lease().epoch == 2);
  CHECK(positions(next.seen.first(2)) == count_from_one(2));
}

TEST_CASE("a node that stops in order hands the numbering over at once") {
  auto const database = store::testing::postgresql();
  ManualClock clock(Time{1'800'000'000'000'000});
  Node first(*database, clock, 1);
  require(first.journal->start());
  require(first.journal->wait_applied(first.record(), kLong));
  first.journal->stop();
  Node second(*database, clock, 2);
  require(second.journal->start());
  require(second.journal->wait_applied(second.record(), kLong));
  CHECK(second.lease().node == 2);
}

TEST_CASE("a node that was asleep past its lease numbers nothing, though its own clock has not noticed") {
  auto const database = store::testing::postgresql();
  ManualClock slow(Time{1'800'000'000'000'000});
  ManualClock right(slow.now());
  Node sleeper(*database, slow, 1);
  sleeper.follow();
  require(sleeper.journal->start());
  require(sleeper.journal->wait_applied(sleeper.record(), kLong));
  right.advance(1h);
  Node awake(*database, right, 2);
  require(awake.journal->start());
  REQUIRE(eventually([&] { return awake.lease().epoch == 2; }));  // takes over, though the sleeper lives
  require(awake.journal->wait_applied(awake.record(), kLong));
  for (int i = 0; i < 50; ++i) {
    sleeper.record();
    require(awake.journal->wait_applied(awake.record(), kLong));
  }
  CHECK(awake.lease().epoch == 2);
  CHECK(awake.lease().node == 2);
  CHECK(positions(sleeper.seen.first(102)) == count_from_one(102));
}

namespace {

/// A small projection: what each thing is worth, with the version that said so.
struct Things {
  std::map<int64_t, std::pair<int64_t, int64_t>> known;  // id -> version, value

  static Result<Things> load(store::Connection& connection) {
    static Statement<std::tuple<>, std::tuple<int64_t, int64_t, int64_t>> const kAll{
        "SELECT id, version, value FROM things ORDER BY id"};
    Things things;
    for (auto const& [id, version, value] : TRY(kAll.all(connection, {}))) things.known[id] = {version, value};
    return things;
  }
  void apply(Event const& event) {
    auto& thing = known[event.subject];
    if (thing.first < event.version) thing = {event.version, event.numbers[0]};
  }
  [[nodiscard]] std::string show() const {
    std::string text;
    for (auto const& [id, thing] : known) text += fmt::format("{}:{}@{} ", id, thing.second, thing.first);
    return text;
  }
};

Done change(Node& node, int64_t id, int64_t value) {
  static Statement<std::tuple<int64_t, int64_t>, std::tuple<int64_t>> const kChange{
      "INSERT INTO things (id, value, version) VALUES (:id, :value, 1) "
      "ON CONFLICT (id) DO UPDATE SET value = excluded.value, version = things.version + 1 RETURNING version"};
  return node.store->write([&](store::Transaction& transaction) -> Done {
    auto const version = std::get<0>(*TRY(kChange.first(transaction, {id, value})));
    TRY(record(transaction, node.ids, node.clock,
               {.kind = "things.changed", .subject = id, .version = version, .numbers = {value}}));
    return {};
  });
}

}  // namespace

TEST_CASE("a loaded projection equals a followed one") {
  auto const database = either_engine();
  SystemClock const clock;
  Node node(*database, clock);
  std::vector<std::function<void()>> changes;
  for (int i = 0; i < 12; ++i) changes.emplace_back([&node, i] { require(change(node, i % 5, i * 100)); });
  testing::check_loaded_equals_followed<Things>(
      *node.store, clock, &Things::load, [](Things& things, Event const& event) { things.apply(event); },
      [](Things const& things) { return things.show(); }, changes);
}

TEST_CASE("a projection that loads while others write ends like one that followed from the beginning") {
  auto const database = either_engine();
  SystemClock const clock;
  Things things;
  Node node(*database, clock);
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w)
    writers.emplace_back([&node, w] {
      for (int i = 0; i < 50; ++i)
        while (!change(node, (w + i) % 3, w * 1'000 + i).ok()) {
        }
    });
  Position loaded = 0;
  require(node.store->snapshot([&](store::Connection& connection) -> Done {
    loaded = TRY(head(connection));
    things = TRY(Things::load(connection));
    return {};
  }));
  node.journal->follow("things", loaded, [&](Event const& event) { things.apply(event); });
  require(node.journal->start());
  for (auto& writer : writers) writer.join();
  testing::wait_numbered(*node.store, *node.journal);
  require(node.journal->wait_applied(Position{200}, kLong));
  node.journal->stop();
  auto const wanted = require(store::read_value(*node.store, &Things::load));
  CHECK(things.show() == wanted.show());
}

TEST_CASE("the journal stops and goes again without losing its place") {
  auto const database = either_engine();
  SystemClock const clock;
  Node node(*database, clock);
  node.follow();
  for (int round = 1; round <= 3; ++round) {
    require(node.journal->start());
    require(node.journal->wait_applied(node.record(), kLong));
    node.journal->stop();
    node.journal->stop();
  }
  CHECK(positions(node.seen.now()) == count_from_one(3));
}
