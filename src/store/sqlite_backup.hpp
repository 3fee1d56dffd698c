// Copies of a SQLite database while it is in use, and back.
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "store/backup_files.hpp"
#include "store/sqlite_session.hpp"
#include "store/store.hpp"

namespace courant::store {

/// Writes the newest committed state into the new file `to` (0600) and syncs it. Writers go on meanwhile; memory stays
/// within the page cache.
Done copy_database(SqliteSession& session, std::filesystem::path const& to);

/// Removes the WAL and journal that a database of this name left behind: SQLite would apply them to the next one of the
/// name.
void remove_side_files(std::filesystem::path const& database);

Result<BackupReport> backup_sqlite(SqliteSession& session, std::filesystem::path const& target,
                                   std::span<std::string const> leave_out);
/// That the database opens, is whole, and has the rows that the manifest says. Error: invalid.
Done check_sqlite_backup(std::filesystem::path const& source, Manifest const& manifest);
Done restore_sqlite(std::filesystem::path const& source, std::filesystem::path const& path);

}  // namespace courant::store
