#include "journal/consumer.hpp"

#include <algorithm>

#include "base/guard.hpp"
#include "base/log.hpp"
#include "journal/sql.hpp"

namespace courant::journal {
namespace {

constexpr int kBatch = 100;
/// Only for the end of a back-off: news ring the bell.
constexpr Duration kLook = 100ms;

}  // namespace

Done Consumer::start() {
  TRY(store_.write([&](store::Transaction& transaction) { return sql::ensure_cursor(transaction, name_); }));
  TRY(find_cursor());
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  return {};
}

void Consumer::stop() {
  stopping_ = true;
  bell_.ring();
  if (thread_.joinable()) thread_.join();
}

void Consumer::wake(Position seen) {
  seen_ = seen;
  bell_.ring();
}

void Consumer::run() {
  while (!stopping_) {
    if (!take_batch()) bell_.wait(cursor_ < seen_ ? kLook : Duration(1s));
  }
}

/// False when there is nothing to do for now.
bool Consumer::take_batch() {
  if (cursor_ >= seen_ || back_off_.holds()) return false;
  int const batch = cursor_ < careful_until_ ? 1 : kBatch;
  auto const events =
      read_value(store_, [&](store::Connection& connection) { return sql::after(connection, cursor_, batch); });
  if (!events) return fail(events.error(), {}), false;
  if (events->empty()) return false;
  if (auto const done = apply_batch(*events); !done.ok()) return fail(done.error(), *events), false;
  back_off_.end();
  failing_ = false;
  return true;
}

/// The cursor moves first: on PostgreSQL another node with the same batch then waits for this one, and finds it done.
Done Consumer::apply_batch(std::span<Event const> events) {
  auto const from = cursor_.load();
  auto const to = events.back().position;
  auto const done = store_.write(
      [&](store::Transaction& transaction) -> Done {
        moved_elsewhere_ = !TRY(sql::move_cursor(transaction, name_, from, to));
        if (moved_elsewhere_) return {};
        return guarded([&] { return apply_(transaction, events); });
      },
      store::Priority::bulk);
  if (!done.ok()) return done.error();
  if (moved_elsewhere_) return find_cursor();
  cursor_ = to;
  return {};
}

Done Consumer::find_cursor() {
  cursor_ = TRY(read_value(store_, [&](store::Connection& connection) { return sql::cursor(connection, name_); }));
  return {};
}

/// Next time one event at a time, so that those before the one that cannot be applied get through.
void Consumer::fail(Error const& error, std::span<Event const> events) {
  back_off_.grow();
  if (!events.empty()) careful_until_ = std::max(careful_until_, events.back().position);
  failing_ = true;
  ++errors_;
  log::error("journal: consumer {} failed after position {} ({} events from {}) and will try again: {}", name_,
             cursor_.load(), events.size(), events.empty() ? "?" : events.front().kind, describe(error));
}

ConsumerStats Consumer::stats(Position seen) const {
  auto const position = cursor_.load();
  return {name_, position, std::max<std::int64_t>(seen - position, 0), errors_};
}

}  // namespace courant::journal
