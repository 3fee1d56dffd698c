#include "store/testing_disk.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "base/log.hpp"

namespace courant::store::testing {
namespace {

constexpr std::size_t kSector = 512;
using Bytes = std::vector<std::uint8_t>;

/// A change that no sync has covered yet. Without bytes it sets the file's size to `offset`.
struct Unsynced {
  std::size_t offset = 0;
  Bytes bytes;
};

/// SQLite's shared memory of a WAL: locks 0 to 7, each held by many for reading or by one for writing.
struct SharedMemory {
  std::vector<std::unique_ptr<Bytes>> regions;
  std::array<int, SQLITE_SHM_NLOCK> readers{};
  std::array<bool, SQLITE_SHM_NLOCK> writer{};
  int users = 0;
};

struct Content {
  Bytes now;
  Bytes synced;
  std::vector<Unsynced> unsynced;
  bool ever_synced = false;
  SharedMemory memory;
  // Locks of the file itself, as sqlite3.h describes xLock.
  int shared = 0;
  bool reserved = false;
  bool pending = false;
  bool exclusive = false;
};

using ContentPointer = std::shared_ptr<Content>;

void apply_whole(Bytes& file, Unsynced const& change) {
  if (change.bytes.empty()) {
    file.resize(change.offset);
    return;
  }
  auto const end = change.offset + change.bytes.size();
  if (file.size() < end) file.resize(end);
  std::copy(change.bytes.begin(), change.bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

/// What survives of one file's unsynced sectors: often some, sometimes none, sometimes all.
class Survival {
 public:
  explicit Survival(Disk::Random& random) : random_(random), quarters_(random() % 5) {}
  bool operator()() { return random_() % 4 < quarters_; }

 private:
  Disk::Random& random_;
  std::uint64_t quarters_;
};

/// As apply_whole(), but each sector by itself may survive or not. A hole before it holds whatever was on the disk.
void apply_torn(Bytes& file, Unsynced const& change, Survival& survives, Disk::Random& random) {
  if (change.bytes.empty()) {
    if (survives()) file.resize(change.offset);
    return;
  }
  for (std::size_t at = 0; at < change.bytes.size();) {
    auto const size = std::min(kSector - (change.offset + at) % kSector, change.bytes.size() - at);
    if (survives()) {
      auto const from = change.bytes.begin() + static_cast<std::ptrdiff_t>(at);
      while (file.size() < change.offset + at) file.push_back(static_cast<std::uint8_t>(random()));
      apply_whole(file, {change.offset + at, Bytes(from, from + static_cast<std::ptrdiff_t>(size))});
    }
    at += size;
  }
}

}  // namespace

struct DiskState {
  sqlite3_vfs vfs{};
  std::string name;
  mutable std::mutex mutex;
  std::map<std::string, ContentPointer> files;
  std::map<std::string, ContentPointer> deleted;  // whose deletion no sync of the directory has covered
  std::int64_t changes = 0;
  std::int64_t cut_at = -1;
  bool off = false;
  std::int64_t fail_at = -1;
  int failures_left = 0;
  bool has_failed = false;
  Disk::Failure failure = Disk::Failure::none;
  bool lies = false;

  /// Counts a change of that kind and says whether it fails.
  int change(Disk::Failure kind) {
    ++changes;
    if (cut_at >= 0 && changes >= cut_at) off = true;
    if (off) return SQLITE_IOERR;
    if (failures_left == 0 || changes < fail_at) return SQLITE_OK;
    if (failure != Disk::Failure::write && failure != kind) return SQLITE_OK;
    --failures_left;
    has_failed = true;
    if (failure == Disk::Failure::full) return SQLITE_FULL;
    return kind == Disk::Failure::sync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
  }
};

namespace {

/// An open file of SQLite's. SQLite owns the memory; open_file() and close_file() construct and destroy.
struct File : sqlite3_file {
  DiskState* disk = nullptr;
  ContentPointer content;
  std::string path;
  int lock = SQLITE_LOCK_NONE;
  bool uses_memory = false;
  bool delete_on_close = false;
  std::array<bool, SQLITE_SHM_NLOCK> reads{};
  std::array<bool, SQLITE_SHM_NLOCK> writes{};
};

File& file_of(sqlite3_file* file) { return *static_cast<File*>(file); }

int unlock_file(sqlite3_file* base, int level) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  auto& content = *file.content;
  if (file.lock <= level) return SQLITE_OK;
  if (file.lock >= SQLITE_LOCK_EXCLUSIVE) content.exclusive = false;
  if (file.lock >= SQLITE_LOCK_PENDING) content.pending = false;
  if (file.lock >= SQLITE_LOCK_RESERVED) content.reserved = false;
  if (level == SQLITE_LOCK_NONE) --content.shared;
  file.lock = level;
  return SQLITE_OK;
}

/// The levels come in order: an EXCLUSIVE that must wait for readers stays PENDING, which keeps new readers out.
int lock_file(sqlite3_file* base, int level) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  auto& content = *file.content;
  if (file.lock >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (content.pending) return SQLITE_BUSY;
    ++content.shared;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (content.reserved) return SQLITE_BUSY;
    content.reserved = true;
  } else {
    if (file.lock < SQLITE_LOCK_PENDING) {
      if (content.pending || (content.reserved && file.lock < SQLITE_LOCK_RESERVED)) return SQLITE_BUSY;
      content.pending = content.reserved = true;
      file.lock = SQLITE_LOCK_PENDING;
    }
    if (content.shared > 1) return SQLITE_BUSY;
    content.exclusive = true;
  }
  file.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* base, int* result) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  *result = file.content->reserved ? 1 : 0;
  return SQLITE_OK;
}

int unmap_memory(sqlite3_file* base, int) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  if (!file.uses_memory) return SQLITE_OK;
  file.uses_memory = false;
  auto& memory = file.content->memory;
  for (std::size_t i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    if (std::exchange(file.reads[i], false)) --memory.readers[i];
    if (std::exchange(file.writes[i], false)) memory.writer[i] = false;
  }
  if (--memory.users == 0) memory = SharedMemory();
  return SQLITE_OK;
}

