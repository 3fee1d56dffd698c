#include "journal/sql.hpp"

#include <tuple>

namespace courant::journal {
namespace {

using std::int64_t;
using std::string;
using std::tuple;
using store::Statement;

// SQLite: `position` is the rowid, so the one writer numbers at insert with "greatest + 1". A savepoint that is rolled
// back takes its number with it, and as prune() never removes the newest event no number comes twice. PostgreSQL:
// `position` stays empty until the elected node fills it.
constexpr char const* kCreate =
    R"(-- sqlite: CREATE TABLE journal_events (position INTEGER PRIMARY KEY, id BIGINT NOT NULL UNIQUE, kind TEXT NOT NULL, subject BIGINT NOT NULL, version BIGINT NOT NULL, actor BIGINT NOT NULL, first BIGINT NOT NULL, second BIGINT NOT NULL, third BIGINT NOT NULL, fourth BIGINT NOT NULL, happened_at BIGINT NOT NULL);
-- postgresql: CREATE TABLE journal_events (position BIGINT, id BIGINT PRIMARY KEY, kind TEXT NOT NULL, subject BIGINT NOT NULL, version BIGINT NOT NULL, actor BIGINT NOT NULL, first BIGINT NOT NULL, second BIGINT NOT NULL, third BIGINT NOT NULL, fourth BIGINT NOT NULL, happened_at BIGINT NOT NULL);
-- postgresql: CREATE UNIQUE INDEX journal_events_position ON journal_events (position) WHERE position IS NOT NULL;
-- postgresql: CREATE INDEX journal_events_unnumbered ON journal_events (id) WHERE position IS NULL;
CREATE TABLE journal_cursors (consumer TEXT PRIMARY KEY, position BIGINT NOT NULL);
CREATE TABLE journal_lease (only_row BIGINT PRIMARY KEY, epoch BIGINT NOT NULL, node BIGINT NOT NULL, held_until BIGINT NOT NULL, last_position BIGINT NOT NULL);
INSERT INTO journal_lease (only_row, epoch, node, held_until, last_position) VALUES (1, 0, 0, 0, 0);
)";

constexpr char const* kDrop =
    "DROP TABLE journal_lease;\n"
    "DROP TABLE journal_cursors;\n"
    "DROP TABLE journal_events;\n";

Statement<tuple<EventId, string, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, Time>> const kInsert{
    "INSERT INTO journal_events (id, kind, subject, version, actor, first, second, third, fourth, happened_at) "
    "VALUES (:id, :kind, :subject, :version, :actor, :first, :second, :third, :fourth, :happened_at)"};

using Row = tuple<Position, EventId, string, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, Time>;
Statement<tuple<Position, int>, Row> const kAfter{
    "SELECT position, id, kind, subject, version, actor, first, second, third, fourth, happened_at FROM journal_events "
    "WHERE position > :position ORDER BY position LIMIT :most"};

Statement<tuple<>, tuple<std::optional<Position>>> const kHead{"SELECT max(position) FROM journal_events"};
Statement<tuple<EventId>, tuple<std::optional<Position>>> const kPositionOf{
    "SELECT position FROM journal_events WHERE id = :id"};

Statement<tuple<string>> const kEnsureCursor{
    "INSERT INTO journal_cursors (consumer, position) VALUES (:consumer, 0) ON CONFLICT (consumer) DO NOTHING"};
Statement<tuple<string>, tuple<Position>> const kCursor{
    "SELECT position FROM journal_cursors WHERE consumer = :consumer"};
Statement<tuple<Position, string, Position>> const kMoveCursor{
    "UPDATE journal_cursors SET position = :to_position WHERE consumer = :consumer AND position = :from_position"};
Statement<tuple<>, tuple<std::optional<Position>>> const kOldestCursor{"SELECT min(position) FROM journal_cursors"};

// In the order of positions, so that the search ends at the first that is kept.
Statement<tuple<Time>, tuple<Position>> const kFirstSince{
    "SELECT position FROM journal_events WHERE happened_at >= :since AND position > 0 ORDER BY position LIMIT 1"};
Statement<tuple<>, tuple<std::optional<Position>>> const kOldest{"SELECT min(position) FROM journal_events"};
Statement<tuple<Position>> const kRemoveUpTo{"DELETE FROM journal_events WHERE position <= :position"};

using LeaseRow = tuple<int64_t, int64_t, Time, Position>;
Statement<tuple<>, LeaseRow> const kLease{
    "SELECT epoch, node, held_until, last_position FROM journal_lease WHERE only_row = 1"};
Statement<tuple<int64_t, int64_t, Time, Position>> const kSetLease{
    "UPDATE journal_lease SET epoch = :epoch, node = :node, held_until = :held_until, last_position = :last_position "
    "WHERE only_row = 1"};

Statement<tuple<>, tuple<EventId>> const kUnnumbered{
    "SELECT id FROM journal_events WHERE position IS NULL ORDER BY id LIMIT 1"};
Statement<tuple<int, Position>> const kNumber{
    "WITH next AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM "
    "(SELECT id FROM journal_events WHERE position IS NULL ORDER BY id LIMIT :most) AS waiting) "
    "UPDATE journal_events SET position = CAST(:last_position AS BIGINT) + next.place FROM next "
    "WHERE journal_events.id = next.id"};

Event event_of(Row row) {
  auto& [position, id, kind, subject, version, actor, first, second, third, fourth, at] = row;
  return {id, position, std::move(kind), subject, version, actor, {first, second, third, fourth}, at};
}

template <class T>
std::optional<T> flat(std::optional<tuple<std::optional<T>>> const& row) {
  return row ? std::get<0>(*row) : std::nullopt;
}

}  // namespace

