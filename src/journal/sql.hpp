// The journal's statements; nowhere else.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"

namespace courant::journal::sql {

Done insert(store::Transaction& transaction, Event const& event);
/// At most `limit` numbered events after `position`, in order.
Result<std::vector<Event>> after(store::Connection& connection, Position position, int limit);
Result<Position> head(store::Connection& connection);
/// 0 while the event waits for its number. Error: missing when there is no such event (rolled back or pruned).
Result<Position> position_of(store::Connection& connection, EventId event);

/// Makes the consumer's cursor, before the first event, if it has none.
Done ensure_cursor(store::Transaction& transaction, std::string const& consumer);
Result<Position> cursor(store::Connection& connection, std::string const& consumer);
/// False when the cursor is not at `from` any more: another node has taken these events.
Result<bool> move_cursor(store::Transaction& transaction, std::string const& consumer, Position from, Position to);
/// Nothing when there are no consumers.
Result<std::optional<Position>> oldest_cursor(store::Connection& connection);

/// The first event kept that happened at `time` or later.
Result<std::optional<Position>> first_since(store::Connection& connection, Time time);
Result<std::optional<Position>> oldest(store::Connection& connection);
Result<std::int64_t> remove_up_to(store::Transaction& transaction, Position position);

/// Who numbers on PostgreSQL, and up to where it has: one row. Each holder has its own epoch, ever rising.
struct Lease {
  std::int64_t epoch = 0;
  std::int64_t node = 0;
  Time until;
  Position last = 0;
};
Result<Lease> lease(store::Connection& connection);
/// As lease(), and nobody else reads it so or changes it until the transaction ends.
Result<Lease> lock_lease(store::Transaction& transaction);
Done set_lease(store::Transaction& transaction, Lease const& lease);

Result<bool> any_unnumbered(store::Connection& connection);
/// Gives the next numbers after `last` to at most `limit` committed events, in the order of their ids. Returns how
/// many.
Result<std::int64_t> number(store::Transaction& transaction, Position last, int limit);

}  // namespace courant::journal::sql
