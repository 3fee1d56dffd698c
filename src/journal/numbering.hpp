// Gives committed events their positions on PostgreSQL. Every node has one of these; the one that holds the lease
// works.
//
// What makes it safe is the lease row, not the clock: each numbering transaction locks that row and finds its own epoch
// there, or numbers nothing. The clock only says when a silent holder may be replaced.
#pragma once
#include <atomic>
#include <functional>
#include <thread>

#include "base/bell.hpp"
#include "base/result.hpp"
#include "journal/journal.hpp"
#include "journal/sql.hpp"
#include "store/store.hpp"

namespace courant::journal {

class Numbering {
 public:
  Numbering(store::Store& store, Clock const& clock, Options const& options) noexcept
      : store_(store), clock_(clock), options_(options) {}
  ~Numbering() { end(); }

  /// `at_numbered` is called, on this thread, after events have got their positions.
  void start(std::function<void()> at_numbered);
  /// Gives the lease back, so that another node takes over at once.
  void stop();
  void wake() { bell_.ring(); }

 private:
  void run();
  void end();
  void step();
  Done take_lease_if_free();
  Done number_waiting();
  Done write_as_holder(std::function<Result<std::int64_t>(store::Transaction&, Position last)> const& number);
  void give_up(char const* why);

  store::Store& store_;
  Clock const& clock_;
  Options const options_;
  std::function<void()> at_numbered_;
  std::thread thread_;
  Bell bell_;
  std::atomic<bool> stopping_{false};

  // Of the thread alone; epoch 0: somebody else numbers.
  std::int64_t epoch_ = 0;
  Time held_until_;
  Time look_again_;
};

}  // namespace courant::journal
