// Opens the ground floor that everything stands on: clock, ids, database, journal, jobs, pictures.
#pragma once
#include <memory>

#include "app/config.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "jobs/jobs.hpp"
#include "journal/journal.hpp"
#include "media/blobs.hpp"
#include "media/pictures.hpp"
#include "store/store.hpp"
#include "web/site.hpp"

namespace courant::app {

/// Holds an exclusive lock on a file of the data directory for as long as it lives, so that a second `courant serve` on
/// the same data fails clearly instead of stealing half the connections.
class DataLock {
 public:
  /// `name` is "serve" or "command". Error: conflict when another process holds it.
  static Result<DataLock> take(std::filesystem::path const& data, std::string_view name);
  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// Which process opens: a command beside a running server needs ids of its own.
enum class Process : std::uint8_t { server, command };

/// For commands that only make sense on a site that exists: a slip in --data must not make a new one. Error: missing.
Done site_is_there(Config const& config);

/// Members are closed in the reverse of their order.
class GroundFloor {
 public:
  /// Creates the data directory (0700) when it is missing, opens the database and brings its schema up to date.
  static Result<std::unique_ptr<GroundFloor>> open(Config const& config, Process process);
  ~GroundFloor();

  [[nodiscard]] web::Ground ground() { return {clock, *ids, *store, *journal, *jobs, *blobs, *pictures, pool.get()}; }
  /// Finishes what was accepted.
  void stop();

  SystemClock clock;
  std::unique_ptr<IdSource> ids;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<jobs::WorkerPool> pool;
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<jobs::Jobs> jobs;
  std::unique_ptr<media::Blobs> blobs;
  std::unique_ptr<media::Pictures> pictures;

 private:
  GroundFloor() = default;
};

/// What the site needs to know of the configuration.
Result<web::Settings> site_settings(Config const& config);

}  // namespace courant::app
