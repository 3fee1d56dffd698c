// Copies of a SQLite database while it is in use.
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "store/sqlite_session.hpp"
#include "store/store.hpp"

namespace courant::store {

/// Writes the newest committed state into the new file `to` (0600) and syncs it. Writers go on meanwhile; memory stays
/// within the page cache.
Done copy_database(SqliteSession& session, std::filesystem::path const& to);

Result<BackupReport> backup_sqlite(SqliteSession& session, std::filesystem::path const& target,
                                   std::span<std::string const> leave_out);

Done sync_directory(std::filesystem::path const& directory);

}  // namespace courant::store
