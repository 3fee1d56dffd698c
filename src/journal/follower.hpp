// The thread that follows the journal for this node's projections, and those who wait for it.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/bell.hpp"
#include "base/result.hpp"
#include "journal/back_off.hpp"
#include "journal/event.hpp"
#include "journal/journal.hpp"
#include "store/store.hpp"

namespace courant::journal {

class Follower {
 public:
  Follower(store::Store& store, Clock const& clock, Options const& options) noexcept
      : store_(store), options_(options), back_off_(clock, 100ms, 5s) {}
  ~Follower() { stop(); }

  /// Before start() only.
  void add(std::string name, Position loaded, std::function<Done(Event const&)> apply);
  /// `at_news` is called, on the follower's thread, whenever there are further events in the journal.
  Done start(std::function<void()> at_news);
  void stop();
  void wake();

  Done wait_applied(EventId event, Duration patience);
  Done wait_applied(Position position, Duration patience);
  [[nodiscard]] Position applied() const { return applied_.load(); }
  /// The last position known to exist.
  [[nodiscard]] Position seen() const { return seen_.load(); }
  [[nodiscard]] std::vector<ConsumerStats> stats() const;

 private:
  struct Projection {
    std::string name;
    Position position;
    std::function<Done(Event const&)> apply;
    std::int64_t errors = 0;
    bool healthy = true;
  };
  /// Somebody who waits for one event; lives on the waiting thread's stack.
  struct Waiter {
    bool arrived = false;
  };

  void run();
  bool follow_batch();
  void note_gap(Position expected, Position found);
  bool apply_to_all(Event const& event);
  bool apply(Projection& projection, Event const& event);
  void fail(Projection& projection, Error const& error, Event const& event);
  void pass(Event const& event);
  Duration pause();

  store::Store& store_;
  Options const options_;
  std::vector<Projection> projections_;
  std::function<void()> at_news_;
  std::thread thread_;
  Bell bell_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> eager_polls_{0};
  std::atomic<Position> applied_{0};
  std::atomic<Position> seen_{0};
  std::int64_t failed_reads_ = 0;
  BackOff back_off_;

  mutable std::mutex mutex_;  // of everything below, and of projections' figures
  std::condition_variable progress_;
  std::unordered_multimap<std::int64_t, Waiter*> waiters_;
  int position_waiters_ = 0;
  std::array<std::int64_t, 1024> recent_{};  // ids last applied, so that who comes late need not ask the database
  std::size_t next_recent_ = 0;
};

}  // namespace courant::journal
