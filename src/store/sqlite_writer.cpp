#include "store/sqlite_writer.hpp"

#include "base/log.hpp"
#include "store/transaction_common.hpp"

namespace courant::store {
namespace {

/// Bulk writes alone may share a commit for longer: nobody looks at a page meanwhile.
constexpr Duration kBulkWindow = 20ms;
/// A bulk write that has waited this long joins a group of commands, so that imports are slow and not stopped.
constexpr Duration kBulkPatience = 100ms;

class SqliteTransaction final : public TransactionCommon {
 public:
  explicit SqliteTransaction(SqliteSession& session) : session_(session) {}

  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }

  Result<bool> lock(std::string_view table, std::string_view key_column, std::int64_t id) override {
    return find_row(fmt::format("SELECT 1 FROM {} WHERE {} = :id", table, key_column), id);
  }

 private:
  Result<std::int64_t> execute_now(detail::RawStatement const& statement, std::span<Parameter const> in, detail::Rows,
                                   detail::UseRow const& use) override {
    return session_.execute(statement, in, use);
  }
  Done execute_script_now(std::string const& sql) override { return session_.execute_script(sql); }

  SqliteSession& session_;
};

detail::RawStatement const kBegin("BEGIN IMMEDIATE", {}, {});
detail::RawStatement const kCommit("COMMIT", {}, {});
detail::RawStatement const kRollback("ROLLBACK", {}, {});
detail::RawStatement const kSavepoint("SAVEPOINT command", {}, {});
detail::RawStatement const kRelease("RELEASE command", {}, {});
detail::RawStatement const kRollbackToSavepoint("ROLLBACK TO command", {}, {});

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteSession> session, SqliteCheckpoints& checkpoints,
                           Options const& options)
    : session_(std::move(session)),
      checkpoints_(checkpoints),
      group_size_(static_cast<std::size_t>(std::max(1, options.group_size))),
      group_window_(options.group_window) {
  checkpoints_.watch(*session_);
  thread_ = std::thread([this] { write_until_stopped(); });
}

SqliteWriter::~SqliteWriter() { stop(); }

void SqliteWriter::stop() {
  {
    std::scoped_lock const lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SqliteWriter::submit(Command command) {
  command.since = Clock::now();
  {
    std::scoped_lock const lock(mutex_);
    if (!stopping_) {
      (command.priority == Priority::bulk ? bulk_ : commands_).push_back(std::move(command));
      arrived_.notify_one();
      return;
    }
  }
  command.done(unavailable("the store is closing"));
}

void SqliteWriter::write_until_stopped() {
  while (wait_for_command()) {
    checkpoints_.enter_group();
    auto group = run_group();
    checkpoints_.leave_group();
    answer(std::move(group));
  }
}

/// False when stopping and nothing is left to do.
bool SqliteWriter::wait_for_command() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return stopping_ || !commands_.empty() || !bulk_.empty(); });
  return !commands_.empty() || !bulk_.empty();
}

SqliteWriter::Group SqliteWriter::run_group() {
  Group group;
  if (auto begun = session_->execute(kBegin); !begun.ok()) {
    group.lost = begun.error();
    fail_waiting(group);
    return group;
  }
  while (!group.lost) {
    auto command = next_for(group);
    if (!command) break;
    run_member(group, std::move(*command));
  }
  last_size_ = group.members.size();
  if (!group.lost) {
    if (auto committed = commit(group); !committed.ok()) group.lost = committed.error();
  }
  return group;
}

/// The next command of this group. Waits within the window only while the group before was larger: many people at once
/// send their next command when the last one is answered, and one alone must not wait for nobody.
std::optional<Command> SqliteWriter::next_for(Group const& group) {
  if (group.members.size() >= group_size_) return std::nullopt;
  std::unique_lock lock(mutex_);
  auto const deadline = group.begun + group_window_;
  while (true) {
    if (auto command = pop_for(group)) return command;
    bool const more_expected = group.members.size() < last_size_ && commands_.empty() && bulk_.empty() && !stopping_;
    if (!more_expected || Clock::now() >= deadline) return std::nullopt;
    arrived_.wait_until(lock, deadline);
  }
}

std::optional<Command> SqliteWriter::pop_for(Group const& group) {
  auto const pop = [](std::deque<Command>& queue) {
    Command command = std::move(queue.front());
    queue.pop_front();
    return command;
  };
  auto const age = Clock::now() - group.begun;
  if (!commands_.empty()) {
    if (!group.members.empty() && age >= group_window_) return std::nullopt;
    return pop(commands_);
  }
  if (bulk_.empty()) return std::nullopt;
  if (group.has_command) {
    if (group.has_bulk || Clock::now() - bulk_.front().since < kBulkPatience) return std::nullopt;
    return pop(bulk_);
  }
  if (!group.members.empty() && age >= std::max(kBulkWindow, group_window_)) return std::nullopt;
  return pop(bulk_);
}

