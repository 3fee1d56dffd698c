#include "jobs/jobs.hpp"

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>

#include "base/log.hpp"
#include "store/testing.hpp"

extern char** environ;

using namespace courant;
using namespace courant::jobs;
using store::testing::either_engine;
using store::testing::require;

namespace {

constexpr Duration kLong = 20s;  // longer than anything takes; a test that waits so long has failed

/// These tests are full of failures that are meant.
void log_nothing() {
  [[maybe_unused]] static bool const once = (log::set_up(log::Level::off, log::Style::plain), true);
}

/// What workers did, told in order to the test's thread.
class Seen {
 public:
  void add(std::string what) {
    {
      std::scoped_lock lock(mutex_);
      all_.push_back(std::move(what));
    }
    more_.notify_all();
  }
  /// Waits until there are `count`; what there is when that takes too long.
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    more_.wait_for(lock, kLong, [&] { return all_.size() >= count; });
    return all_;
  }
  std::vector<std::string> now() { return first(0); }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::string> all_;
};

/// One machine with its workers and its queue.
struct Node {
  Node(store::testing::Database const& database, Clock const& clock, std::uint16_t number = 0)
      : store(database.open(migrations())),
        clock(clock),
        ids(clock, number),
        pool(4),
        jobs(require(Jobs::open(*store, clock, ids, pool))) {
    log_nothing();
  }
  ~Node() {
    jobs.reset();
    pool.stop();
  }

  Id<Job> enqueue(std::string_view kind, std::string_view payload, Time at) {
    return require(store::write_value(
        *store, [&](store::Transaction& transaction) { return jobs->enqueue(transaction, kind, payload, at); }));
  }
  Id<Job> enqueue(std::string_view kind, std::string_view payload = "{}") {
    return enqueue(kind, payload, clock.now());
  }
  /// Waits until what ran is written down too.
  void settle() {
    for (int looks = 0; jobs->stats().running > 0 && looks < 20'000; ++looks) std::this_thread::yield();
    REQUIRE(jobs->stats().running == 0);
  }

  std::unique_ptr<store::Store> store;
  Clock const& clock;
  IdSource ids;
  WorkerPool pool;
  std::unique_ptr<Jobs> jobs;
};

constexpr Time kStart{1'800'000'000'000'000};

}  // namespace

TEST_CASE("a pool runs everything it accepted, on its threads, and refuses when full or stopping") {
  std::promise<void> open_gate;
  auto const gate = open_gate.get_future().share();
  Seen seen;
  Seen started;
  WorkerPool pool(2, 3);
  for (int i = 0; i < 2; ++i)
    CHECK(pool.run([&] {
      started.add("started");
      gate.wait();
      seen.add("blocked");
    }));
  started.first(2);
  for (int i = 0; i < 3; ++i) CHECK(pool.run([&] { seen.add("queued"); }));
  CHECK(pool.waiting() == 3);
  CHECK_FALSE(pool.run([&] { seen.add("refused"); }));
  open_gate.set_value();
  pool.stop();
  CHECK(seen.now().size() == 5);
  CHECK_FALSE(pool.run([&] { seen.add("late"); }));
  pool.stop();
  CHECK(seen.now().size() == 5);
}

TEST_CASE("a task that throws does not end its thread") {
  log_nothing();
  Seen seen;
  WorkerPool pool(1);
  CHECK(pool.run([] { throw std::runtime_error("a mistake"); }));
  CHECK(pool.run([] { throw 5; }));
  CHECK(pool.run([&] { seen.add("after"); }));
  CHECK(seen.first(1).size() == 1);
}

TEST_CASE("a job runs once with its payload, when its transaction is committed and not when it is not") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  Node node(*database, clock);
  node.jobs->handle("letter", [&](std::string_view payload) -> Done {
    seen.add(std::string(payload));
    return {};
  });
  require(node.jobs->start());
  auto const refused = node.store->write([&](store::Transaction& transaction) -> Done {
    TRY(node.jobs->enqueue(transaction, "letter", R"({"to":"nobody"})", clock.now()));
    return conflict("jobs.test");
  });
  CHECK_FALSE(refused.ok());
  node.enqueue("letter", R"({"to":"读者"})");
  CHECK(seen.first(1) == std::vector<std::string>{R"({"to":"读者"})"});
  node.settle();
  auto const stats = node.jobs->stats();
  CHECK(stats.waiting + stats.running + stats.failed == 0);
}

