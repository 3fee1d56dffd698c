#include "store/postgresql_store.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "store/migrations.hpp"
#include "store/postgresql_backup.hpp"
#include "store/postgresql_transaction.hpp"

namespace courant::store {
namespace {

constexpr int kTries = 12;
/// Any number, the same on every node: who migrates holds this advisory lock.
constexpr char kLockSchema[] = "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(4850187551)";
constexpr char kUnlockSchema[] = "SELECT pg_advisory_unlock(4850187551); RESET statement_timeout; RESET lock_timeout";

struct Attempt {
  Done outcome;
  bool worth_another_try = false;
  std::vector<std::function<void()>> after_commit;
};

Attempt attempt(PostgresqlSession& session, std::function<Done(Transaction&)> const& work) {
  // SERIALIZABLE, because SQLite's one writer is: a command that is right there must not be wrong here.
  if (auto begun = session.execute_script("BEGIN ISOLATION LEVEL SERIALIZABLE"); !begun.ok())
    return {std::move(begun), false, {}};
  EndTransaction const end(session);
  PostgresqlTransaction transaction(session);
  auto outcome = transaction.run(work);
  if (!outcome.ok()) return {std::move(outcome), transaction.worth_another_try(), {}};
  auto committed = session.text("COMMIT");
  if (!committed.ok()) {
    // When the connection broke during COMMIT nobody knows whether it happened, so it must not be tried again.
    bool const undone = session.worth_another_try() && !session.connection_lost();
    return {committed.error(), undone, {}};
  }
  return {{}, false, transaction.take_after_commit()};
}

/// Commands that met are sent apart: up to 1, 2, 4 … 64 ms.
void back_off(int tries) {
  auto const longest = std::uint64_t{1'000} << std::min(tries, 6);
  std::this_thread::sleep_for(std::chrono::microseconds(crypto::random_number() % longest));
}

/// Set while this thread runs a command or answers one: a write() there would wait for itself on SQLite, so it is
/// refused on both engines.
thread_local bool inside_command = false;

class InsideCommand {
 public:
  InsideCommand() { inside_command = true; }
  ~InsideCommand() { inside_command = false; }
  InsideCommand(InsideCommand const&) = delete;
  InsideCommand& operator=(InsideCommand const&) = delete;
};

}  // namespace

Result<std::unique_ptr<Store>> PostgresqlStore::open(Options const& options) {
  std::unique_ptr<PostgresqlStore> store(new PostgresqlStore(options));
  TRY(store->writers_.borrow());  // connects and checks
  return std::unique_ptr<Store>(std::move(store));
}

PostgresqlStore::PostgresqlStore(Options const& options)
    : settings_{options.url, options.statement_timeout},
      writer_count_(std::max(1, options.writers)),
      bulk_limit_(std::max(1, writer_count_ - 1)),
      readers_(std::max(1, options.readers),
               [this] { return PostgresqlSession::open(settings_, PostgresqlSession::Access::read); }),
      writers_(writer_count_, [this] { return PostgresqlSession::open(settings_, PostgresqlSession::Access::write); }) {
}

PostgresqlStore::~PostgresqlStore() {
  {
    std::scoped_lock const lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Result<int> PostgresqlStore::migrate(std::span<Migration const> steps) {
  bool up_to_date = false;
  TRY(read([&](Connection& connection) -> Done {
    auto const applied = TRY(applied_steps(connection));
    up_to_date = !applied.empty() && TRY(steps_to_run(Engine::postgresql, applied, steps)).empty();
    return {};
  }));
  if (up_to_date) return 0;
  int ran = 0;
  TRY(change_schema([&](Transaction& transaction) -> Done {
    ran = TRY(apply_steps(transaction, steps));
    return {};
  }));
  return ran;
}

Done PostgresqlStore::step_back(std::span<Migration const> steps, std::string_view owner) {
  return change_schema([&](Transaction& transaction) { return undo_last_step(transaction, steps, owner); });
}

/// One node at a time. The lock is taken before the transaction begins, for the transaction sees what was there when it
/// began.
Done PostgresqlStore::change_schema(std::function<Done(Transaction&)> const& work) {
  auto const session = TRY(writers_.borrow());
  TRY(session->execute_script(kLockSchema));
  auto outcome = attempt(*session, work).outcome;
  auto const unlocked = session->execute_script(kUnlockSchema);
  if (outcome.ok() && !unlocked.ok()) log::warn("after a migration: {}", describe(unlocked.error()));
  return outcome;
}

Done PostgresqlStore::write(std::function<Done(Transaction&)> work, Priority priority) {
  if (inside_command) return broken("write() inside a command would wait for itself");
  if (priority == Priority::command) return run_command(work);
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return bulk_running_ < bulk_limit_; });
    ++bulk_running_;
  }
  auto outcome = run_command(work);
  {
    std::scoped_lock const lock(mutex_);
    --bulk_running_;
  }
  changed_.notify_all();
  return outcome;
}

Done PostgresqlStore::run_command(std::function<Done(Transaction&)> const& work) {
  InsideCommand const inside;
  Attempt last;
  for (int tries = 0; tries < kTries; ++tries) {
    if (tries > 0) back_off(tries);
    auto session = writers_.borrow();
    if (!session.ok()) {
      last = {session.error(), false, {}};
      break;
    }
    last = attempt(**session, work);
    if (last.outcome.ok() || !last.worth_another_try) break;
  }
  count(last.outcome);
  for (auto const& act : last.after_commit) call_guarded(act, "after_commit");
  return std::move(last.outcome);
}

void PostgresqlStore::count(Done const& outcome) {
  std::scoped_lock const lock(mutex_);
  if (!outcome.ok()) {
    ++stats_.failed;
    return;
  }
  ++stats_.commits;
  ++stats_.commands;
  stats_.last_group = 1;
  stats_.average_group = 1;
}

void PostgresqlStore::submit(std::function<Done(Transaction&)> work, std::function<void(Done)> done,
                             Priority priority) {
  {
    std::scoped_lock const lock(mutex_);
    if (!stopping_) {
      auto& queue = priority == Priority::bulk ? bulk_ : commands_;
      queue.push_back({std::move(work), std::move(done), priority});
      if (static_cast<int>(threads_.size()) < writer_count_) threads_.emplace_back([this] { work_off_submitted(); });
      changed_.notify_all();
      return;
    }
  }
  done(unavailable("the store is closing"));
}

void PostgresqlStore::work_off_submitted() {
  std::unique_lock lock(mutex_);
  while (auto command = next_submitted(lock)) {
    lock.unlock();
    auto outcome = run_command(command->work);
    {
      InsideCommand const inside;
      call_guarded([&] { command->done(std::move(outcome)); }, "an answer");
    }
    lock.lock();
    if (command->priority == Priority::bulk) --bulk_running_;
    changed_.notify_all();
  }
}

/// Waits; nothing when stopping and all is done.
std::optional<Command> PostgresqlStore::next_submitted(std::unique_lock<std::mutex>& lock) {
  auto const bulk_may_run = [&] { return !bulk_.empty() && bulk_running_ < bulk_limit_; };
  changed_.wait(lock, [&] { return !commands_.empty() || bulk_may_run() || (stopping_ && bulk_.empty()); });
  if (commands_.empty() && bulk_.empty()) return std::nullopt;
  auto& queue = commands_.empty() ? bulk_ : commands_;
  Command command = std::move(queue.front());
  queue.pop_front();
  if (command.priority == Priority::bulk) ++bulk_running_;
  return command;
}

Done PostgresqlStore::read(std::function<Done(Connection&)> work) {
  auto const session = TRY(readers_.borrow());
  PostgresqlReader reader(*session);
  return work(reader);
}

Done PostgresqlStore::snapshot(std::function<Done(Connection&)> work) {
  auto const session = TRY(readers_.borrow());
  TRY(session->execute_script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  EndTransaction const end(*session);
  PostgresqlReader reader(*session);
  return work(reader);
}

Result<BackupReport> PostgresqlStore::backup(std::filesystem::path const& target,
                                             std::span<std::string const> leave_out) {
  // Its own connection and no time limit: a backup takes long, and no reader should wait for it.
  auto const session = TRY(PostgresqlSession::open({settings_.url}, PostgresqlSession::Access::read));
  TRY(session->execute_script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  EndTransaction const end(*session);
  return backup_postgresql(*session, target, leave_out);
}

Stats PostgresqlStore::stats() const {
  Stats stats;
  {
    std::scoped_lock const lock(mutex_);
    stats = stats_;
    stats.waiting = static_cast<std::int64_t>(commands_.size() + bulk_.size());
  }
  static Statement<std::tuple<>, std::tuple<std::int64_t>> const kSize{"SELECT pg_database_size(current_database())"};
  if (auto session = readers_.borrow(); session.ok()) {
    PostgresqlReader reader(**session);
    if (auto const size = kSize.first(reader, {}); size.ok() && *size) stats.size_bytes = std::get<0>(**size);
  }
  return stats;
}

}  // namespace courant::store
