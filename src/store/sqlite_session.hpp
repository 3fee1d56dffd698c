// One SQLite connection with its prepared statements. The driver is used directly (docs/decisions/0003).
#pragma once
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/statement.hpp"

namespace courant::store {

struct SqliteSettings {
  std::filesystem::path path;
  std::string vfs;                            ///< empty: the system's
  std::chrono::milliseconds patience{5'000};  ///< how long to wait for another process's lock
  int cache_kib = 2'048;
};

/// For one thread at a time.
class SqliteSession {
 public:
  enum class Access : std::uint8_t {
    read,     ///< refuses to write
    write,    ///< makes the file when there is none
    inspect,  ///< leaves the file and its directory as they are; for a database that nobody uses
  };

  /// Opens with foreign keys on, synchronous=FULL and no automatic checkpoints. Errors: unavailable; broken (not a
  /// database).
  static Result<std::unique_ptr<SqliteSession>> open(SqliteSettings const& settings, Access access);
  ~SqliteSession();
  SqliteSession(SqliteSession const&) = delete;
  SqliteSession& operator=(SqliteSession const&) = delete;

  Result<std::int64_t> execute(detail::RawStatement const& statement, std::span<Parameter const> in,
                               detail::UseRow const& use);
  Result<std::int64_t> execute(detail::RawStatement const& statement);
  Done execute_script(std::string const& sql);

  /// One whole number, for pragmas and counts.
  Result<std::int64_t> number(std::string const& sql);
  Result<std::vector<std::string>> texts(std::string const& sql);

  /// False as soon as SQLite has rolled back by itself, as it may when the disk is full.
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  [[nodiscard]] sqlite3* handle() const { return handle_; }

 private:
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    bool reads_only = true;
    bool in_use = false;
  };
  class Use;

  explicit SqliteSession(sqlite3* handle) : handle_(handle) {}
  Result<Prepared*> prepare(detail::RawStatement const& statement);
  Result<std::int64_t> step_through(Prepared& prepared, detail::RawStatement const& statement,
                                    detail::UseRow const& use);

  sqlite3* handle_;
  std::vector<std::unique_ptr<Prepared>> prepared_;  // by RawStatement::number()
};

/// Runs to the end within a read transaction: BEGIN, `work`, ROLLBACK.
Done read_transaction(SqliteSession& session, std::function<Done()> const& work);

/// The connection's last failure as an Error; never holds bound values. `sql` is a text of the program.
Error sqlite_error(sqlite3* handle, std::string_view sql, std::source_location where = std::source_location::current());

}  // namespace courant::store
