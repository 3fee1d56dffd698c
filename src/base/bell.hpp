// How one thread sleeps until another has news for it.
#pragma once
#include <condition_variable>
#include <mutex>

#include "base/time.hpp"

namespace courant {

/// Wakes the one thread that waits. A ring before the wait is not lost, and rings in between count as one.
class Bell {
 public:
  void ring() {
    {
      std::scoped_lock lock(mutex_);
      rung_ = true;
    }
    condition_.notify_one();
  }

  /// True when rung, false when `at_most` has passed. `at_most` is real time: it says how long to sleep, not what is
  /// due.
  bool wait(Duration at_most) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, at_most, [this] { return rung_; });
    return std::exchange(rung_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool rung_ = false;
};

}  // namespace courant
