// The database: opens SQLite or PostgreSQL, runs transactions, migrates, backs up. It knows no feature's table.
//
// SQLite: one writer connection with group commit (all waiting commands, each in a savepoint, one fsync; a group ends at
// 2 ms or 256 commands), a pool of readers, WAL, synchronous=FULL. PostgreSQL: a pool of connections, commands run concurrently.
// Nobody is told "done" before COMMIT has returned.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/statement.hpp"

namespace courant::store {

enum class Engine : std::uint8_t { sqlite, postgresql };

/// One step of the schema, owned by one module or feature. Steps of one owner run in the order of their numbers; owners in
/// the order given. `sql` holds statements separated by lines that hold only ";" or ending in ";\n". The words {id}
/// (INTEGER in SQLite, so that it is the rowid; BIGINT in PostgreSQL) and {bytes} (BLOB / BYTEA) are replaced; lines that start with
/// "-- sqlite:" or "-- postgresql:" hold SQL for that engine only.
struct Migration {
  std::string owner;
  int number;
  std::string name;
  std::string sql;
  std::string undo;  ///< the way back, one step; empty when nothing needs undoing
};

struct Options {
  std::string url;               ///< "sqlite:/path/courant.db" or a libpq URL "postgresql://…"
  int readers = 4;               ///< reader connections
  Duration group_window{2'000};  ///< SQLite: how long a group may wait to fill
  int group_size = 256;
  // For the fault tests only.
  std::string sqlite_vfs;
  std::int64_t sqlite_max_pages = 0;
};

/// A borrowed connection: what Statements run on. Seeing one means seeing committed data only.
class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual Engine engine() const = 0;

 protected:
  Connection() = default;
};

/// A connection inside a write transaction.
class Transaction : public Connection {
 public:
  /// Locks rows of `table` with `key_column = id` until the end (FOR UPDATE on PostgreSQL; nothing to do with one writer).
  /// `table` and `key_column` are literals of the program, never input. False when there is no such row.
  virtual Result<bool> lock(std::string_view table, std::string_view key_column, std::int64_t id) = 0;
  /// Called after COMMIT has returned, in order, on the committing thread; never after a rollback. Must be quick.
  virtual void after_commit(std::function<void()> act) = 0;
};

/// How patient a write is: imports give way to waiting commands.
enum class Priority : std::uint8_t { command, bulk };

struct Stats {
  std::int64_t commits = 0;          ///< transactions (groups) committed
  std::int64_t commands = 0;         ///< commands in them
  std::int64_t failed = 0;           ///< commands rolled back or refused
  std::int64_t last_group = 0;       ///< commands in the last group
  double average_group = 0;          ///< over the last 1,000 groups
  std::int64_t waiting = 0;          ///< commands in the queue now
  std::int64_t size_bytes = 0;       ///< of the database
  std::int64_t wal_bytes = 0;        ///< SQLite only
};

struct BackupReport {
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::string sha256;
};

class Store {
 public:
  /// Opens and checks: SQLite sets WAL and synchronous=FULL; PostgreSQL must report fsync and synchronous_commit on.
  /// Errors: unavailable (cannot connect, disk), invalid (url), broken (not our database, or a newer schema).
  static Result<std::unique_ptr<Store>> open(Options options);
  virtual ~Store() = default;

  [[nodiscard]] virtual Engine engine() const = 0;

  /// Brings the schema up to date in one transaction; on SQLite the file is copied first and kept beside it. Refuses a database
  /// that holds steps this program does not know. Returns how many steps ran.
  virtual Result<int> migrate(std::span<Migration const> steps) = 0;
  /// Takes back the last step of `owner`.
  virtual Done step_back(std::span<Migration const> steps, std::string_view owner) = 0;

  /// Runs `work` in a transaction and returns after its COMMIT (or its error). `work` may run more than once (a serialisation
  /// conflict on PostgreSQL is tried again), so it must have no effect outside the transaction but through after_commit.
  /// Errors: those of `work`; unavailable when the disk is full, the group failed, or the database is away; conflict.
  virtual Done write(std::function<Done(Transaction&)> work, Priority priority = Priority::command) = 0;
  /// The same without waiting: `done` is called exactly once, on the committing thread, after the outcome is known.
  virtual void submit(std::function<Done(Transaction&)> work, std::function<void(Done)> done,
                      Priority priority = Priority::command) = 0;

  /// Runs `work` on a reader connection; each statement sees the newest commit.
  virtual Done read(std::function<Done(Connection&)> work) = 0;
  /// As read(), but all statements see one and the same state (a read transaction): how projections load.
  virtual Done snapshot(std::function<Done(Connection&)> work) = 0;

  /// A live copy into the new directory `target`, streaming and in constant memory. Tables in `leave_out` are made but stay
  /// empty (sessions, one-time tokens). Files are 0600. Error: invalid when the directory is not empty.
  virtual Result<BackupReport> backup(std::filesystem::path const& target, std::span<std::string const> leave_out) = 0;

  [[nodiscard]] virtual Stats stats() const = 0;
};

/// Checks a backup directory made by Store::backup: checksums, and that the database opens and is consistent.
Result<BackupReport> verify_backup(std::filesystem::path const& source);
/// Puts a verified backup into an empty database named by `url`. Error: conflict when it is not empty.
Result<BackupReport> restore_backup(std::filesystem::path const& source, std::string const& url);

/// Convenience: read() that hands back a value.
template <class F>
auto read_value(Store& store, F&& work) -> std::invoke_result_t<F, Connection&> {
  std::optional<std::invoke_result_t<F, Connection&>> out;
  Done const done = store.read([&](Connection& connection) -> Done {
    out.emplace(work(connection));
    if (!out->ok()) return out->error();
    return {};
  });
  if (!done.ok() && (!out || out->ok())) return Error(done.error());
  return std::move(*out);
}

/// Convenience: write() that hands back a value.
template <class F>
auto write_value(Store& store, F&& work, Priority priority = Priority::command)
    -> std::invoke_result_t<F, Transaction&> {
  std::optional<std::invoke_result_t<F, Transaction&>> out;
  Done const done = store.write(
      [&](Transaction& transaction) -> Done {
        out.emplace(work(transaction));
        if (!out->ok()) return out->error();
        return {};
      },
      priority);
  if (!done.ok()) return Error(done.error());
  return std::move(*out);
}

}  // namespace courant::store
