#include "store/sqlite_checkpoints.hpp"

#include "base/log.hpp"

namespace courant::store {

SqliteCheckpoints::SqliteCheckpoints(std::unique_ptr<SqliteSession> session, int every_pages, std::int64_t limit_bytes)
    : session_(std::move(session)), every_pages_(every_pages) {
  limit_pages_ = std::max<std::int64_t>(1, limit_bytes / session_->number("PRAGMA page_size").value_or(4'096));
  try_emptying_at_ = limit_pages_;
  thread_ = std::thread([this] { run_until_stopped(); });
}

SqliteCheckpoints::~SqliteCheckpoints() {
  {
    std::scoped_lock const lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SqliteCheckpoints::watch(SqliteSession& writer) {
  sqlite3_wal_hook(
      writer.handle(),
      [](void* self, sqlite3*, char const*, int pages) {
        auto& checkpoints = *static_cast<SqliteCheckpoints*>(self);
        std::scoped_lock const lock(checkpoints.mutex_);
        if (pages < checkpoints.pages_) checkpoints.moved_ = 0;  // the writer has begun the WAL anew
        checkpoints.pages_ = pages;
        if (checkpoints.due()) checkpoints.changed_.notify_all();
        return SQLITE_OK;
      },
      this);
}

void SqliteCheckpoints::enter_group() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !hold_writer_; });
  in_group_ = true;
}

void SqliteCheckpoints::leave_group() {
  std::scoped_lock const lock(mutex_);
  in_group_ = false;
  if (hold_writer_) changed_.notify_all();
}

bool SqliteCheckpoints::due() const { return pages_ - moved_ >= every_pages_; }

void SqliteCheckpoints::run_until_stopped() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || due(); });
    if (stopping_) return;
    lock.unlock();
    checkpoint();
    lock.lock();
  }
}

void SqliteCheckpoints::checkpoint() {
  int in_wal = 0;
  int moved = 0;
  int const result = sqlite3_wal_checkpoint_v2(session_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
  bool const failed = result != SQLITE_OK && result != SQLITE_BUSY;
  if (failed && !failing_) log::warn("checkpoint failed: {}", describe(sqlite_error(session_->handle(), "checkpoint")));
  failing_ = failed;
  bool empty = false;
  {
    std::scoped_lock const lock(mutex_);
    // What could not be moved (a reader needs the old pages, or the disk is full) is tried again after as many new
    // pages.
    moved_ = pages_;
    empty = !failed && pages_ >= try_emptying_at_;
  }
  if (empty) empty_wal();
}

void SqliteCheckpoints::empty_wal() {
  {
    std::unique_lock lock(mutex_);
    hold_writer_ = true;
    changed_.wait(lock, [&] { return !in_group_; });
  }
  // Readers that came before the last pages were moved still read the WAL; short ones are gone within this time, and
  // new ones read the database itself.
  sqlite3_busy_timeout(session_->handle(), 100);
  int const result =
      sqlite3_wal_checkpoint_v2(session_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  std::scoped_lock const lock(mutex_);
  hold_writer_ = false;
  if (result == SQLITE_OK) {
    pages_ = moved_ = 0;
    try_emptying_at_ = limit_pages_;
  } else {
    try_emptying_at_ = pages_ + limit_pages_ / 4;
  }
  changed_.notify_all();
}

}  // namespace courant::store