int close_file(sqlite3_file* base) {
  unmap_memory(base, 0);
  unlock_file(base, SQLITE_LOCK_NONE);
  auto& file = file_of(base);
  if (file.delete_on_close) {
    std::scoped_lock const lock(file.disk->mutex);
    file.disk->files.erase(file.path);
  }
  file.~File();
  return SQLITE_OK;
}

int read_file(sqlite3_file* base, void* to, int size, sqlite3_int64 offset) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  if (file.disk->off) return SQLITE_IOERR_READ;
  auto const& bytes = file.content->now;
  auto const from = std::min(static_cast<std::size_t>(offset), bytes.size());
  auto const there = std::min(static_cast<std::size_t>(size), bytes.size() - from);
  if (there > 0) std::memcpy(to, bytes.data() + from, there);
  if (there == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(size) - there);
  return SQLITE_IOERR_SHORT_READ;
}

/// Even a write that fails because the power goes may be on its way, so the cut comes after it is among the unsynced.
int change_file(File& file, Unsynced change) {
  bool const was_off = file.disk->off;
  int const result = file.disk->change(Disk::Failure::full);
  bool const cut_now = file.disk->off && !was_off;
  if (result == SQLITE_OK || cut_now) {
    apply_whole(file.content->now, change);
    file.content->unsynced.push_back(std::move(change));
  }
  return result;
}

int write_file(sqlite3_file* base, void const* from, int size, sqlite3_int64 offset) {
  auto& file = file_of(base);
  auto const* const bytes = static_cast<std::uint8_t const*>(from);
  std::scoped_lock const lock(file.disk->mutex);
  return change_file(file, {static_cast<std::size_t>(offset), Bytes(bytes, bytes + size)});
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  return change_file(file, {static_cast<std::size_t>(size), {}});
}

int sync_file(sqlite3_file* base, int) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  if (int const failed = file.disk->change(Disk::Failure::sync); failed != SQLITE_OK) return failed;
  if (file.disk->lies) return SQLITE_OK;
  auto& content = *file.content;
  for (auto const& change : content.unsynced) apply_whole(content.synced, change);
  content.unsynced.clear();
  content.ever_synced = true;
  return SQLITE_OK;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  *size = static_cast<sqlite3_int64>(file.content->now.size());
  return SQLITE_OK;
}

int map_memory(sqlite3_file* base, int region, int size, int extend, void volatile** out) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  auto& memory = file.content->memory;
  if (!std::exchange(file.uses_memory, true)) ++memory.users;
  *out = nullptr;
  auto const wanted = static_cast<std::size_t>(region) + 1;
  if (memory.regions.size() < wanted && extend == 0) return SQLITE_OK;
  while (memory.regions.size() < wanted)
    memory.regions.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(size)));
  *out = memory.regions[wanted - 1]->data();
  return SQLITE_OK;
}

int lock_memory(sqlite3_file* base, int offset, int count, int flags) {
  auto& file = file_of(base);
  std::scoped_lock const lock(file.disk->mutex);
  auto& memory = file.content->memory;
  auto const first = static_cast<std::size_t>(offset);
  auto const end = first + static_cast<std::size_t>(count);
  bool const shared = (flags & SQLITE_SHM_SHARED) != 0;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (auto i = first; i < end; ++i) {
      if (shared && std::exchange(file.reads[i], false)) --memory.readers[i];
      if (!shared && std::exchange(file.writes[i], false)) memory.writer[i] = false;
    }
    return SQLITE_OK;
  }
  for (auto i = first; i < end; ++i) {
    if (memory.writer[i] && !file.writes[i]) return SQLITE_BUSY;
    if (!shared && memory.readers[i] > (file.reads[i] ? 1 : 0)) return SQLITE_BUSY;
  }
  for (auto i = first; i < end; ++i) {
    if (shared && !std::exchange(file.reads[i], true)) ++memory.readers[i];
    if (!shared) file.writes[i] = memory.writer[i] = true;
  }
  return SQLITE_OK;
}

