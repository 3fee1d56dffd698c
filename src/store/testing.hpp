// For tests, of this module and of those above: fresh empty databases on either engine.
//
//     TEST_CASE("a published article is found by its address") {
//       auto const database = store::testing::either_engine();   // the case runs once on SQLite, once on PostgreSQL
//       auto const store = database.open(migrations());
//       …
//     }
//
// PostgreSQL is the server named by COURANT_TEST_POSTGRESQL_URL (bin/test-postgresql starts one for a whole run), else
// one that this process starts when first asked and stops when it ends, from Debian's package postgresql-15.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "store/store.hpp"

namespace courant::store::testing {

/// A directory that is gone with its object, in memory when the machine has room for it there.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One empty database, gone with its object; close the stores on it first.
class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual Engine engine() const = 0;
  [[nodiscard]] virtual std::string const& url() const = 0;

  /// Opens a Store on it and, with steps, migrates; fails the test case when that fails.
  [[nodiscard]] std::unique_ptr<Store> open(std::span<Migration const> steps = {}, Options options = {}) const;
};

[[nodiscard]] std::unique_ptr<Database> sqlite();
/// Fails the test case when no server can be started.
[[nodiscard]] std::unique_ptr<Database> postgresql();
[[nodiscard]] std::unique_ptr<Database> fresh(Engine engine);

/// Fails the test case with the error's description.
void require(Done const& done);
template <class T>
T require(Result<T> result) {
  if (!result.ok()) require(Done(result.error()));
  return std::move(result).value();
}

/// Makes the test case run once for each engine; call it first.
[[nodiscard]] inline std::unique_ptr<Database> either_engine() {
  auto engine = Engine::sqlite;
  SUBCASE("on SQLite") {}
  SUBCASE("on PostgreSQL") { engine = Engine::postgresql; }
  return fresh(engine);
}

/// A PostgreSQL server of its own: for tests that stop it or change how it runs.
class PostgresqlServer {
 public:
  PostgresqlServer();
  ~PostgresqlServer();
  PostgresqlServer(PostgresqlServer const&) = delete;
  PostgresqlServer& operator=(PostgresqlServer const&) = delete;

  [[nodiscard]] std::string url(std::string const& database) const;
  /// At once, as a crash would, or after rolling back what runs.
  enum class Stop { orderly, crash };
  void stop(Stop how);
  /// `more` are further settings, such as "fsync=off".
  void start(std::vector<std::string> const& more = {});

 private:
  ScratchDirectory directory_;
  int process_ = 0;
};

}  // namespace courant::store::testing