void SqliteWriter::run_member(Group& group, Command command) {
  (command.priority == Priority::bulk ? group.has_bulk : group.has_command) = true;
  auto& member = group.members.emplace_back(Member{std::move(command), {}, {}});
  if (auto ended = run_in_savepoint(member); !ended.ok()) group.lost = ended.error();
  // SQLITE_FULL and its like roll back the whole transaction, the savepoints before this one with it; the next
  // SAVEPOINT would then begin a transaction of its own and its RELEASE commit it. So the group ends here.
  if (!session_->in_transaction() && !group.lost)
    group.lost = member.outcome.ok() ? broken("a command ended the transaction of its group") : member.outcome.error();
  if (group.lost && session_->in_transaction()) [[maybe_unused]]
    auto const undone = session_->execute(kRollback);
}

/// Sets the member's outcome; an error of its own means that the savepoint failed, and with it the group.
Done SqliteWriter::run_in_savepoint(Member& member) {
  TRY(session_->execute(kSavepoint));
  SqliteTransaction transaction(*session_);
  member.outcome = transaction.run(member.command.work);
  if (!session_->in_transaction()) return {};
  if (member.outcome.ok())
    member.after_commit = transaction.take_after_commit();
  else
    TRY(session_->execute(kRollbackToSavepoint));
  TRY(session_->execute(kRelease));
  return {};
}

Done SqliteWriter::commit(Group const& group) {
  bool const something_to_keep =
      std::any_of(group.members.begin(), group.members.end(), [](Member const& member) { return member.outcome.ok(); });
  if (!something_to_keep) {
    TRY(session_->execute(kRollback));
    return {};
  }
  auto committed = session_->execute(kCommit);
  if (committed.ok()) return {};
  if (session_->in_transaction()) [[maybe_unused]]
    auto const rolled_back = session_->execute(kRollback);
  bury_failed_commit();
  return committed.error();
}

/// When COMMIT fails at its fsync, its frames may stand whole in the WAL, and after a crash recovery would find what we
/// are about to call failed. The next commit overwrites them, so we make one at once. If that fails too the disk is
/// still ill, and the commit after healing does it.
void SqliteWriter::bury_failed_commit() {
  auto const version = session_->number("PRAGMA user_version");
  if (!version.ok()) return;
  auto const next = (*version + 1) % 1'000'000;
  [[maybe_unused]] auto const buried = session_->execute_script(fmt::format("PRAGMA user_version = {}", next));
}

/// Everybody who waits learns that no transaction can begin, instead of finding out one after the other.
void SqliteWriter::fail_waiting(Group& group) {
  std::scoped_lock const lock(mutex_);
  for (auto* queue : {&commands_, &bulk_}) {
    for (auto& command : *queue) group.members.push_back(Member{std::move(command), {}, {}});
    queue->clear();
  }
}

void SqliteWriter::answer(Group group) {
  if (group.lost) {
    log::error("a group of {} commands failed: {}", group.members.size(), describe(*group.lost));
    for (auto& member : group.members) {
      member.outcome = unavailable("the transaction of the group failed: " + group.lost->detail);
      member.after_commit.clear();
    }
  }
  count(group);
  for (auto& member : group.members) {
    for (auto const& act : member.after_commit) call_guarded(act, "after_commit");
    call_guarded([&] { member.command.done(std::move(member.outcome)); }, "an answer");
  }
}

void SqliteWriter::count(Group const& group) {
  auto const size = static_cast<std::int64_t>(group.members.size());
  auto const kept = std::count_if(group.members.begin(), group.members.end(),
                                  [](Member const& member) { return member.outcome.ok(); });
  std::scoped_lock const lock(mutex_);
  stats_.failed += size - kept;
  stats_.commands += kept;
  if (kept == 0) return;
  ++stats_.commits;
  stats_.last_group = kept;
  auto& place = sizes_[static_cast<std::size_t>(stats_.commits) % sizes_.size()];
  sizes_sum_ += kept - place;
  place = static_cast<std::int32_t>(kept);
  sizes_used_ = std::min(sizes_used_ + 1, sizes_.size());
}

void SqliteWriter::fill(Stats& stats) const {
  std::scoped_lock const lock(mutex_);
  stats = stats_;
  stats.average_group = sizes_used_ == 0 ? 0 : static_cast<double>(sizes_sum_) / static_cast<double>(sizes_used_);
  stats.waiting = static_cast<std::int64_t>(commands_.size() + bulk_.size());
}

}  // namespace courant::store
