#include "journal/journal.hpp"

#include <algorithm>
#include <mutex>

#include "base/log.hpp"
#include "journal/consumer.hpp"
#include "journal/follower.hpp"
#include "journal/numbering.hpp"
#include "journal/sql.hpp"

namespace courant::journal {
namespace {

/// The journals of this process that listen for commits. record() has only a transaction in its hands, so a commit
/// wakes all of them; outside tests there is one, and a wake for nothing costs one empty read.
class Listening {
 public:
  void add(Journal& journal) {
    std::scoped_lock lock(mutex_);
    journals_.push_back(&journal);
  }
  void remove(Journal& journal) {
    std::scoped_lock lock(mutex_);
    std::erase(journals_, &journal);
  }
  void wake() {
    std::scoped_lock lock(mutex_);
    for (auto* journal : journals_) journal->wake();
  }

 private:
  std::mutex mutex_;
  std::vector<Journal*> journals_;
};

Listening& listening() {
  static Listening instance;
  return instance;
}

class StoredJournal final : public Journal {
 public:
  StoredJournal(store::Store& store, Clock const& clock, Options const& options)
      : store_(store), clock_(clock), follower_(store, clock, options), numbering_(store, clock, options) {}
  ~StoredJournal() override { listening().remove(*this); }

  void follow(std::string name, Position loaded, std::function<void(Event const&)> apply) override {
    follower_.add(std::move(name), loaded, [apply = std::move(apply)](Event const& event) -> Done {
      apply(event);
      return {};
    });
  }
  void follow_with_rows(std::string name, Position loaded, std::function<Done(Event const&)> apply) override {
    follower_.add(std::move(name), loaded, std::move(apply));
  }
  void consume(std::string name, Consumer::Apply apply) override {
    consumers_.push_back(std::make_unique<Consumer>(store_, clock_, std::move(name), std::move(apply)));
  }

  Done start() override {
    for (auto const& consumer : consumers_) TRY(consumer->start());
    TRY(follower_.start([this] { wake_consumers(); }));
    if (store_.engine() == store::Engine::postgresql) numbering_.start([this] { follower_.wake(); });
    listening().add(*this);
    return {};
  }

  void stop() override {
    listening().remove(*this);
    numbering_.stop();
    follower_.stop();
    for (auto const& consumer : consumers_) consumer->stop();
  }

  void wake() override {
    if (store_.engine() == store::Engine::postgresql) numbering_.wake();
    follower_.wake();
    for (auto const& consumer : consumers_)
      if (consumer->failing()) consumer->wake(follower_.seen());  // the clock may have moved
  }

  Done wait_applied(EventId event, Duration patience) override { return follower_.wait_applied(event, patience); }
  Done wait_applied(Position position, Duration patience) override {
    return follower_.wait_applied(position, patience);
  }
  [[nodiscard]] Position applied() const override { return follower_.applied(); }

  Result<std::int64_t> prune(Duration keep) override;

  [[nodiscard]] std::vector<ConsumerStats> stats() const override {
    auto all = follower_.stats();
    for (auto const& consumer : consumers_) all.push_back(consumer->stats(follower_.seen()));
    return all;
  }

 private:
  void wake_consumers() {
    for (auto const& consumer : consumers_) consumer->wake(follower_.seen());
  }

  store::Store& store_;
  Clock const& clock_;
  // In the order in which they wake each other, so that each is joined before what it wakes.
  std::vector<std::unique_ptr<Consumer>> consumers_;
  Follower follower_;
  Numbering numbering_;
};

/// The last position that may go: what every consumer and this node have applied, what is old enough, and never the
/// newest event, from which SQLite takes the next number.
Result<Position> last_to_prune(store::Connection& connection, Position applied, Time before) {
  auto last = std::min(applied, TRY(sql::head(connection)) - 1);
  if (auto const cursor = TRY(sql::oldest_cursor(connection))) last = std::min(last, *cursor);
  if (auto const kept = TRY(sql::first_since(connection, before))) last = std::min(last, *kept - 1);
  return last;
}

Result<std::int64_t> StoredJournal::prune(Duration keep) {
  constexpr Position kAtOnce = 1'000;  // a command never waits longer for the writer than this many deletions take
  auto const before = clock_.now() - keep;
  auto const last = TRY(read_value(
      store_, [&](store::Connection& connection) { return last_to_prune(connection, follower_.applied(), before); }));
  auto const first =
      TRY(read_value(store_, [](store::Connection& connection) { return sql::oldest(connection); })).value_or(last + 1);
  std::int64_t removed = 0;
  for (auto below = first - 1; below < last;) {
    below = std::min(below + kAtOnce, last);
    removed += TRY(write_value(
        store_, [&](store::Transaction& transaction) { return sql::remove_up_to(transaction, below); },
        store::Priority::bulk));
  }
  return removed;
}

}  // namespace

Result<EventId> record(store::Transaction& transaction, IdSource& ids, Clock const& clock, Event event) {
  event.id = ids.next<Event>();
  event.at = clock.now();
  TRY(sql::insert(transaction, event));
  transaction.after_commit([] { listening().wake(); });
  return event.id;
}

Result<Position> head(store::Connection& connection) { return sql::head(connection); }

Result<std::unique_ptr<Journal>> Journal::open(store::Store& store, Clock const& clock, Options options) {
  TRY(read_value(store, [](store::Connection& connection) { return sql::lease(connection); }));
  return std::unique_ptr<Journal>(std::make_unique<StoredJournal>(store, clock, options));
}

}  // namespace courant::journal
