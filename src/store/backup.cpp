// Checking and putting back backups of either engine.
#include "store/backup_files.hpp"
#include "store/postgresql_backup.hpp"
#include "store/sqlite_backup.hpp"
#include "store/store.hpp"
#include "store/url.hpp"

namespace courant::store {

Result<BackupReport> verify_backup(std::filesystem::path const& source) {
  auto const manifest = TRY(read_manifest(source));
  TRY(check_files(source, manifest));
  if (manifest.engine == Engine::sqlite)
    TRY(check_sqlite_backup(source, manifest));
  else
    TRY(check_postgresql_backup(source, manifest));
  return report_of(source, manifest);
}

Result<BackupReport> restore_backup(std::filesystem::path const& source, std::string const& url) {
  auto const place = TRY(parse_url(url));
  auto const report = TRY(verify_backup(source));
  auto const manifest = TRY(read_manifest(source));
  if (manifest.engine != place.engine)
    return invalid("store.other_engine", "the backup is of the other engine than the database to restore into");
  if (place.engine == Engine::sqlite)
    TRY(restore_sqlite(source, place.sqlite_path));
  else
    TRY(restore_postgresql(source, manifest, url));
  return report;
}

}  // namespace courant::store
