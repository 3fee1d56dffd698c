#include "store/sqlite_backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "store/sync.hpp"

namespace courant::store {
namespace fs = std::filesystem;
namespace {

constexpr char kDatabase[] = "courant.db";

std::string as_name(std::string_view name) { return fmt::format("\"{}\"", name); }

Result<std::vector<std::string>> table_names(SqliteSession& session) {
  return session.texts(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name");
}

Result<std::vector<BackupTable>> count_rows(SqliteSession& session) {
  std::vector<BackupTable> tables;
  for (auto& name : TRY(table_names(session))) {
    auto const rows = TRY(session.number("SELECT COUNT(*) FROM " + as_name(name)));
    tables.push_back({std::move(name), rows, {}});
  }
  return tables;
}

/// Overwrites as it deletes: what is left out must not be found in free pages either.
Done empty_tables(SqliteSession& copy, std::span<std::string const> leave_out) {
  auto const tables = TRY(table_names(copy));
  TRY(copy.execute_script("PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF; BEGIN"));
  for (auto const& name : leave_out) {
    if (std::find(tables.begin(), tables.end(), name) == tables.end())
      return invalid("store.no_such_table", "to be left out of the backup, but not there: " + name);
    TRY(copy.execute_script("DELETE FROM " + as_name(name)));
  }
  return copy.execute_script("COMMIT");
}

}  // namespace

Done copy_database(SqliteSession& session, fs::path const& to) {
  int const file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return unavailable("cannot make " + to.string());
  ::close(file);
  // VACUUM INTO reads one snapshot, so it need not start again when a writer commits, as sqlite3_backup must.
  static detail::RawStatement const kCopy("VACUUM INTO :path", {FieldType::text}, {});
  auto const target = to.string();
  Parameter const in[] = {std::string_view(target)};
  TRY(session.execute(kCopy, in, [](std::span<Field>) { return true; }));
  TRY(sync_file(to));
  return sync_directory(to.parent_path());
}

void remove_side_files(fs::path const& database) {
  std::error_code ignored;
  for (auto const* const ending : {"-wal", "-shm", "-journal"}) fs::remove(database.string() + ending, ignored);
}

Result<BackupReport> backup_sqlite(SqliteSession& session, fs::path const& target,
                                   std::span<std::string const> leave_out) {
  TRY(make_backup_directory(target));
  TRY(copy_database(session, target / kDatabase));
  Manifest manifest{Engine::sqlite};
  {
    auto const copy = TRY(SqliteSession::open({target / kDatabase, {}}, SqliteSession::Access::write));
    TRY(copy->execute_script("PRAGMA journal_mode = DELETE"));
    TRY(empty_tables(*copy, leave_out));
    manifest.tables = TRY(count_rows(*copy));
  }
  TRY(sync_file(target / kDatabase));
  manifest.files.push_back(TRY(measure(target, kDatabase)));
  return finish_backup(target, manifest);
}

Done check_sqlite_backup(fs::path const& source, Manifest const& manifest) {
  auto const session = TRY(SqliteSession::open({source / kDatabase, {}}, SqliteSession::Access::inspect));
  auto const complaints = TRY(session->texts("PRAGMA integrity_check"));
  if (complaints != std::vector<std::string>{"ok"})
    return invalid("store.bad_backup", "integrity_check: " + (complaints.empty() ? "no answer" : complaints.front()));
  auto const tables = TRY(count_rows(*session));
  bool const same = std::equal(tables.begin(), tables.end(), manifest.tables.begin(), manifest.tables.end(),
                               [](auto const& a, auto const& b) { return a.name == b.name && a.rows == b.rows; });
  if (!same) return invalid("store.bad_backup", "the database has other tables or rows than MANIFEST says");
  return {};
}

Done restore_sqlite(fs::path const& source, fs::path const& path) {
  std::error_code failed;
  if (fs::exists(path, failed) && fs::file_size(path, failed) > 0) {
    auto const there = TRY(SqliteSession::open({path, {}}, SqliteSession::Access::write));
    if (TRY(there->number("SELECT COUNT(*) FROM sqlite_schema")) != 0)
      return conflict("store.not_empty", "the database to restore into is not empty");
    TRY(there->execute_script("PRAGMA journal_mode = DELETE"));  // fails while somebody has it open
  }
  auto const unfinished = fs::path(path.string() + ".restoring");
  fs::copy_file(source / kDatabase, unfinished, fs::copy_options::overwrite_existing, failed);
  if (failed) return unavailable("cannot copy the backup: " + failed.message());
  fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write, failed);
  TRY(sync_file(unfinished));
  remove_side_files(path);
  fs::rename(unfinished, path, failed);
  if (failed) return unavailable("cannot put the backup in place: " + failed.message());
  return sync_directory(path.parent_path());
}

}  // namespace courant::store
