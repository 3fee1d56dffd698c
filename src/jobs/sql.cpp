#include "jobs/sql.hpp"

#include <tuple>

namespace courant::jobs {
namespace {

using std::int64_t;
using std::string;
using std::tuple;
using store::Statement;

// `due_at` is when the job may next be taken: of a waiting one its time, of a running one the end of its lease. So one
// question finds both what is due and what a dead node has left behind.
constexpr char const* kCreate =
    R"(CREATE TABLE jobs (
  id {id} PRIMARY KEY,
  kind TEXT NOT NULL,
  recurring TEXT UNIQUE,
  payload TEXT NOT NULL,
  state BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  claim BIGINT NOT NULL,
  error TEXT NOT NULL
);
CREATE INDEX jobs_due ON jobs (due_at) WHERE state <> 2;
)";

Statement<tuple<Id<Job>, string, string, Time>> const kInsert{
    "INSERT INTO jobs (id, kind, payload, state, due_at, tries, claim, error) "
    "VALUES (:id, :kind, :payload, 0, :due_at, 0, 0, '')"};

Statement<tuple<Id<Job>, string, string, Time>> const kEnsureRecurring{
    "INSERT INTO jobs (id, kind, recurring, payload, state, due_at, tries, claim, error) "
    "VALUES (:id, :kind, :recurring, '', 0, :due_at, 0, 0, '') ON CONFLICT (recurring) DO NOTHING"};
Statement<tuple<Time, string, Time>> const kNotLater{
    "UPDATE jobs SET due_at = :latest WHERE recurring = :recurring AND due_at > :later AND state = 0"};

Statement<tuple<Time, string, int>, tuple<Id<Job>, string, string, int64_t, int64_t>> const kDue{
    "SELECT id, kind, payload, tries, claim FROM jobs WHERE state <> 2 AND due_at <= :now "
    "AND CAST(:kinds AS TEXT) LIKE '%,' || kind || ',%' ORDER BY due_at LIMIT :most"};
Statement<tuple<string>, tuple<std::optional<Time>>> const kNextDue{
    "SELECT min(due_at) FROM jobs WHERE state <> 2 AND CAST(:kinds AS TEXT) LIKE '%,' || kind || ',%'"};

Statement<tuple<Time, Id<Job>, int64_t>> const kClaim{
    "UPDATE jobs SET state = 1, due_at = :until, claim = claim + 1, tries = tries + 1 "
    "WHERE id = :id AND claim = :claim AND state <> 2"};
Statement<tuple<Time, Id<Job>, int64_t>> const kRenew{
    "UPDATE jobs SET due_at = :until WHERE id = :id AND claim = :claim AND state = 1"};
Statement<tuple<Id<Job>, int64_t>> const kFinish{"DELETE FROM jobs WHERE id = :id AND claim = :claim"};
Statement<tuple<sql::State, Time, int64_t, string, Id<Job>, int64_t>> const kPutBack{
    "UPDATE jobs SET state = :state, due_at = :due_at, tries = :tries, error = :error "
    "WHERE id = :id AND claim = :claim"};

// Recurring work waits by nature; it would only hide what really waits.
Statement<tuple<>, tuple<int64_t, int64_t>> const kCount{
    "SELECT state, count(*) FROM jobs WHERE recurring IS NULL OR state <> 0 GROUP BY state"};

}  // namespace

std::vector<store::Migration> migrations() { return {{"jobs", 1, "the queue", kCreate, "DROP TABLE jobs;\n"}}; }

namespace sql {

Done insert(store::Transaction& transaction, Id<Job> id, std::string_view kind, std::string_view payload, Time due) {
  TRY(kInsert.run(transaction, {id, string(kind), string(payload), due}));
  return {};
}

Done ensure_recurring(store::Transaction& transaction, Id<Job> id, std::string const& kind, Time first, Time latest) {
  TRY(kEnsureRecurring.run(transaction, {id, kind, kind, first}));
  TRY(kNotLater.run(transaction, {latest, kind, latest}));
  return {};
}

Result<std::vector<Row>> due(store::Connection& connection, std::string const& kinds, Time now, int limit) {
  std::vector<Row> rows;
  for (auto& [id, kind, payload, tries, claim] : TRY(kDue.all(connection, {now, kinds, limit})))
    rows.push_back({id, std::move(kind), std::move(payload), tries, claim});
  return rows;
}

Result<std::optional<Time>> next_due(store::Connection& connection, std::string const& kinds) {
  auto const row = TRY(kNextDue.first(connection, {kinds}));
  return row ? std::get<0>(*row) : std::nullopt;
}

Result<bool> claim(store::Transaction& transaction, Row const& row, Time until) {
  return TRY(kClaim.run(transaction, {until, row.id, row.claim})) == 1;
}

Result<bool> renew(store::Transaction& transaction, Id<Job> id, std::int64_t claim, Time until) {
  return TRY(kRenew.run(transaction, {until, id, claim})) == 1;
}

Result<bool> finish(store::Transaction& transaction, Row const& row) {
  return TRY(kFinish.run(transaction, {row.id, row.claim})) == 1;
}

Result<bool> put_back(store::Transaction& transaction, Row const& row, State state, Time due, std::int64_t tries,
                      std::string const& error) {
  return TRY(kPutBack.run(transaction, {state, due, tries, error, row.id, row.claim})) == 1;
}

Result<Stats> count(store::Connection& connection) {
  Stats stats;
  for (auto const& [state, count] : TRY(kCount.all(connection, {}))) {
    if (state == static_cast<int64_t>(State::waiting)) stats.waiting = count;
    if (state == static_cast<int64_t>(State::running)) stats.running = count;
    if (state == static_cast<int64_t>(State::failed)) stats.failed = count;
  }
  return stats;
}

}  // namespace sql
}  // namespace courant::jobs
