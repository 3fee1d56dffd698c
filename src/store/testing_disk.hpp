// A disk for SQLite that lives in memory and fails when told: it keeps what was written but not yet synced apart, so
// that a power cut can drop it, tear it or apply it in any order; it can be full, and its syncs can fail.
//
//     Disk disk;                                           // registers a VFS of its own
//     auto store = Store::open({.url = "sqlite:/courant.db", .sqlite_vfs = disk.name()});
//     disk.cut_power_at(17);                               // at the 17th change of the disk from now
//     …
//     disk.power_on(random);                               // what a real disk could have kept
//
// The model: a write is cut into sectors of 512 bytes, each of which survives or not by itself until a sync of that
// file has returned; so do truncations; a file that was never synced may be gone. What a sync has covered stays.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>

namespace courant::store::testing {

struct DiskState;

class Disk {
 public:
  using Random = std::mt19937_64;

  /// Also stops the log: what is told to fail need not be told again.
  Disk();
  /// Every connection must be closed.
  ~Disk();
  Disk(Disk const&) = delete;
  Disk& operator=(Disk const&) = delete;

  [[nodiscard]] std::string const& name() const;

  /// Changes of the disk (writes, truncations, deletions, syncs) so far.
  [[nodiscard]] std::int64_t changes() const;
  /// The power goes during the change that many from now: it and all after it fail.
  void cut_power_at(std::int64_t change);
  void cut_power();
  [[nodiscard]] bool is_off() const;
  /// After every connection was closed: the disk as it may be found.
  void power_on(Random& random);
  /// What is there now, as a new disk's content.
  void copy_from(Disk const& other);

  enum class Failure { none, full, sync, write };
  /// From the change that many from now on, that many changes fail: `full` writes for want of space, `sync` syncs,
  /// `write` any with an I/O error.
  void fail_at(std::int64_t change, Failure failure, int times = 1'000'000'000);
  /// Whether anything failed since the last fail_at().
  [[nodiscard]] bool has_failed() const;
  void heal();

  /// A disk that lies: it calls synced what it may lose.
  void ignore_syncs();

 private:
  std::unique_ptr<DiskState> state_;
};

}  // namespace courant::store::testing