TEST_CASE("a job waits for its time") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  Node node(*database, clock);
  node.jobs->handle("publish", [&](std::string_view payload) -> Done {
    seen.add(std::string(payload));
    return {};
  });
  require(node.jobs->start());
  node.enqueue("publish", "later", clock.now() + 1h);
  node.enqueue("publish", "sooner", clock.now() + 30min);
  node.enqueue("publish", "now");
  CHECK(seen.first(1) == std::vector<std::string>{"now"});
  node.settle();
  CHECK(node.jobs->stats().waiting == 2);
  clock.advance(30min);
  node.jobs->wake();
  seen.first(2);
  clock.advance(30min);
  node.jobs->wake();
  CHECK(seen.first(3) == std::vector<std::string>{"now", "sooner", "later"});
}

TEST_CASE("a failing job is tried after 1 s, 2 s, 4 s and so on, ten times, and then kept as failed") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  Node node(*database, clock);
  node.jobs->handle("hopeless", [&](std::string_view) -> Done {
    seen.add(std::to_string((clock.now() - kStart).count() / 1'000'000));
    if (seen.now().size() % 2 == 0) throw std::runtime_error("a mistake");
    return unavailable("nobody answers");
  });
  require(node.jobs->start());
  node.enqueue("hopeless");
  seen.first(1);
  node.settle();
  for (std::size_t tries = 1; tries < 10; ++tries) {
    auto const wait = Duration(1s) * (1 << (tries - 1));
    clock.advance(wait - 1us);
    node.jobs->wake();
    clock.advance(1us);
    node.jobs->wake();
    REQUIRE(seen.first(tries + 1).size() == tries + 1);
    node.settle();
  }
  CHECK(seen.now() == std::vector<std::string>{"0", "1", "3", "7", "15", "31", "63", "127", "255", "511"});
  clock.advance(24h);
  node.jobs->wake();
  node.enqueue("hopeless");  // once this one has run, the other would have
  seen.first(11);
  node.settle();
  CHECK(seen.now().size() == 11);
  CHECK(node.jobs->stats().failed == 1);
}

TEST_CASE("a kind that nobody here handles is left for others") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  Node node(*database, clock);
  node.jobs->handle("known", [&](std::string_view) -> Done {
    seen.add("known");
    return {};
  });
  require(node.jobs->start());
  node.enqueue("unknown");
  node.enqueue("know");  // only a part of a known one
  node.enqueue("known");
  seen.first(1);
  node.settle();
  CHECK(node.jobs->stats().waiting == 2);
}

TEST_CASE("recurring work runs at once, then at its interval, also after failing, and goes on after a restart") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  auto const start = [&](Node& node) {
    node.jobs->every("sweep", 10min, [&]() -> Done {
      seen.add(std::to_string((clock.now() - kStart).count() / 60'000'000));
      if (seen.now().size() == 2) return unavailable("not now");
      return {};
    });
    require(node.jobs->start());
  };
  {
    Node node(*database, clock);
    start(node);
    seen.first(1);
    node.settle();
    clock.advance(9min);
    node.jobs->wake();
    clock.advance(1min);
    node.jobs->wake();
    seen.first(2);  // fails
    node.settle();
    clock.advance(1min);
    node.jobs->wake();
    seen.first(3);
    node.settle();
    CHECK(node.jobs->stats().waiting == 0);
  }
  clock.advance(3min);
  Node node(*database, clock);
  start(node);
  clock.advance(7min);
  node.jobs->wake();
  CHECK(seen.first(4) == std::vector<std::string>{"0", "10", "11", "21"});
}

TEST_CASE("an interval that became shorter holds from the next start") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  for (auto const interval : {Duration(24h), Duration(1min)}) {
    Node node(*database, clock);
    node.jobs->every("sweep", interval, [&]() -> Done {
      seen.add("swept");
      return {};
    });
    require(node.jobs->start());
    if (interval == Duration(24h)) seen.first(1);
    node.settle();
    clock.advance(1min);
    node.jobs->wake();
    if (interval == Duration(1min)) CHECK(seen.first(2).size() == 2);
  }
}

TEST_CASE("two nodes share the work, and no job runs on both") {
  auto const database = either_engine();
  SystemClock const clock;
  Seen seen;
  Seen swept;
  Node a(*database, clock, 1);
  Node b(*database, clock, 2);
  constexpr int kJobs = 60;
  for (auto* node : {&a, &b}) {
    node->jobs->handle("job", [&](std::string_view payload) -> Done {
      seen.add(std::string(payload));
      return {};
    });
    node->jobs->every("sweep", 24h, [&]() -> Done {
      swept.add("swept");
      return {};
    });
    require(node->jobs->start());
  }
  for (int i = 0; i < kJobs; ++i) (i % 2 == 0 ? a : b).enqueue("job", std::to_string(i));
  auto const all = seen.first(kJobs);
  CHECK(all.size() == kJobs);
  CHECK(std::set<std::string>(all.begin(), all.end()).size() == kJobs);
  CHECK(swept.first(1).size() == 1);
  a.settle();
  CHECK(seen.now().size() == kJobs);
  CHECK(swept.now().size() == 1);
  CHECK(a.jobs->stats().waiting == 0);
}

