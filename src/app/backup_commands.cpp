// courant backup DIR and courant restore [--verify] DIR. A backup is a directory: database/ as store/ writes it and
// media/ with every blob under its hash. The database comes first: a blob is kept before a row names it, so whatever
// the copied rows name is there when the media are copied.
#include <fmt/format.h>

#include <fstream>
#include <functional>

#include "app/commands.hpp"
#include "app/features.hpp"
#include "app/ground.hpp"
#include "app/say.hpp"
#include "features/accounts/audit.hpp"

namespace courant::app {
namespace {

struct MediaCount {
  std::int64_t blobs = 0;
  std::int64_t bytes = 0;
};

/// The names of all blobs of a backup, one a line: without it a lost file would not be missed.
constexpr char const* kMediaList = "MEDIA";

/// Copies every blob; the name is the hash, so a damaged one shows itself. `note` hears of each.
Result<MediaCount> copy_media(media::Blobs const& from, media::Blobs& to,
                              std::function<void(media::BlobName const&)> const& note) {
  MediaCount count;
  TRY(from.each([&](media::BlobName const& name, std::int64_t bytes) -> Done {
    auto const copied = TRY(to.put_file(from.path(name)));
    if (copied != name) return broken(fmt::format("the media file {} is damaged", name.str()));
    note(name);
    ++count.blobs;
    count.bytes += bytes;
    return {};
  }));
  return count;
}

Result<MediaCount> copy_media_with_list(media::Blobs const& from, std::filesystem::path const& target) {
  auto to = TRY(media::Blobs::open(target / "media"));
  std::ofstream list(target / kMediaList, std::ios::trunc);
  std::error_code error;
  std::filesystem::permissions(target / kMediaList,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  auto const count = TRY(copy_media(from, to, [&](media::BlobName const& name) { list << name.str() << '\n'; }));
  list.flush();
  if (!list) return unavailable(fmt::format("{} cannot be written", (target / kMediaList).string()));
  return count;
}

/// Every file of the list is there and is what its name says.
Result<MediaCount> verify_media(std::filesystem::path const& source) {
  auto const blobs = TRY(media::Blobs::open(source / "media"));
  std::ifstream list(source / kMediaList);
  if (!list) return invalid({}, fmt::format("{} is missing: this is no whole backup", (source / kMediaList).string()));
  MediaCount count;
  for (std::string line; std::getline(list, line);) {
    auto const name = media::BlobName::parse(line);
    if (!name) return broken(fmt::format("{} holds a line that names no file", (source / kMediaList).string()));
    auto const found = blobs.find(*name);
    if (!found.ok()) return broken(fmt::format("the media file {} is missing from the backup", name->str()));
    TRY(blobs.verify(*name));
    ++count.blobs;
    count.bytes += found->bytes;
  }
  return count;
}

Done audit_act(GroundFloor& floor, std::string kind, json::Object details) {
  return floor.store->write([&](store::Transaction& transaction) -> Done {
    TRY(audit::record(transaction, floor.clock, {kind, audit::by_command_line(), {}, details}));
    return {};
  });
}

Done make_backup(Config const& config, std::filesystem::path const& target) {
  std::error_code error;
  if (std::filesystem::exists(target, error) && !std::filesystem::is_empty(target, error))
    return invalid("app.directory_not_empty",
                   fmt::format("{} is not empty; a backup wants a new directory.", target.string()));
  TRY(site_is_there(config));
  auto const floor = TRY(GroundFloor::open(config, Process::command));
  std::filesystem::create_directories(target, error);
  std::filesystem::permissions(target, std::filesystem::perms::owner_all, error);
  if (error) return unavailable(fmt::format("{}: {}", target.string(), error.message()));
  auto const report = TRY(floor->store->backup(target / "database", tables_without_backup()));
  auto const blobs = TRY(copy_media_with_list(*floor->blobs, target));
  TRY(audit_act(*floor, "accounts.backup_made", {{"rows", report.rows}, {"blobs", blobs.blobs}}));
  fmt::print("database: {} rows, {} bytes, sha256 {}\nmedia: {} files, {} bytes\nbackup: {}\n", report.rows,
             report.bytes, report.sha256, blobs.blobs, blobs.bytes, target.string());
  return {};
}

Done verify_backup_directory(std::filesystem::path const& source) {
  auto const report = TRY(store::verify_backup(source / "database"));
  auto const blobs = TRY(verify_media(source));
  fmt::print("database: {} rows, {} bytes, sha256 {}: whole\nmedia: {} files, {} bytes: whole\n", report.rows,
             report.bytes, report.sha256, blobs.blobs, blobs.bytes);
  return {};
}

Done put_back(Config const& config, std::filesystem::path const& source) {
  TRY(verify_backup_directory(source));
  std::error_code error;
  std::filesystem::create_directories(config.data, error);
  std::filesystem::permissions(config.data, std::filesystem::perms::owner_all, error);
  auto const lock = TRY(DataLock::take(config.data, "serve"));
  TRY(store::restore_backup(source / "database", database_url(config)));
  auto to = TRY(media::Blobs::open(config.data / "media"));
  TRY(copy_media(TRY(media::Blobs::open(source / "media")), to, [](media::BlobName const&) {}));
  auto const floor = TRY(GroundFloor::open(config, Process::command));
  TRY(audit_act(*floor, "accounts.backup_restored", {}));
  fmt::print("restored into {}; everybody has to sign in again\n", config.data.string());
  return {};
}

}  // namespace

int backup(Config const& config, std::filesystem::path const& target) {
  auto const done = make_backup(config, target);
  return done.ok() ? 0 : fail(done.error());
}

int restore(Config const& config, RestoreOptions const& options) {
  auto const done = options.verify_only ? verify_backup_directory(options.source) : put_back(config, options.source);
  return done.ok() ? 0 : fail(done.error());
}

int migrate(Config const& config, std::string const& step_back_owner) {
  auto const act = [&]() -> Done {
    if (step_back_owner.empty()) {
      auto const floor = TRY(GroundFloor::open(config, Process::command));
      fmt::print("the schema is up to date\n");
      return {};
    }
    auto const lock = TRY(DataLock::take(config.data, "serve"));
    auto const store = TRY(store::Store::open({.url = database_url(config), .readers = 1}));
    TRY(store->step_back(all_migrations(), step_back_owner));
    fmt::print("the last schema step of {} is taken back; start the program that fits the older schema\n",
               step_back_owner);
    return {};
  };
  auto const done = act();
  return done.ok() ? 0 : fail(done.error());
}

}  // namespace courant::app
