// The one thread that writes to SQLite: gathers waiting commands into groups, one COMMIT and so one fsync for each
// group.
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/command.hpp"
#include "store/sqlite_checkpoints.hpp"
#include "store/sqlite_session.hpp"
#include "store/store.hpp"

namespace courant::store {

class SqliteWriter {
 public:
  SqliteWriter(std::unique_ptr<SqliteSession> session, SqliteCheckpoints& checkpoints, Options const& options);
  ~SqliteWriter();

  /// Finishes and answers what was accepted; what comes later is answered `unavailable` at once.
  void stop();
  void submit(Command command);
  [[nodiscard]] bool is_this_thread() const { return std::this_thread::get_id() == thread_.get_id(); }
  void fill(Stats& stats) const;

 private:
  using Clock = std::chrono::steady_clock;

  /// A command that has run and waits for its group's COMMIT.
  struct Member {
    Command command;
    Done outcome;
    std::vector<std::function<void()>> after_commit;
  };
  struct Group {
    std::vector<Member> members;
    Clock::time_point begun = Clock::now();
    bool has_command = false;
    bool has_bulk = false;
    std::optional<Error> lost;  ///< why nothing of the group was kept
  };

  void write_until_stopped();
  bool wait_for_command();
  Group run_group();
  std::optional<Command> next_for(Group const& group);
  std::optional<Command> pop_for(Group const& group);
  void run_member(Group& group, Command command);
  Done run_in_savepoint(Member& member);
  Done commit(Group const& group);
  void bury_failed_commit();
  void fail_waiting(Group& group);
  void answer(Group group);
  void count(Group const& group);

  std::unique_ptr<SqliteSession> session_;
  SqliteCheckpoints& checkpoints_;
  std::size_t const group_size_;
  Duration const group_window_;

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Command> commands_;
  std::deque<Command> bulk_;
  bool stopping_ = false;
  Stats stats_;
  std::array<std::int32_t, 1'000> sizes_{};  // of the last groups, a ring
  std::size_t sizes_used_ = 0;
  std::int64_t sizes_sum_ = 0;
  std::size_t last_size_ = 0;  // the writer's own

  std::thread thread_;
};

}  // namespace courant::store
