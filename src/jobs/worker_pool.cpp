#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/guard.hpp"
#include "base/log.hpp"
#include "jobs/jobs.hpp"

namespace courant::jobs {

struct WorkerPool::State {
  std::size_t longest;
  std::mutex mutex;
  std::condition_variable news;
  std::deque<std::function<void()>> tasks;
  std::vector<std::thread> threads;
  bool stopping = false;

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      news.wait(lock, [this] { return stopping || !tasks.empty(); });
      if (tasks.empty()) return;
      auto task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      run(task);
      task = nullptr;  // what it holds is let go outside the lock
      lock.lock();
    }
  }

  static void run(std::function<void()> const& task) {
    auto const done = guarded([&]() -> Done {
      task();
      return {};
    });
    if (!done.ok()) log::error("worker: {}", describe(done.error()));
  }
};

WorkerPool::WorkerPool(int threads, std::size_t longest_queue) : state_(std::make_unique<State>()) {
  state_->longest = longest_queue;
  for (int i = 0; i < std::max(threads, 1); ++i)
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::run(std::function<void()> task) {
  {
    std::scoped_lock lock(state_->mutex);
    if (state_->stopping || state_->tasks.size() >= state_->longest) return false;
    state_->tasks.push_back(std::move(task));
  }
  state_->news.notify_one();
  return true;
}

void WorkerPool::stop() {
  std::vector<std::thread> threads;
  {
    std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
    threads.swap(state_->threads);
  }
  state_->news.notify_all();
  for (auto& thread : threads) thread.join();
}

std::size_t WorkerPool::waiting() const {
  std::scoped_lock lock(state_->mutex);
  return state_->tasks.size();
}

}  // namespace courant::jobs
