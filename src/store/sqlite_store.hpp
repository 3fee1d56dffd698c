// Store on SQLite.
#pragma once
#include <filesystem>
#include <memory>

#include "store/pool.hpp"
#include "store/sqlite_checkpoints.hpp"
#include "store/sqlite_session.hpp"
#include "store/sqlite_writer.hpp"
#include "store/store.hpp"

namespace courant::store {

class SqliteStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(std::filesystem::path path, Options const& options);
  ~SqliteStore() override;

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  Result<int> migrate(std::span<Migration const> steps) override;
  Done step_back(std::span<Migration const> steps, std::string_view owner) override;
  Done write(std::function<Done(Transaction&)> work, Priority priority) override;
  void submit(std::function<Done(Transaction&)> work, std::function<void(Done)> done, Priority priority) override;
  Done read(std::function<Done(Connection&)> work) override;
  Done snapshot(std::function<Done(Connection&)> work) override;
  Result<BackupReport> backup(std::filesystem::path const& target, std::span<std::string const> leave_out) override;
  [[nodiscard]] Stats stats() const override;

 private:
  SqliteStore(std::filesystem::path path, Options const& options, std::unique_ptr<SqliteSession> writer,
              std::unique_ptr<SqliteSession> checkpoints);
  Done keep_copy();

  std::filesystem::path path_;
  SqliteSettings settings_;
  // In this order: the writer reports to the checkpoints, and its session is the last to close.
  SqliteCheckpoints checkpoints_;
  SqliteWriter writer_;
  Pool<SqliteSession> readers_;
};

}  // namespace courant::store
