// Store on PostgreSQL.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/command.hpp"
#include "store/pool.hpp"
#include "store/postgresql_session.hpp"
#include "store/store.hpp"

namespace courant::store {

class PostgresqlStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(Options const& options);
  ~PostgresqlStore() override;

  [[nodiscard]] Engine engine() const override { return Engine::postgresql; }
  Result<int> migrate(std::span<Migration const> steps) override;
  Done step_back(std::span<Migration const> steps, std::string_view owner) override;
  Done write(std::function<Done(Transaction&)> work, Priority priority) override;
  void submit(std::function<Done(Transaction&)> work, std::function<void(Done)> done, Priority priority) override;
  Done read(std::function<Done(Connection&)> work) override;
  Done snapshot(std::function<Done(Connection&)> work) override;
  Result<BackupReport> backup(std::filesystem::path const& target, std::span<std::string const> leave_out) override;
  [[nodiscard]] Stats stats() const override;

 private:
  explicit PostgresqlStore(Options const& options);

  /// Until it commits, fails for good, or has been tried often enough; then calls what waits for the commit.
  Done run_command(std::function<Done(Transaction&)> const& work);
  Done change_schema(std::function<Done(Transaction&)> const& work);
  void work_off_submitted();
  std::optional<Command> next_submitted(std::unique_lock<std::mutex>& lock);
  void count(Done const& outcome);

  PostgresqlSettings const settings_;
  int const writer_count_;
  int const bulk_limit_;  // bulk writes at a time, so that a connection is left for commands
  mutable Pool<PostgresqlSession> readers_;
  Pool<PostgresqlSession> writers_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Command> commands_;
  std::deque<Command> bulk_;
  int bulk_running_ = 0;
  bool stopping_ = false;
  Stats stats_;
  std::vector<std::thread> threads_;  // for submit(); started when first needed
};

}  // namespace courant::store
