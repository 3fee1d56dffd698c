#include "store/sqlite_backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace courant::store {
namespace {

Done sync_path(std::filesystem::path const& path, int flags) {
  int const file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return unavailable("cannot open " + path.string());
  int const synced = ::fsync(file);
  ::close(file);
  if (synced != 0) return unavailable("cannot sync " + path.string());
  return {};
}

}  // namespace

Done sync_directory(std::filesystem::path const& directory) {
  return sync_path(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
}

Done copy_database(SqliteSession& session, std::filesystem::path const& to) {
  int const file = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return unavailable("cannot make " + to.string());
  ::close(file);
  // VACUUM INTO reads one snapshot, so it need not start again when a writer commits, as sqlite3_backup must.
  auto const target = to.string();
  Parameter const in[] = {std::string_view(target)};
  static detail::RawStatement const kCopy("VACUUM INTO :path", {FieldType::text}, {});
  TRY(session.execute(kCopy, in, [](std::span<Field>) { return true; }));
  TRY(sync_path(to, O_RDWR));
  return sync_directory(to.parent_path());
}

Result<BackupReport> backup_sqlite(SqliteSession&, std::filesystem::path const&, std::span<std::string const>) {
  return broken("not yet");
}

}  // namespace courant::store
