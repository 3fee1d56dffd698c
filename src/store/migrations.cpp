#include "store/migrations.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"

namespace courant::store {
namespace {

using Text = std::string;

Statement<std::tuple<>, std::tuple<std::int64_t>> const kTablesSqlite{
    "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"};
Statement<std::tuple<>, std::tuple<std::int64_t>> const kTablesPostgresql{
    "SELECT COUNT(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = CURRENT_SCHEMA::regnamespace"};
Statement<std::tuple<>, std::tuple<std::int64_t>> const kOursSqlite{
    "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'store_migrations'"};
Statement<std::tuple<>, std::tuple<std::int64_t>> const kOursPostgresql{
    "SELECT COUNT(*) FROM pg_class WHERE relname = 'store_migrations'"
    " AND relnamespace = CURRENT_SCHEMA::regnamespace"};
Statement<std::tuple<>, std::tuple<std::int64_t, Text, int, Text, Text>> const kApplied{
    "SELECT position, owner, number, checksum, sql FROM store_migrations ORDER BY position"};
Statement<std::tuple<std::int64_t, Text, int, Text, Text, Text>> const kRemember{
    "INSERT INTO store_migrations (position, owner, number, name, checksum, sql)"
    " VALUES (:position, :owner, :number, :name, :checksum, :sql)"};
Statement<std::tuple<Text, int>> const kForget{
    "DELETE FROM store_migrations WHERE owner = :owner AND number = :number"};

constexpr char kOwnTable[] = R"(
  CREATE TABLE store_migrations (
    position {id} PRIMARY KEY,
    owner TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    sql TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (owner, number)
  ))";

Result<bool> is_ours(Connection& connection) {
  auto const& ours = connection.engine() == Engine::sqlite ? kOursSqlite : kOursPostgresql;
  return std::get<0>(*TRY(ours.first(connection, {}))) > 0;
}

Result<bool> has_tables(Connection& connection) {
  auto const& tables = connection.engine() == Engine::sqlite ? kTablesSqlite : kTablesPostgresql;
  return std::get<0>(*TRY(tables.first(connection, {}))) > 0;
}

Done begin_schema_change(Transaction& transaction) {
  if (!TRY(is_ours(transaction))) TRY(detail::run_script(transaction, sql_for(transaction.engine(), kOwnTable)));
  return {};
}

Done remember(Transaction& transaction, AppliedStep const& step, std::string const& name) {
  TRY(kRemember.run(transaction, {step.position, step.owner, step.number, name, step.checksum, step.sql}));
  return {};
}

Error in_step(Error error, Migration const& step) {
  error.detail = fmt::format("step {} {} ({}): {}", step.owner, step.number, step.name, error.detail);
  return error;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string sql_for(Engine engine, std::string_view text) {
  static constexpr std::string_view kSqlite = "-- sqlite:";
  static constexpr std::string_view kPostgresql = "-- postgresql:";
  auto const ours = engine == Engine::sqlite ? kSqlite : kPostgresql;
  auto const theirs = engine == Engine::sqlite ? kPostgresql : kSqlite;
  std::string sql;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    auto const indent = line.find_first_not_of(" \t");
    auto const content = indent == std::string_view::npos ? std::string_view() : line.substr(indent);
    if (content.starts_with(theirs)) continue;
    sql += content.starts_with(ours) ? content.substr(ours.size()) : line;
    sql += '\n';
  }
  replace_all(sql, "{id}", engine == Engine::sqlite ? "INTEGER" : "BIGINT");
  replace_all(sql, "{bytes}", engine == Engine::sqlite ? "BLOB" : "BYTEA");
  return sql;
}

Result<std::vector<AppliedStep>> applied_steps(Connection& connection) {
  std::vector<AppliedStep> applied;
  if (!TRY(is_ours(connection))) {
    if (TRY(has_tables(connection))) return broken("the database has tables and is not Courant's");
    return applied;
  }
  for (auto& [position, owner, number, checksum, sql] : TRY(kApplied.all(connection, {})))
    applied.push_back({position, std::move(owner), number, std::move(checksum), std::move(sql)});
  return applied;
}

Result<std::vector<Migration const*>> steps_to_run(Engine engine, std::span<AppliedStep const> applied,
                                                   std::span<Migration const> steps) {
  std::map<std::pair<std::string_view, int>, AppliedStep const*> ran;
  std::map<std::string_view, int> highest;
  for (auto const& step : applied) {
    ran[{step.owner, step.number}] = &step;
    highest[step.owner] = std::max(highest[step.owner], step.number);
  }
  std::vector<std::string_view> owners;
  std::map<std::string_view, std::map<int, Migration const*>> by_owner;
  for (auto const& step : steps) {
    if (!by_owner.contains(step.owner)) owners.push_back(step.owner);
    if (!by_owner[step.owner].emplace(step.number, &step).second)
      return broken(fmt::format("two schema steps are called {} {}", step.owner, step.number));
  }

  std::vector<Migration const*> to_run;
  std::size_t known = 0;
  for (auto const owner : owners) {
    for (auto const& [number, step] : by_owner[owner]) {
      auto const found = ran.find({owner, number});
      if (found == ran.end()) {
        if (number < highest[owner])
          return broken(fmt::format("schema step {} {} never ran, but a later one did", owner, number));
        to_run.push_back(step);
        continue;
      }
      ++known;
      if (found->second->checksum != crypto::hex(crypto::sha256(sql_for(engine, step->sql))))
        return broken(fmt::format("schema step {} {} was changed after it ran", owner, number));
    }
  }
  if (known != applied.size())
    return broken("the database holds schema steps that this program does not know: a newer version has used it");
  return to_run;
}

Result<int> apply_steps(Transaction& transaction, std::span<Migration const> steps) {
  auto const engine = transaction.engine();
  // Asked before begin_schema_change makes our own table, or a stranger's database would look like ours.
  TRY(applied_steps(transaction));
  TRY(begin_schema_change(transaction));
  auto const applied = TRY(applied_steps(transaction));
  auto const to_run = TRY(steps_to_run(engine, applied, steps));
  auto position = applied.empty() ? 0 : applied.back().position;
  for (auto const* step : to_run) {
    auto sql = sql_for(engine, step->sql);
    if (auto done = detail::run_script(transaction, sql); !done.ok()) return in_step(done.error(), *step);
    auto const checksum = crypto::hex(crypto::sha256(sql));
    TRY(remember(transaction, {++position, step->owner, step->number, checksum, std::move(sql)}, step->name));
  }
  return static_cast<int>(to_run.size());
}

Done replay_steps(Transaction& transaction, std::span<AppliedStep const> steps) {
  if (TRY(has_tables(transaction))) return conflict({}, "the database to restore into is not empty");
  TRY(begin_schema_change(transaction));
  for (auto const& step : steps) {
    TRY(detail::run_script(transaction, step.sql));
    TRY(remember(transaction, step, "restored"));
  }
  return {};
}

Done undo_last_step(Transaction& transaction, std::span<Migration const> steps, std::string_view owner) {
  TRY(begin_schema_change(transaction));
  auto const applied = TRY(applied_steps(transaction));
  auto const last =
      std::find_if(applied.rbegin(), applied.rend(), [&](auto const& step) { return step.owner == owner; });
  if (last == applied.rend()) return missing();
  auto const step = std::find_if(steps.begin(), steps.end(), [&](Migration const& candidate) {
    return candidate.owner == owner && candidate.number == last->number;
  });
  if (step == steps.end()) return broken(fmt::format("this program does not know step {} {}", owner, last->number));
  if (auto done = detail::run_script(transaction, sql_for(transaction.engine(), step->undo)); !done.ok())
    return in_step(done.error(), *step);
  TRY(kForget.run(transaction, {step->owner, step->number}));
  return {};
}

}  // namespace courant::store
