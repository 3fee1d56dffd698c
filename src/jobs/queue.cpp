// The durable queue of this node: a thread takes what is due, workers run it.
#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/bell.hpp"
#include "base/guard.hpp"
#include "base/log.hpp"
#include "jobs/jobs.hpp"
#include "jobs/sql.hpp"

namespace courant::jobs {
namespace {

using sql::Row;
using sql::State;

/// A node that says nothing for this long has died, and its jobs run again elsewhere.
constexpr Duration kLease = 30s;
constexpr Duration kRenewEvery = kLease / 3;
constexpr Duration kLook = 1s;
constexpr std::int64_t kTries = 10;
/// Jobs never hold more workers than this: the others are for visitors.
constexpr std::size_t kAtOnce = 4;

/// 1 s doubling to 1 h.
Duration wait_after(std::int64_t tries) {
  return std::min<Duration>(Duration(1s) * (std::int64_t{1} << std::clamp<std::int64_t>(tries - 1, 0, 12)), 1h);
}

struct Act {
  std::function<Done(std::string_view payload)> run;
  Duration interval{0};  // 0: not recurring
};

/// What becomes of a job after a try.
struct Verdict {
  State state = State::waiting;
  Time due;
  std::int64_t tries = 0;
  bool remove = false;
};

Verdict judge(Row const& job, Act const& act, bool succeeded, Time started, Time now) {
  bool const recurring = act.interval > Duration::zero();
  if (succeeded && !recurring) return {.remove = true};
  if (succeeded) return {State::waiting, std::max(started + act.interval, now), 0};
  if (recurring) return {State::waiting, now + std::min(wait_after(job.tries), act.interval), job.tries};
  return {job.tries >= kTries ? State::failed : State::waiting, now + wait_after(job.tries), job.tries};
}

class StoredJobs final : public Jobs {
 public:
  StoredJobs(store::Store& store, Clock const& clock, IdSource& ids, WorkerPool& pool)
      : store_(store), clock_(clock), ids_(ids), pool_(pool), bell_(std::make_shared<Bell>()) {}
  ~StoredJobs() override { stop(); }

  Result<Id<Job>> enqueue(store::Transaction& transaction, std::string_view kind, std::string_view payload,
                          Time at) override {
    auto const id = ids_.next<Job>();
    TRY(sql::insert(transaction, id, kind, payload, at));
    transaction.after_commit([bell = bell_] { bell->ring(); });
    return id;
  }

  void handle(std::string kind, std::function<Done(std::string_view payload)> act) override {
    acts_[std::move(kind)] = {std::move(act)};
  }
  void every(std::string name, Duration interval, std::function<Done()> act) override {
    acts_["every." + name] = {[act = std::move(act)](std::string_view) { return act(); }, interval};
  }

  Done start() override;
  void stop() override;
  void wake() override { bell_->ring(); }
  [[nodiscard]] Stats stats() const override;

 private:
  Done ensure_recurring();
  void look();
  Duration until_next();
  Done renew_running();
  Result<std::vector<Row>> claim_due();
  void give_to_worker(Row const& job);
  void run(Row const& job);
  void settle(Row const& job, Act const& act, Done const& outcome, Time started);
  void give_back(Row const& job);
  void forget(Row const& job);
  std::size_t running() const;

  store::Store& store_;
  Clock const& clock_;
  IdSource& ids_;
  WorkerPool& pool_;
  std::shared_ptr<Bell> bell_;  // shared with commits that may end after this
  std::map<std::string, Act> acts_;
  std::string kinds_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  Time renewed_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::int64_t, std::int64_t> running_;  // job -> claim
  mutable Stats last_stats_;
};

Done StoredJobs::start() {
  kinds_ = ",";
  for (auto const& [kind, act] : acts_) kinds_ += kind + ",";
  TRY(ensure_recurring());
  stopping_ = false;
  thread_ = std::thread([this] {
    while (!stopping_) {
      look();
      bell_->wait(until_next());
    }
  });
  return {};
}

/// A recurring job that is new runs at once; one whose interval became shorter is not kept waiting for the old one.
Done StoredJobs::ensure_recurring() {
  return store_.write([&](store::Transaction& transaction) -> Done {
    auto const now = clock_.now();
    for (auto const& [kind, act] : acts_)
      if (act.interval > Duration::zero())
        TRY(sql::ensure_recurring(transaction, ids_.next<Job>(), kind, now, now + act.interval));
    return {};
  });
}

void StoredJobs::stop() {
  stopping_ = true;
  bell_->ring();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return running_.empty(); });
}

void StoredJobs::look() {
  if (auto const done = renew_running(); !done.ok()) log::warn("jobs: cannot renew: {}", describe(done.error()));
  auto claimed = claim_due();
  if (!claimed) return log::warn("jobs: cannot look for work: {}", describe(claimed.error()));
  for (auto const& job : *claimed) give_to_worker(job);
}

