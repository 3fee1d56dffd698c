// Moves the WAL into the database on a thread of its own, so that no commit pays for it.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite_session.hpp"

namespace courant::store {

class SqliteCheckpoints {
 public:
  /// A passive checkpoint (nobody waits) after every `every_pages` new pages; when the WAL has grown to `limit_bytes`
  /// all the same, the writer is held between two groups until it is emptied, at most about a tenth of a second at a
  /// time.
  SqliteCheckpoints(std::unique_ptr<SqliteSession> session, int every_pages, std::int64_t limit_bytes);
  ~SqliteCheckpoints();

  /// The writer's session reports its commits here from now on.
  void watch(SqliteSession& writer);

  /// The writer is between these two while it has a transaction open.
  void enter_group();
  void leave_group();

 private:
  void run_until_stopped();
  [[nodiscard]] bool due() const;
  void checkpoint();
  void empty_wal();

  std::unique_ptr<SqliteSession> session_;
  std::int64_t const every_pages_;
  std::int64_t limit_pages_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t pages_ = 0;  // in the WAL
  std::int64_t moved_ = 0;  // of them already in the database
  std::int64_t try_emptying_at_;
  bool in_group_ = false;
  bool hold_writer_ = false;
  bool failing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace courant::store
