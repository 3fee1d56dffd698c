#include "journal/follower.hpp"

#include <algorithm>

#include "base/guard.hpp"
#include "base/log.hpp"
#include "journal/sql.hpp"

namespace courant::journal {
namespace {

constexpr int kBatch = 1'000;
/// Who waits for an event asks the database for its position only when it has not come by for this long.
constexpr Duration kUsualPatience = 50ms;
/// How long a wake keeps the follower looking at the quick pace, for numbers that another node gives.
constexpr Duration kEager = 1s;

Error too_late() { return unavailable("the projections of this node have not applied the event in time"); }

}  // namespace

void Follower::add(std::string name, Position loaded, std::function<Done(Event const&)> apply) {
  projections_.push_back({std::move(name), loaded, std::move(apply)});
}

Done Follower::start(std::function<void()> at_news) {
  auto const head = TRY(read_value(store_, [](store::Connection& connection) { return sql::head(connection); }));
  auto from = head;
  for (auto const& projection : projections_) from = std::min(from, projection.position);
  seen_ = head;
  applied_ = from;
  at_news_ = std::move(at_news);
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  return {};
}

void Follower::stop() {
  stopping_ = true;
  bell_.ring();
  if (thread_.joinable()) thread_.join();
}

void Follower::wake() {
  if (store_.engine() == store::Engine::postgresql) eager_polls_ = static_cast<int>(kEager / options_.number_every);
  bell_.ring();
}

void Follower::run() {
  at_news_();  // durable consumers may be behind what was there at the start
  while (!stopping_) {
    if (!follow_batch()) bell_.wait(pause());
  }
}

Duration Follower::pause() {
  if (eager_polls_ <= 0) return options_.poll;
  --eager_polls_;
  return options_.number_every;
}

/// False when there is nothing to do for now.
bool Follower::follow_batch() {
  if (back_off_.holds()) return false;
  auto const from = applied_.load();
  auto const events =
      read_value(store_, [&](store::Connection& connection) { return sql::after(connection, from, kBatch); });
  if (!events) {
    if (failed_reads_++ % 100 == 0) log::warn("journal: cannot read: {}", describe(events.error()));
    return false;
  }
  failed_reads_ = 0;
  if (events->empty()) return false;
  if (events->front().position != from + 1) note_gap(from + 1, events->front().position);
  if (events->back().position > seen_) {
    seen_ = events->back().position;
    at_news_();
  }
  for (auto const& event : *events)
    if (!apply_to_all(event)) return false;
  return true;
}

/// Positions have no gaps, so something has pruned what this node has not seen: its projections are not to be trusted.
void Follower::note_gap(Position expected, Position found) {
  log::error("journal: events {} to {} are gone before this node has applied them: restart it to load anew", expected,
             found - 1);
  std::scoped_lock lock(mutex_);
  for (auto& projection : projections_) {
    if (projection.position + 1 >= found) continue;
    projection.healthy = false;
    ++projection.errors;
  }
}

/// False when the event must be tried again (or the journal stops): no projection gets a later one before this.
bool Follower::apply_to_all(Event const& event) {
  for (auto& projection : projections_)
    if (projection.position < event.position && !apply(projection, event)) return false;
  pass(event);
  return true;
}

bool Follower::apply(Projection& projection, Event const& event) {
  if (stopping_) return false;
  auto const done = guarded([&] { return projection.apply(event); });
  if (!done.ok() && done.error().kind == ErrorKind::unavailable) {
    back_off_.grow();
    fail(projection, done.error(), event);
    return false;
  }
  if (!done.ok()) fail(projection, done.error(), event);
  back_off_.end();
  std::scoped_lock lock(mutex_);
  projection.position = event.position;
  return true;
}

void Follower::fail(Projection& projection, Error const& error, Event const& event) {
  bool const again = error.kind == ErrorKind::unavailable;
  log::error("journal: projection {} {} event {} ({}): {}", projection.name,
             again ? "will try again" : "could not apply and is not to be trusted from", event.position, event.kind,
             describe(error));
  std::scoped_lock lock(mutex_);
  ++projection.errors;
  if (!again) projection.healthy = false;
}

void Follower::pass(Event const& event) {
  std::scoped_lock lock(mutex_);
  applied_ = event.position;
  recent_[next_recent_++ % recent_.size()] = event.id.value;
  auto const [first, last] = waiters_.equal_range(event.id.value);
  for (auto waiter = first; waiter != last; ++waiter) waiter->second->arrived = true;
  if (first != last || position_waiters_ > 0) progress_.notify_all();
}

Done Follower::wait_applied(Position position, Duration patience) {
  std::unique_lock lock(mutex_);
  ++position_waiters_;
  bool const in_time = progress_.wait_for(lock, patience, [&] { return applied_ >= position; });
  --position_waiters_;
  if (!in_time) return too_late();
  return {};
}

Done Follower::wait_applied(EventId event, Duration patience) {
  auto const until = std::chrono::steady_clock::now() + patience;
  {
    std::unique_lock lock(mutex_);
    if (std::find(recent_.begin(), recent_.end(), event.value) != recent_.end()) return {};
    Waiter waiter;
    auto const place = waiters_.emplace(event.value, &waiter);
    progress_.wait_for(lock, std::min(patience, kUsualPatience), [&] { return waiter.arrived; });
    waiters_.erase(place);
    if (waiter.arrived) return {};
  }
  // It was applied long ago, or is late: from its number on we know. Without one yet, ask again.
  while (true) {
    auto const position =
        TRY(read_value(store_, [&](store::Connection& connection) { return sql::position_of(connection, event); }));
    auto const left = std::chrono::duration_cast<Duration>(until - std::chrono::steady_clock::now());
    if (position > 0) return wait_applied(position, std::max(left, Duration::zero()));
    if (left <= Duration::zero()) return too_late();
    std::unique_lock lock(mutex_);
    progress_.wait_for(lock, std::min(left, kUsualPatience));
  }
}

std::vector<ConsumerStats> Follower::stats() const {
  std::scoped_lock lock(mutex_);
  std::vector<ConsumerStats> all;
  all.reserve(projections_.size());
  for (auto const& p : projections_)
    all.push_back({p.name, p.position, std::max<std::int64_t>(seen_ - p.position, 0), p.errors, p.healthy});
  return all;
}

}  // namespace courant::journal
