#include "media/pool.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace courant::media {

Pool::~Pool() {
  {
    std::lock_guard const lock(mutex_);
    ending_ = true;
  }
  house_work_.notify_all();
  if (housekeeper_.joinable()) housekeeper_.join();
}

Result<Pool::Lease> Pool::borrow() {
  TRY(wait_for_place());
  Lease lease(*this);  // from here on the place comes back whatever happens
  lease.process_ = take_idle();
  if (!lease.process_) lease.process_ = TRY(start_worker());
  return lease;
}

Done Pool::wait_for_place() {
  std::unique_lock lock(mutex_);
  auto const free = [this] { return borrowed_ < std::max(1, options_.workers); };
  if (!free()) {
    if (waiting_ >= options_.waiting) return unavailable("too many pictures wait for a media worker", "media.busy");
    ++waiting_;
    place_free_.wait(lock, free);
    --waiting_;
  }
  ++borrowed_;
  return {};
}

/// The one that worked last: its memory is warm, and the others may reach their end.
std::optional<Process> Pool::take_idle() {
  std::lock_guard const lock(mutex_);
  if (idle_.empty()) return std::nullopt;
  auto process = std::move(idle_.back().process);
  idle_.pop_back();
  return process;
}

/// The housekeeper starts the process, the caller waits for it to get ready.
Result<Process> Pool::start_worker() {
  Order order;
  {
    std::unique_lock lock(mutex_);
    if (!housekeeper_.joinable()) housekeeper_ = std::thread([this] { keep_house(); });
    orders_.push_back(&order);
    house_work_.notify_one();
    order_done_.wait(lock, [&] { return order.started.has_value(); });
  }
  auto process = TRY(*std::move(order.started));
  auto const cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Setup setup;
  setup.memory = options_.limits.memory;
  setup.cpu_seconds = 2 * std::chrono::ceil<std::chrono::seconds>(options_.limits.time).count() *
                      std::max(1, options_.pictures_a_worker);
  setup.threads = std::max(1, cores / std::max(1, options_.workers));
  if (auto ready = process.set_up(setup); !ready) {
    forget(process.pid());
    log::error("{}", describe(ready.error()));
    return std::move(ready).error();
  }
  return process;
}

void Pool::keep_house() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (!orders_.empty()) {
      auto* const order = orders_.front();
      orders_.pop_front();
      lock.unlock();
      auto process = Process::start(options_.program, options_.argument);
      lock.lock();
      if (process) {
        ++started_;
        pids_.push_back(process->pid());
      }
      order->started = std::move(process);
      order_done_.notify_all();
      continue;
    }
    if (!idle_.empty() && idle_.front().since + options_.idle <= Steady::now()) {
      std::optional over(std::move(idle_.front()));
      idle_.pop_front();
      std::erase(pids_, over->process.pid());
      lock.unlock();  // ending a process takes a while
      over.reset();
      lock.lock();
      continue;
    }
    if (idle_.empty())
      house_work_.wait(lock);
    else
      house_work_.wait_until(lock, idle_.front().since + options_.idle);
  }
  idle_.clear();
}

void Pool::come_back(std::optional<Process> process) {
  bool const worn = process && process->jobs() >= options_.pictures_a_worker;
  if (worn) forget(process->pid());
  std::lock_guard const lock(mutex_);
  --borrowed_;
  if (process && !worn) idle_.push_back({*std::move(process), Steady::now()});
  place_free_.notify_one();
  house_work_.notify_one();
}

void Pool::forget(pid_t pid) {
  std::lock_guard const lock(mutex_);
  std::erase(pids_, pid);
}

PictureCounts Pool::counts() const {
  std::lock_guard const lock(mutex_);
  PictureCounts counts;
  counts.worker_pids = pids_;
  counts.workers_started = started_;
  counts.workers_lost = lost_;
  return counts;
}

Pool::Lease::~Lease() {
  if (pool_) pool_->come_back(std::move(process_));
}

void Pool::Lease::give_up() {
  if (!process_) return;
  {
    std::lock_guard const lock(pool_->mutex_);
    std::erase(pool_->pids_, process_->pid());
    ++pool_->lost_;
  }
  log::warn("media worker {} is given up", process_->pid());
  process_.reset();
}

Done Pool::Lease::replace() {
  give_up();
  process_ = TRY(pool_->start_worker());
  return {};
}

}  // namespace courant::media
