// Sessions to borrow: opened when first needed, handed out to one thread at a time.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace courant::store {

namespace detail {
/// Sessions of any pool that this thread holds.
inline thread_local int held_by_this_thread = 0;
}  // namespace detail

template <class Session>
class Pool {
 public:
  using Open = std::function<Result<std::unique_ptr<Session>>()>;

  class Borrowed {
   public:
    Borrowed(Pool& pool, std::unique_ptr<Session> session) : pool_(&pool), session_(std::move(session)) {
      ++detail::held_by_this_thread;
    }
    Borrowed(Borrowed&& other) noexcept : pool_(other.pool_), session_(std::move(other.session_)) {}
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed() {
      if (session_ == nullptr) return;
      --detail::held_by_this_thread;
      pool_->take_back(std::move(session_));
    }
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Session> session_;
  };

  Pool(int size, Open open) : size_(size), open_(std::move(open)) {}

  /// Waits for a session to be free. A thread that holds one already gets a further one instead of waiting, since it
  /// might be waiting for itself. Errors: those of opening.
  Result<Borrowed> borrow() {
    std::unique_lock lock(mutex_);
    if (detail::held_by_this_thread == 0) free_.wait(lock, [&] { return !idle_.empty() || open_now_ < size_; });
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return Borrowed(*this, std::move(session));
    }
    ++open_now_;
    lock.unlock();
    auto opened = open_();
    if (opened.ok()) return Borrowed(*this, std::move(opened).value());
    lock.lock();
    --open_now_;
    free_.notify_one();
    return std::move(opened).error();
  }

  /// Closes the idle sessions.
  void clear() {
    std::vector<std::unique_ptr<Session>> closing;
    std::scoped_lock const lock(mutex_);
    closing.swap(idle_);
    open_now_ -= static_cast<int>(closing.size());
  }

 private:
  void take_back(std::unique_ptr<Session> session) {
    std::scoped_lock const lock(mutex_);
    if (open_now_ > size_) {
      --open_now_;
      session.reset();
    } else {
      idle_.push_back(std::move(session));
    }
    free_.notify_one();
  }

  int size_;
  Open open_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<Session>> idle_;  // the last one back is the first one out: its cache is warm
  int open_now_ = 0;
};

}  // namespace courant::store
