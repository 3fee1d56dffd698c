#include "app/ground.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/features.hpp"
#include "base/log.hpp"

namespace courant::app {
namespace {

constexpr std::uint16_t kCommandNode = 1023;  // a command beside a running server never shares its ids

Done make_private_directory(std::filesystem::path const& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  std::filesystem::create_directories(path, error);
  if (error)
    return invalid("app.no_data_directory",
                   fmt::format("The data directory {} cannot be made: {}. Choose another with --data.", path.string(),
                               error.message()));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  return {};
}

}  // namespace

Result<DataLock> DataLock::take(std::filesystem::path const& data, std::string_view name) {
  auto const path = data / fmt::format("{}.lock", name);
  int const descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return invalid("app.no_data_directory", fmt::format("{} cannot be opened: {}. Is the data directory ours?",
                                                        path.string(), std::strerror(errno)));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return conflict(
        "app.data_in_use",
        fmt::format("Another courant uses the data directory {}. Stop it first, or choose another with --data.",
                    data.string()));
  }
  return DataLock(descriptor);
}

DataLock::DataLock(DataLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
DataLock::~DataLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Done site_is_there(Config const& config) {
  auto const url = database_url(config);
  constexpr std::string_view kSqlite = "sqlite:";
  if (!url.starts_with(kSqlite) || std::filesystem::exists(url.substr(kSqlite.size()))) return {};
  return Error{
      ErrorKind::missing, {}, fmt::format("There is no site in {}. Is --data right?", config.data.string()), {}, {}};
}

GroundFloor::~GroundFloor() { stop(); }

Result<std::unique_ptr<GroundFloor>> GroundFloor::open(Config const& config, Process process) {
  TRY(make_private_directory(config.data));
  auto floor = std::unique_ptr<GroundFloor>(new GroundFloor);
  auto const node = process == Process::command ? kCommandNode : config.node;
  floor->ids = std::make_unique<IdSource>(floor->clock, node);
  floor->store = TRY(store::Store::open({.url = database_url(config), .readers = process == Process::command ? 2 : 4}));
  int const steps = TRY(floor->store->migrate(all_migrations()));
  if (steps > 0) log::info("database: {} schema steps applied", steps);
  int const threads = process == Process::command ? 2 : config.workers;
  floor->pool = std::make_unique<jobs::WorkerPool>(threads);
  floor->journal = TRY(journal::Journal::open(*floor->store, floor->clock, {.node = node}));
  floor->jobs = TRY(jobs::Jobs::open(*floor->store, floor->clock, *floor->ids, *floor->pool));
  floor->blobs = std::make_unique<media::Blobs>(TRY(media::Blobs::open(config.data / "media")));
  media::PictureOptions pictures;
  pictures.workers = config.picture_workers;
  pictures.limits.bytes = config.upload_bytes;
  floor->pictures = std::make_unique<media::Pictures>(*floor->blobs, pictures);
  return floor;
}

void GroundFloor::stop() {
  if (jobs) jobs->stop();
  if (journal) journal->stop();
  if (pool) pool->stop();
}

Result<web::Settings> site_settings(Config const& config) {
  web::Settings settings;
  settings.url = config.site_url;
  settings.name = config.site_name;
  settings.operator_name = config.operator_name;
  settings.contact = config.contact;
  settings.licence_numbers = config.licence_numbers;
  settings.language = web::language_tagged(config.site_language).value_or(web::Language::zh_hans);
  settings.zone = TRY(Zone::find(config.site_zone));
  settings.data = config.data;
  settings.cache_bytes = config.cache_bytes;
  settings.body_cache_bytes = config.body_cache_bytes;
  settings.most_upload_bytes = config.upload_bytes;
  return settings;
}

}  // namespace courant::app
