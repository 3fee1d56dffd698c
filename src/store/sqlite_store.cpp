#include "store/sqlite_store.hpp"

#include <fmt/format.h>

#include <future>

#include "base/log.hpp"
#include "store/migrations.hpp"
#include "store/sqlite_backup.hpp"
#include "store/sync.hpp"

namespace courant::store {
namespace {

constexpr std::int64_t kApplicationId = 0x436F7572;  // "Cour", in the file's header

class SqliteReader final : public Connection {
 public:
  explicit SqliteReader(SqliteSession& session) : session_(session) {}
  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }

 private:
  Result<std::int64_t> execute(detail::RawStatement const& statement, std::span<Parameter const> in, detail::Rows,
                               detail::UseRow const& use) override {
    return session_.execute(statement, in, use);
  }
  Done execute_script(std::string const& sql) override { return session_.execute_script(sql); }

  SqliteSession& session_;
};

/// Makes a new file ours, and refuses one that is somebody else's.
Done claim(SqliteSession& session) {
  auto const id = TRY(session.number("PRAGMA application_id"));
  if (id != kApplicationId) {
    if (id != 0 || TRY(session.number("SELECT COUNT(*) FROM sqlite_schema")) != 0)
      return broken("the file is a database, but not Courant's");
  }
  auto const mode = TRY(session.texts("PRAGMA journal_mode = WAL"));
  if (mode.empty() || mode.front() != "wal") return broken("SQLite cannot use a write-ahead log here");
  if (id != kApplicationId) TRY(session.execute_script(fmt::format("PRAGMA application_id = {}", kApplicationId)));
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> SqliteStore::open(std::filesystem::path path, Options const& options) {
  SqliteSettings const settings{path, options.sqlite_vfs, 5'000ms, 8'192};
  auto writer = TRY(SqliteSession::open(settings, SqliteSession::Access::write));
  TRY(claim(*writer));
  if (options.sqlite_max_pages > 0)
    TRY(writer->execute_script(fmt::format("PRAGMA max_page_count = {}", options.sqlite_max_pages)));
  auto checkpoints = TRY(SqliteSession::open(settings, SqliteSession::Access::write));
  return std::unique_ptr<Store>(new SqliteStore(std::move(path), options, std::move(writer), std::move(checkpoints)));
}

SqliteStore::SqliteStore(std::filesystem::path path, Options const& options, std::unique_ptr<SqliteSession> writer,
                         std::unique_ptr<SqliteSession> checkpoints)
    : path_(std::move(path)),
      settings_{path_, options.sqlite_vfs},
      checkpoints_(std::move(checkpoints), options.sqlite_checkpoint_pages, options.sqlite_wal_limit),
      writer_(std::move(writer), checkpoints_, options),
      readers_(std::max(1, options.readers),
               [this] { return SqliteSession::open(settings_, SqliteSession::Access::read); }) {}

/// The last answers may still read.
SqliteStore::~SqliteStore() { writer_.stop(); }

Result<int> SqliteStore::migrate(std::span<Migration const> steps) {
  bool used = false;
  bool up_to_date = false;
  TRY(read([&](Connection& connection) -> Done {
    auto const applied = TRY(applied_steps(connection));
    used = !applied.empty();
    up_to_date = used && TRY(steps_to_run(Engine::sqlite, applied, steps)).empty();
    return {};
  }));
  if (up_to_date) return 0;
  if (used) TRY(keep_copy());
  int ran = 0;
  TRY(write(
      [&](Transaction& transaction) -> Done {
        ran = TRY(apply_steps(transaction, steps));
        return {};
      },
      Priority::command));
  return ran;
}

Done SqliteStore::step_back(std::span<Migration const> steps, std::string_view owner) {
  TRY(keep_copy());
  return write([&](Transaction& transaction) { return undo_last_step(transaction, steps, owner); }, Priority::command);
}

/// The last state before the schema changed, beside the database.
Done SqliteStore::keep_copy() {
  auto session = TRY(SqliteSession::open(settings_, SqliteSession::Access::write));
  auto const copy = std::filesystem::path(path_.string() + ".before-migration");
  auto const unfinished = std::filesystem::path(copy.string() + ".unfinished");
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  TRY(copy_database(*session, unfinished));
  remove_side_files(copy);
  std::error_code failed;
  std::filesystem::rename(unfinished, copy, failed);
  if (failed) return unavailable("cannot keep the copy before the migration: " + failed.message());
  return sync_directory(copy.parent_path());
}

Done SqliteStore::write(std::function<Done(Transaction&)> work, Priority priority) {
  if (writer_.is_this_thread()) return broken("write() inside a command would wait for itself");
  // Shared: set_value() may still be touching the promise when the answer has arrived here.
  auto const answer = std::make_shared<std::promise<Done>>();
  auto answered = answer->get_future();
  writer_.submit({std::move(work), [answer](Done done) { answer->set_value(std::move(done)); }, priority});
  return answered.get();
}

void SqliteStore::submit(std::function<Done(Transaction&)> work, std::function<void(Done)> done, Priority priority) {
  writer_.submit({std::move(work), std::move(done), priority});
}

Done SqliteStore::read(std::function<Done(Connection&)> work) {
  auto const session = TRY(readers_.borrow());
  SqliteReader reader(*session);
  return work(reader);
}

Done SqliteStore::snapshot(std::function<Done(Connection&)> work) {
  auto const session = TRY(readers_.borrow());
  return read_transaction(*session, [&] {
    SqliteReader reader(*session);
    return work(reader);
  });
}

Result<BackupReport> SqliteStore::backup(std::filesystem::path const& target, std::span<std::string const> leave_out) {
  // Its own connection: a backup takes long, and no reader should wait for it.
  auto session = TRY(SqliteSession::open(settings_, SqliteSession::Access::write));
  return backup_sqlite(*session, target, leave_out);
}

Stats SqliteStore::stats() const {
  Stats stats;
  writer_.fill(stats);
  auto const size = [](std::filesystem::path const& path) -> std::int64_t {
    std::error_code failed;
    auto const bytes = std::filesystem::file_size(path, failed);
    return failed ? 0 : static_cast<std::int64_t>(bytes);
  };
  stats.size_bytes = size(path_);
  stats.wal_bytes = size(path_.string() + "-wal");
  return stats;
}

}  // namespace courant::store