TEST_CASE("a job that outlasts its lease is renewed, so another node does not take it") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  std::promise<void> open_gate;
  auto const gate = open_gate.get_future().share();
  Node worker(*database, clock, 1);
  worker.jobs->handle("long", [&](std::string_view) -> Done {
    seen.add("worker");
    gate.wait();
    return {};
  });
  require(worker.jobs->start());
  worker.enqueue("long");
  seen.first(1);
  Node other(*database, clock, 2);
  other.jobs->handle("long", [&](std::string_view) -> Done {
    seen.add("other");
    return {};
  });
  other.jobs->handle("short", [&](std::string_view) -> Done {
    seen.add("short");
    return {};
  });
  worker.jobs->handle("never", [](std::string_view) -> Done { return {}; });
  static store::Statement<std::tuple<>, std::tuple<Time>> const kLeaseEnd{
      "SELECT due_at FROM jobs WHERE kind = 'long'"};
  for (int i = 0; i < 6; ++i) {
    clock.advance(11s);
    worker.jobs->wake();
    for (int looks = 0; looks < 20'000; ++looks) {
      auto const end = require(store::read_value(*worker.store, [](auto& c) { return kLeaseEnd.first(c, {}); }));
      if (std::get<0>(*end) == clock.now() + 30s) break;
      std::this_thread::yield();
    }
  }
  require(other.jobs->start());  // 66 s after it began
  other.enqueue("short");
  CHECK(seen.first(2) == std::vector<std::string>{"worker", "short"});
  open_gate.set_value();
  worker.settle();
  CHECK(worker.jobs->stats().waiting == 0);
  CHECK(seen.now().size() == 2);
}

TEST_CASE("a job whose process dies in the middle runs again when its lease is over") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  Node node(*database, clock);
  node.enqueue("fatal", "payload");
  auto program = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "jobs_test_program").string();
  auto url = database->url();
  auto now = std::to_string(clock.now().microseconds);
  char* arguments[] = {program.data(), url.data(), now.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 9);
  CHECK(node.jobs->stats().running == 1);

  for (auto const* kind : {"fatal", "other"})
    node.jobs->handle(kind, [&, kind](std::string_view payload) -> Done {
      seen.add(kind + (":" + std::string(payload)));
      return {};
    });
  require(node.jobs->start());
  clock.advance(29s);
  node.enqueue("other");
  CHECK(seen.first(1) == std::vector<std::string>{"other:{}"});
  clock.advance(1s);
  node.jobs->wake();
  CHECK(seen.first(2).back() == "fatal:payload");
  node.settle();
  auto const stats = node.jobs->stats();
  CHECK(stats.waiting + stats.running + stats.failed == 0);
}

TEST_CASE("a job that kills its process each time is given up") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  Node node(*database, clock);
  auto const id = node.enqueue("deadly");
  static store::Statement<std::tuple<Id<Job>>> const kAsAfterTenDeaths{
      "UPDATE jobs SET state = 1, tries = 10, claim = 10 WHERE id = :id"};
  require(node.store->write([&](store::Transaction& transaction) -> Done {
    TRY(kAsAfterTenDeaths.run(transaction, {id}));
    return {};
  }));
  node.jobs->handle("deadly", [&](std::string_view) -> Done {
    seen.add("deadly");
    return {};
  });
  node.jobs->handle("other", [&](std::string_view) -> Done {
    seen.add("other");
    return {};
  });
  require(node.jobs->start());
  for (int looks = 0; node.jobs->stats().failed == 0 && looks < 20'000; ++looks) std::this_thread::yield();
  CHECK(node.jobs->stats().failed == 1);
  CHECK(seen.now().empty());
}

TEST_CASE("a stop finishes what runs and leaves the rest for later") {
  auto const database = either_engine();
  ManualClock clock(kStart);
  Seen seen;
  std::promise<void> open_gate;
  auto const gate = open_gate.get_future().share();
  {
    Node node(*database, clock);
    node.jobs->handle("slow", [&](std::string_view) -> Done {
      seen.add("began");
      gate.wait();
      seen.add("ended");
      return {};
    });
    for (int i = 0; i < 8; ++i) node.enqueue("slow");
    require(node.jobs->start());
    seen.first(4);
    std::thread stopping([&] { node.jobs->stop(); });
    open_gate.set_value();
    stopping.join();
    auto const done = static_cast<std::int64_t>(seen.now().size()) / 2;
    CHECK(done >= 4);
    CHECK(node.jobs->stats().waiting == 8 - done);
    CHECK(node.jobs->stats().running == 0);
  }
}
