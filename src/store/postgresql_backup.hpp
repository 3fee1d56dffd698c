// Copies of a PostgreSQL database while it is in use, and back.
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "store/backup_files.hpp"
#include "store/postgresql_session.hpp"
#include "store/store.hpp"

namespace courant::store {

/// `session` is in a read transaction, so that all tables are of one moment.
Result<BackupReport> backup_postgresql(PostgresqlSession& session, std::filesystem::path const& target,
                                       std::span<std::string const> leave_out);
/// That every file can be unpacked and has the rows that the manifest says. Error: invalid.
Done check_postgresql_backup(std::filesystem::path const& source, Manifest const& manifest);
Done restore_postgresql(std::filesystem::path const& source, Manifest const& manifest, std::string const& url);

}  // namespace courant::store