std::vector<store::Migration> migrations() { return {{"journal", 1, "events, cursors and lease", kCreate, kDrop}}; }

namespace sql {

Done insert(store::Transaction& transaction, Event const& e) {
  auto const& n = e.numbers;
  TRY(kInsert.run(transaction, {e.id, e.kind, e.subject, e.version, e.actor, n[0], n[1], n[2], n[3], e.at}));
  return {};
}

Result<std::vector<Event>> after(store::Connection& connection, Position position, int limit) {
  std::vector<Event> events;
  for (auto& row : TRY(kAfter.all(connection, {position, limit}))) events.push_back(event_of(std::move(row)));
  return events;
}

Result<Position> head(store::Connection& connection) { return flat(TRY(kHead.first(connection, {}))).value_or(0); }

Result<Position> position_of(store::Connection& connection, EventId event) {
  auto const row = TRY(kPositionOf.first(connection, {event}));
  if (!row) return missing();
  return std::get<0>(*row).value_or(0);
}

Done ensure_cursor(store::Transaction& transaction, std::string const& consumer) {
  TRY(kEnsureCursor.run(transaction, {consumer}));
  return {};
}

Result<Position> cursor(store::Connection& connection, std::string const& consumer) {
  auto const row = TRY(kCursor.first(connection, {consumer}));
  if (!row) return broken("the cursor of consumer " + consumer + " is gone");
  return std::get<0>(*row);
}

Result<bool> move_cursor(store::Transaction& transaction, std::string const& consumer, Position from, Position to) {
  return TRY(kMoveCursor.run(transaction, {to, consumer, from})) == 1;
}

Result<std::optional<Position>> oldest_cursor(store::Connection& connection) {
  return flat(TRY(kOldestCursor.first(connection, {})));
}

Result<std::optional<Position>> first_since(store::Connection& connection, Time time) {
  auto const row = TRY(kFirstSince.first(connection, {time}));
  return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Result<std::optional<Position>> oldest(store::Connection& connection) {
  return flat(TRY(kOldest.first(connection, {})));
}

Result<std::int64_t> remove_up_to(store::Transaction& transaction, Position position) {
  return kRemoveUpTo.run(transaction, {position});
}

Result<Lease> lease(store::Connection& connection) {
  auto const row = TRY(kLease.first(connection, {}));
  if (!row) return broken("the journal's lease row is gone");
  auto const& [epoch, node, until, last] = *row;
  return Lease{epoch, node, until, last};
}

Result<Lease> lock_lease(store::Transaction& transaction) {
  TRY(transaction.lock("journal_lease", "only_row", 1));
  return lease(transaction);
}

Done set_lease(store::Transaction& transaction, Lease const& lease) {
  TRY(kSetLease.run(transaction, {lease.epoch, lease.node, lease.until, lease.last}));
  return {};
}

Result<bool> any_unnumbered(store::Connection& connection) {
  return TRY(kUnnumbered.first(connection, {})).has_value();
}

Result<std::int64_t> number(store::Transaction& transaction, Position last, int limit) {
  return kNumber.run(transaction, {limit, last});
}

}  // namespace sql
}  // namespace courant::journal