Duration StoredJobs::until_next() {
  if (running() >= kAtOnce) return kLook;  // whoever ends rings
  auto const next = read_value(store_, [&](store::Connection& connection) {
                      return sql::next_due(connection, kinds_);
                    }).value_or(std::nullopt);
  if (!next) return kLook;
  return std::clamp<Duration>(*next - clock_.now(), 1ms, kLook);
}

Done StoredJobs::renew_running() {
  auto const now = clock_.now();
  if (now < renewed_ + kRenewEvery && now >= renewed_) return {};
  renewed_ = now;
  std::map<std::int64_t, std::int64_t> running;
  {
    std::scoped_lock lock(mutex_);
    running = running_;
  }
  if (running.empty()) return {};
  return store_.write([&](store::Transaction& transaction) -> Done {
    for (auto const& [id, claim] : running) TRY(sql::renew(transaction, {id}, claim, now + kLease));
    return {};
  });
}

Result<std::vector<Row>> StoredJobs::claim_due() {
  auto const now = clock_.now();
  auto const room = static_cast<int>(kAtOnce - std::min(running(), kAtOnce));
  if (room == 0) return std::vector<Row>{};
  auto const due = TRY(read_value(store_, [&](store::Connection& c) { return sql::due(c, kinds_, now, room); }));
  if (due.empty()) return due;
  return write_value(store_, [&](store::Transaction& transaction) -> Result<std::vector<Row>> {
    std::vector<Row> claimed;
    for (auto job : due) {
      if (!TRY(sql::claim(transaction, job, now + kLease))) continue;  // another node was quicker
      ++job.claim;
      ++job.tries;
      claimed.push_back(std::move(job));
    }
    return claimed;
  });
}

void StoredJobs::give_to_worker(Row const& job) {
  {
    std::scoped_lock lock(mutex_);
    running_[job.id.value] = job.claim;
  }
  if (!pool_.run([this, job] { run(job); })) {
    give_back(job);
    forget(job);
  }
}

void StoredJobs::run(Row const& job) {
  auto const act = acts_.find(job.kind);
  if (stopping_ || act == acts_.end()) {
    give_back(job);
  } else if (job.tries > kTries && act->second.interval == Duration::zero()) {
    settle(job, act->second, broken("whoever ran it died, each time"), clock_.now());
  } else {
    auto const started = clock_.now();
    settle(job, act->second, guarded([&] { return act->second.run(job.payload); }), started);
  }
  forget(job);
}

/// When this cannot be written the job's lease runs out, and it runs again: at least once, as promised.
void StoredJobs::settle(Row const& job, Act const& act, Done const& outcome, Time started) {
  auto const verdict = judge(job, act, outcome.ok(), started, clock_.now());
  auto const error = outcome.ok() ? std::string() : describe(outcome.error());
  if (!outcome.ok())
    log::error("jobs: {} {} failed at try {}{}: {}", job.kind, job.id.value, job.tries,
               verdict.state == State::failed ? ", the last" : "", error);
  auto const written = store_.write([&](store::Transaction& transaction) -> Done {
    bool const ours = verdict.remove
                          ? TRY(sql::finish(transaction, job))
                          : TRY(sql::put_back(transaction, job, verdict.state, verdict.due, verdict.tries, error));
    if (!ours) log::warn("jobs: {} {} was taken over by another node while it ran here", job.kind, job.id.value);
    return {};
  });
  if (!written.ok()) log::error("jobs: {} {} will run again: {}", job.kind, job.id.value, describe(written.error()));
}

/// It was not tried, so the try does not count.
void StoredJobs::give_back(Row const& job) {
  auto const due = clock_.now() + kLook;
  auto const written = store_.write([&](store::Transaction& transaction) -> Done {
    TRY(sql::put_back(transaction, job, State::waiting, due, job.tries - 1, ""));
    return {};
  });
  if (!written.ok())
    log::warn("jobs: {} {} waits for its lease: {}", job.kind, job.id.value, describe(written.error()));
}

void StoredJobs::forget(Row const& job) {
  std::scoped_lock lock(mutex_);
  running_.erase(job.id.value);
  bell_->ring();
  idle_.notify_all();
}

std::size_t StoredJobs::running() const {
  std::scoped_lock lock(mutex_);
  return running_.size();
}

Stats StoredJobs::stats() const {
  auto const counted = read_value(store_, [](store::Connection& connection) { return sql::count(connection); });
  std::scoped_lock lock(mutex_);
  if (counted) last_stats_ = *counted;
  return last_stats_;
}

}  // namespace

Result<std::unique_ptr<Jobs>> Jobs::open(store::Store& store, Clock const& clock, IdSource& ids, WorkerPool& pool) {
  TRY(read_value(store, [](store::Connection& connection) { return sql::count(connection); }));
  return std::unique_ptr<Jobs>(std::make_unique<StoredJobs>(store, clock, ids, pool));
}

}  // namespace courant::jobs