sqlite3_io_methods const kMethods{
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return 4'096; },
    // As SQLite takes for granted on Unix: a write does not harm the bytes beside it.
    .xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    .xShmMap = map_memory,
    .xShmLock = lock_memory,
    .xShmBarrier = [](sqlite3_file* file) { std::scoped_lock const barrier(file_of(file).disk->mutex); },
    .xShmUnmap = unmap_memory,
};

DiskState& disk_of(sqlite3_vfs* vfs) { return *static_cast<DiskState*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, char const* name, sqlite3_file* base, int flags, int* out_flags) {
  auto& disk = disk_of(vfs);
  base->pMethods = nullptr;
  std::scoped_lock const lock(disk.mutex);
  if (disk.off) return SQLITE_CANTOPEN;
  static std::atomic<int> unnamed = 0;
  std::string const path = name != nullptr ? name : fmt::format("unnamed {}", ++unnamed);
  auto& content = disk.files[path];
  if (content == nullptr) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) {
      disk.files.erase(path);
      return SQLITE_CANTOPEN;
    }
    content = std::make_shared<Content>();
    disk.deleted.erase(path);
  }
  auto* const file = new (base) File();
  file->disk = &disk;
  file->content = content;
  file->path = path;
  file->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  file->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, char const* name, int sync_directory) {
  auto& disk = disk_of(vfs);
  std::scoped_lock const lock(disk.mutex);
  if (int const failed = disk.change(Disk::Failure::none); failed != SQLITE_OK) return SQLITE_IOERR_DELETE;
  auto const found = disk.files.find(name);
  if (found == disk.files.end()) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_directory == 0) disk.deleted[name] = found->second;
  disk.files.erase(found);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, char const* name, int flags, int* result) {
  auto& disk = disk_of(vfs);
  std::scoped_lock const lock(disk.mutex);
  auto const found = disk.files.find(name);
  bool const there = found != disk.files.end();
  *result = there && (flags != SQLITE_ACCESS_EXISTS || !found->second->now.empty()) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, char const* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

}  // namespace

Disk::Disk() : state_(std::make_unique<DiskState>()) {
  log::set_up(log::Level::off, log::Style::plain);
  static std::atomic<int> count = 0;
  state_->name = fmt::format("courant-test-disk-{}", ++count);
  auto& vfs = state_->vfs;
  vfs = *sqlite3_vfs_find(nullptr);  // randomness, sleep and time stay the system's
  vfs.szOsFile = sizeof(File);
  vfs.mxPathname = 512;
  vfs.pNext = nullptr;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  sqlite3_vfs_register(&vfs, 0);
}

Disk::~Disk() { sqlite3_vfs_unregister(&state_->vfs); }

std::string const& Disk::name() const { return state_->name; }

std::int64_t Disk::changes() const {
  std::scoped_lock const lock(state_->mutex);
  return state_->changes;
}

void Disk::cut_power_at(std::int64_t change) {
  std::scoped_lock const lock(state_->mutex);
  state_->cut_at = state_->changes + change;
}

void Disk::cut_power() {
  std::scoped_lock const lock(state_->mutex);
  state_->off = true;
}

bool Disk::is_off() const {
  std::scoped_lock const lock(state_->mutex);
  return state_->off;
}

void Disk::power_on(Random& random) {
  std::scoped_lock const lock(state_->mutex);
  for (auto& [path, content] : state_->deleted)
    if (random() % 2 == 0) state_->files.emplace(path, content);
  state_->deleted.clear();
  std::map<std::string, ContentPointer> found;
  for (auto& [path, content] : state_->files) {
    if (!content->ever_synced && random() % 2 == 0) continue;
    auto survived = std::make_shared<Content>();
    survived->now = std::move(content->synced);
    Survival survives(random);
    for (auto const& change : content->unsynced) apply_torn(survived->now, change, survives, random);
    survived->synced = survived->now;
    survived->ever_synced = true;
    found.emplace(path, std::move(survived));
  }
  state_->files = std::move(found);
  state_->off = false;
  state_->cut_at = -1;
}

void Disk::copy_from(Disk const& other) {
  std::scoped_lock const lock(state_->mutex, other.state_->mutex);
  state_->files.clear();
  for (auto const& [path, content] : other.state_->files) {
    auto copy = std::make_shared<Content>();
    copy->now = copy->synced = content->now;
    copy->ever_synced = true;
    state_->files.emplace(path, std::move(copy));
  }
}

void Disk::fail_at(std::int64_t change, Failure failure, int times) {
  std::scoped_lock const lock(state_->mutex);
  state_->fail_at = state_->changes + change;
  state_->failure = failure;
  state_->failures_left = times;
  state_->has_failed = false;
}

bool Disk::has_failed() const {
  std::scoped_lock const lock(state_->mutex);
  return state_->has_failed;
}

void Disk::heal() {
  std::scoped_lock const lock(state_->mutex);
  state_->failures_left = 0;
}

void Disk::ignore_syncs() {
  std::scoped_lock const lock(state_->mutex);
  state_->lies = true;
}

}  // namespace courant::store::testing
