// The database: opens SQLite or PostgreSQL, runs transactions, migrates, backs up. It knows no feature's table.
//
// SQLite: one writer connection with group commit (all waiting commands, each in a savepoint, one fsync; a group ends
// at 2 ms or 256 commands), a pool of readers, WAL, synchronous=FULL. PostgreSQL: a pool of connections, commands run
// concurrently, each SERIALIZABLE, so that both engines judge alike. Nobody is told "done" before COMMIT has returned.
//
// Threads: a Store and every const Statement may be used from any thread. A Connection or Transaction belongs to the
// call that got it and to its thread, and is dead when that call returns.
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

/// One step of the schema, owned by one module or feature. Steps of one owner run in the order of their numbers; owners
/// in the order given. `sql` holds statements separated by lines that hold only ";" or ending in ";\n". The words {id}
/// (INTEGER in SQLite, so that it is the rowid; BIGINT in PostgreSQL) and {bytes} (BLOB / BYTEA) are replaced; lines
/// that start with
/// "-- sqlite:" or "-- postgresql:" hold SQL for that engine only.
struct Migration {
  std::string owner;
  int number = 0;
  std::string name;
  std::string sql;
  std::string undo;  ///< the way back, one step; empty when nothing needs undoing
};

struct Options {
  std::string url;               ///< "sqlite:/path/courant.db" or a libpq URL "postgresql://…"
  int readers = 4;               ///< reader connections
  int writers = 4;               ///< PostgreSQL: connections that write
  Duration group_window{2'000};  ///< SQLite: how long a group may wait to fill
  int group_size = 256;
  Duration statement_timeout{30'000'000};  ///< PostgreSQL: for one statement; migrations and backups have none
  // For the fault tests only.
  std::string sqlite_vfs;
  std::int64_t sqlite_max_pages = 0;
  int sqlite_checkpoint_pages = 1'000;               ///< pages in the WAL that call for a checkpoint
  std::int64_t sqlite_wal_limit = 64 * 1024 * 1024;  ///< bytes of WAL at which the writer pauses for it to be emptied
};

namespace detail {
Done run_script(Connection& connection, std::string const& sql);
}

/// A borrowed connection: what Statements run on. Seeing one means seeing committed data only.
class Connection {
 public:
  virtual ~Connection() = default;
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;
  [[nodiscard]] virtual Engine engine() const = 0;

 protected:
  Connection() = default;

 private:
  friend class detail::RawStatement;
  friend Done detail::run_script(Connection& connection, std::string const& sql);

  virtual Result<std::int64_t> execute(detail::RawStatement const& statement, std::span<Parameter const> in,
                                       detail::Rows rows, detail::UseRow const& use) = 0;
  /// Several statements at once, without parameters or rows.
  virtual Done execute_script(std::string const& sql) = 0;
};

/// A connection inside a write transaction. The first statement that fails ends the command on both engines: what
/// follows fails with the same error and the transaction is rolled back, whatever `work` returns.
class Transaction : public Connection {
 public:
  /// Locks rows of `table` with `key_column = id` until the end (FOR UPDATE on PostgreSQL; nothing to do with one
  /// writer). `table` and `key_column` are literals of the program, never input. False when there is no such row.
  virtual Result<bool> lock(std::string_view table, std::string_view key_column, std::int64_t id) = 0;
  /// Called after COMMIT has returned, in order, on the committing thread; never after a rollback. Must be quick.
  virtual void after_commit(std::function<void()> act) = 0;
};

/// How patient a write is: imports give way to waiting commands.
enum class Priority : std::uint8_t { command, bulk };

struct Stats {
  std::int64_t commits = 0;     ///< transactions (groups) committed
  std::int64_t commands = 0;    ///< commands in them
  std::int64_t failed = 0;      ///< commands rolled back or refused
  std::int64_t last_group = 0;  ///< commands in the last group
  double average_group = 0;     ///< over the last 1,000 groups
  std::int64_t waiting = 0;     ///< commands in the queue now
  std::int64_t size_bytes = 0;  ///< of the database
  std::int64_t wal_bytes = 0;   ///< SQLite only
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

  /// Brings the schema up to date in one transaction; on SQLite the file is copied first and kept beside it. Refuses a
  /// database that holds steps this program does not know. Returns how many steps ran.
  virtual Result<int> migrate(std::span<Migration const> steps) = 0;
  /// Takes back the last step of `owner`.
  virtual Done step_back(std::span<Migration const> steps, std::string_view owner) = 0;

  /// Runs `work` in a transaction and returns after its COMMIT (or its error). `work` may run more than once (a
  /// serialisation conflict on PostgreSQL is tried again), so it must have no effect outside the transaction but
  /// through after_commit. Errors: those of `work`; unavailable when the disk is full, the group failed, or the
  /// database is away; conflict.
  virtual Done write(std::function<Done(Transaction&)> work, Priority priority = Priority::command) = 0;
  /// The same without waiting: `done` is called exactly once, on the committing thread, after the outcome is known.
  virtual void submit(std::function<Done(Transaction&)> work, std::function<void(Done)> done,
                      Priority priority = Priority::command) = 0;

  /// Runs `work` on a reader connection; each statement sees the newest commit.
  virtual Done read(std::function<Done(Connection&)> work) = 0;
  /// As read(), but all statements see one and the same state (a read transaction): how projections load.
  virtual Done snapshot(std::function<Done(Connection&)> work) = 0;

  /// A live copy into the new directory `target`, streaming and in constant memory. Tables in `leave_out` are made but
  /// stay empty (sessions, one-time tokens). Files are 0600. Error: invalid when the directory is not empty.
  virtual Result<BackupReport> backup(std::filesystem::path const& target, std::span<std::string const> leave_out) = 0;

  [[nodiscard]] virtual Stats stats() const = 0;
};

/// Checks a backup directory made by Store::backup: checksums, and that the database opens and is consistent.
Result<BackupReport> verify_backup(std::filesystem::path const& source);
/// Puts a verified backup into an empty database named by `url`. Error: conflict when it is not empty.
Result<BackupReport> restore_backup(std::filesystem::path const& source, std::string const& url);

/// For ErrorKind::conflict from a unique key: which one, never with values. "accounts.handle",
/// "follows.reader_id,author_id", or the index's name when it is over an expression; the same on both engines. Empty
/// for other errors.
[[nodiscard]] std::string_view conflicting_key(Error const& error);

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
