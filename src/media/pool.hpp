// The workers that wait, the callers that wait for one, and the thread that starts and ends them.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "media/pictures.hpp"
#include "media/process.hpp"

namespace courant::media {

/// Lends workers out, at most options.workers at once, started when first needed. One thread starts all of them and
/// lives as long as the pool, because a worker dies with the thread that started it; the same thread ends those that
/// were idle for too long. Neither thread nor worker exists before the first borrow().
class Pool {
 public:
  explicit Pool(PictureOptions const& options) : options_(options) {}
  Pool(Pool const&) = delete;
  ~Pool();

  /// A borrowed worker; comes back by itself unless given up.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), process_(std::move(other.process_)) {}
    ~Lease();
    [[nodiscard]] Process& process() { return *process_; }
    /// Ends the worker, which did wrong, and counts it as lost; the place is free again.
    void give_up();
    /// As give_up(), then keeps the place with a fresh worker. Error: broken.
    Done replace();

   private:
    friend class Pool;
    explicit Lease(Pool& pool) : pool_(&pool) {}
    Pool* pool_;
    std::optional<Process> process_;
  };

  /// Waits for a free place, then takes an idle worker or starts one. Errors: unavailable media.busy when too many wait
  /// already; broken when no worker can be started.
  [[nodiscard]] Result<Lease> borrow();
  [[nodiscard]] PictureCounts counts() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Idle {
    Process process;
    Steady::time_point since;
  };
  struct Order {  // of a new worker; lies on the stack of the one who waits for it
    std::optional<Result<Process>> started;
  };

  Done wait_for_place();
  [[nodiscard]] std::optional<Process> take_idle();
  [[nodiscard]] Result<Process> start_worker();
  void come_back(std::optional<Process> process);
  void keep_house();
  void forget(pid_t pid);

  PictureOptions const& options_;
  mutable std::mutex mutex_;
  std::condition_variable place_free_;
  std::condition_variable order_done_;
  std::condition_variable house_work_;
  std::deque<Idle> idle_;  // longest idle first
  std::deque<Order*> orders_;
  std::vector<int> pids_;
  int borrowed_ = 0;
  int waiting_ = 0;
  bool ending_ = false;
  std::uint64_t started_ = 0;
  std::uint64_t lost_ = 0;
  std::thread housekeeper_;
};

}  // namespace courant::media
