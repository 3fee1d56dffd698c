// What is still to do: worker threads, timers, and durable jobs with retries.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/store.hpp"

namespace courant::jobs {

/// The durable queue's tables.
std::vector<store::Migration> migrations();

/// A fixed set of worker threads with a bounded queue. An exception that leaves a task is logged and does not end the
/// thread.
class WorkerPool {
 public:
  explicit WorkerPool(int threads, std::size_t longest_queue = 10'000);
  ~WorkerPool();
  WorkerPool(WorkerPool const&) = delete;
  WorkerPool& operator=(WorkerPool const&) = delete;

  /// False when the queue is full or the pool is stopping: the caller answers "unavailable".
  [[nodiscard]] bool run(std::function<void()> task);
  /// Finishes what was accepted, then joins.
  void stop();
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Job;

struct Stats {
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  std::int64_t failed = 0;  ///< given up after the last try, kept for the operator
};

/// Durable jobs: written in the transaction that wants them, run at least once, tried again with back-off (1 s doubling
/// to 1 h, 10 tries), then kept as failed. Recurring work is a job that is scheduled by name.
class Jobs {
 public:
  static Result<std::unique_ptr<Jobs>> open(store::Store& store, Clock const& clock, IdSource& ids, WorkerPool& pool);
  virtual ~Jobs() = default;

  /// `payload` is JSON. Runs at `at` or as soon after as a worker is free.
  virtual Result<Id<Job>> enqueue(store::Transaction& transaction, std::string_view kind, std::string_view payload,
                                  Time at) = 0;
  /// Before start() only.
  virtual void handle(std::string kind, std::function<Done(std::string_view payload)> act) = 0;
  /// Runs `act` every `interval` on a worker of one node (lease in the database). Before start() only.
  virtual void every(std::string name, Duration interval, std::function<Done()> act) = 0;

  virtual Done start() = 0;
  virtual void stop() = 0;
  /// Looks for due jobs now: after an enqueue, and for tests after the clock moved.
  virtual void wake() = 0;
  [[nodiscard]] virtual Stats stats() const = 0;
};

}  // namespace courant::jobs
