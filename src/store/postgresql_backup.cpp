#include "store/postgresql_backup.hpp"

#include <fmt/format.h>

#include "store/postgresql_transaction.hpp"

namespace courant::store {
namespace fs = std::filesystem;
namespace {

/// In the order in which the tables were made: one that refers to another comes after it.
Statement<std::tuple<>, std::tuple<std::string>> const kTables{
    "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = CURRENT_SCHEMA::regnamespace"
    " ORDER BY oid"};
Statement<std::tuple<>, std::tuple<std::string, std::int64_t>> const kSequences{
    "SELECT sequencename::text, last_value FROM pg_sequences"
    " WHERE schemaname = CURRENT_SCHEMA AND last_value IS NOT NULL ORDER BY 1"};
Statement<std::tuple<std::string, std::int64_t>, std::tuple<std::int64_t>> const kSetSequence{
    "SELECT setval(format('%I', CAST(:name AS text))::regclass, :value)"};

std::string as_name(std::string_view name) { return fmt::format("\"{}\"", name); }

Result<std::vector<std::string>> table_names(Connection& connection) {
  std::vector<std::string> names;
  for (auto& [name] : TRY(kTables.all(connection, {}))) names.push_back(std::move(name));
  return names;
}

Result<BackupFile> copy_table(PostgresqlSession& session, BackupTable& table, fs::path const& target) {
  auto file = TRY(CompressedWriter::open(target, table.file));
  TRY(session.copy_out(fmt::format("COPY {} TO STDOUT", as_name(table.name)), [&](std::string_view row) {
    ++table.rows;
    return file.write(row);
  }));
  return file.finish();
}

Done load_table(PostgresqlSession& session, BackupTable const& table, fs::path const& source) {
  auto file = TRY(CompressedReader::open(source / table.file));
  auto const rows =
      TRY(session.copy_in(fmt::format("COPY {} FROM STDIN", as_name(table.name)), [&] { return file.next(); }));
  if (rows != table.rows) return invalid("store.bad_backup", fmt::format("{} has other rows", table.name));
  return {};
}

/// Loads every table as it was, seeds of the migrations included, without the schema's own triggers acting on it again.
Done load(PostgresqlSession& session, Transaction& transaction, Manifest const& manifest, fs::path const& source) {
  TRY(replay_steps(transaction, manifest.schema));
  auto const names = TRY(table_names(transaction));
  auto const for_all = [&](std::string_view format) -> Done {
    for (auto const& name : names) TRY(session.execute_script(fmt::format(fmt::runtime(format), as_name(name))));
    return {};
  };
  std::string list;
  for (auto const& name : names) list += (list.empty() ? "" : ", ") + as_name(name);
  TRY(for_all("ALTER TABLE {} DISABLE TRIGGER USER"));
  TRY(session.execute_script("TRUNCATE " + list));
  for (auto const& table : manifest.tables)
    if (!table.file.empty()) TRY(load_table(session, table, source));
  TRY(for_all("ALTER TABLE {} ENABLE TRIGGER USER"));
  for (auto const& sequence : manifest.sequences) TRY(kSetSequence.first(transaction, {sequence.name, sequence.value}));
  return {};
}

}  // namespace

Result<BackupReport> backup_postgresql(PostgresqlSession& session, fs::path const& target,
                                       std::span<std::string const> leave_out) {
  PostgresqlReader reader(session);
  auto const names = TRY(table_names(reader));
  for (auto const& name : leave_out)
    if (std::find(names.begin(), names.end(), name) == names.end())
      return invalid("store.no_such_table", "to be left out of the backup, but not there: " + name);
  TRY(make_backup_directory(target));
  Manifest manifest{Engine::postgresql};
  manifest.schema = TRY(applied_steps(reader));
  for (auto const& name : names) {
    auto& table = manifest.tables.emplace_back(BackupTable{name, 0, {}});
    if (std::find(leave_out.begin(), leave_out.end(), name) != leave_out.end()) continue;
    table.file = fmt::format("{:03}.copy.zst", manifest.tables.size());
    manifest.files.push_back(TRY(copy_table(session, table, target)));
  }
  for (auto& [name, value] : TRY(kSequences.all(reader, {}))) manifest.sequences.push_back({std::move(name), value});
  return finish_backup(target, manifest);
}

Done check_postgresql_backup(fs::path const& source, Manifest const& manifest) {
  for (auto const& table : manifest.tables) {
    if (table.file.empty()) continue;
    auto file = TRY(CompressedReader::open(source / table.file));
    std::int64_t rows = 0;
    while (auto const piece = TRY(file.next())) rows += std::count(piece->begin(), piece->end(), '\n');
    if (rows != table.rows) return invalid("store.bad_backup", fmt::format("{} has other rows", table.name));
  }
  return {};
}

Done restore_postgresql(fs::path const& source, Manifest const& manifest, std::string const& url) {
  auto const session = TRY(PostgresqlSession::open({url}, PostgresqlSession::Access::write));
  TRY(session->execute_script("BEGIN"));
  EndTransaction const end(*session);
  PostgresqlTransaction transaction(*session);
  TRY(load(*session, transaction, manifest, source));
  return session->execute_script("COMMIT");
}

}  // namespace courant::store
