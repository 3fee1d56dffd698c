// The thread of one durable consumer.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/bell.hpp"
#include "base/result.hpp"
#include "journal/back_off.hpp"
#include "journal/event.hpp"
#include "journal/journal.hpp"
#include "store/store.hpp"

namespace courant::journal {

class Consumer {
 public:
  using Apply = std::function<Done(store::Transaction&, std::span<Event const>)>;

  Consumer(store::Store& store, Clock const& clock, std::string name, Apply apply)
      : store_(store), name_(std::move(name)), apply_(std::move(apply)), back_off_(clock, 1s, 5min) {}
  ~Consumer() { stop(); }

  /// Makes the cursor if there is none, and starts.
  Done start();
  void stop();
  /// The journal is known to reach to `seen`.
  void wake(Position seen);
  /// Its last batch failed, and it waits for the clock to try again.
  [[nodiscard]] bool failing() const { return failing_; }
  [[nodiscard]] ConsumerStats stats(Position seen) const;

 private:
  void run();
  bool take_batch();
  Done apply_batch(std::span<Event const> events);
  Done find_cursor();
  void fail(Error const& error, std::span<Event const> events);

  store::Store& store_;
  std::string const name_;
  Apply const apply_;
  std::thread thread_;
  Bell bell_;
  BackOff back_off_;
  Position careful_until_ = 0;  // the end of the batch that failed last
  bool moved_elsewhere_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failing_{false};
  std::atomic<Position> seen_{0};
  std::atomic<Position> cursor_{0};
  std::atomic<std::int64_t> errors_{0};
};

}  // namespace courant::journal
