#include "store/sqlite_session.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "store/conflict.hpp"

namespace courant::store {
namespace {

/// "UNIQUE constraint failed: follows.reader_id, follows.author_id" or "UNIQUE constraint failed: index 'by_handle'" as
/// "follows.reader_id,author_id" or "by_handle". SQLite's sentence holds names only, never values.
std::string key_of(std::string_view sentence) {
  static constexpr std::string_view kBefore = "constraint failed: ";
  auto const at = sentence.find(kBefore);
  if (at == std::string_view::npos) return {};
  auto rest = sentence.substr(at + kBefore.size());
  if (rest.starts_with("index '")) return std::string(rest.substr(7, rest.size() - 8));
  std::string key;
  while (!rest.empty()) {
    auto const comma = rest.find(", ");
    auto const column = rest.substr(0, comma);
    auto const dot = column.rfind('.');
    key += key.empty() ? std::string(column) : fmt::format(",{}", column.substr(dot + 1));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 2);
  }
  return key;
}

/// SQLite makes files readable to everybody (less the umask); ours are not. WAL and -shm take the mode of the database.
void make_private(std::filesystem::path const& path) {
  int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

}  // namespace

Error sqlite_error(sqlite3* handle, std::string_view sql, std::source_location where) {
  int const code = handle != nullptr ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
  // sqlite3_errmsg may quote what a visitor sent (a full-text query, for one), so only the code's own sentence is used.
  auto detail = fmt::format("SQLite {} ({}) in: {}", code, sqlite3_errstr(code), shortened(sql));
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return key_conflict(key_of(sqlite3_errmsg(handle)), std::move(detail), where);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return key_conflict({}, std::move(detail), where);
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_INTERRUPT:
      return unavailable(std::move(detail), {}, where);
    default:
      return broken(std::move(detail), where);
  }
}

Result<std::unique_ptr<SqliteSession>> SqliteSession::open(SqliteSettings const& settings, Access access) {
  if (access == Access::write && settings.vfs.empty()) make_private(settings.path);
  // Every connection is used by one thread at a time, so SQLite's own mutex is left out. Readers open for writing too:
  // the WAL's index must be written to read; `query_only` keeps them from the rest.
  int const flags = (access == Access::inspect ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (access == Access::write ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  int const opened =
      sqlite3_open_v2(settings.path.c_str(), &handle, flags, settings.vfs.empty() ? nullptr : settings.vfs.c_str());
  std::unique_ptr<SqliteSession> session(new SqliteSession(handle));
  if (opened != SQLITE_OK) return sqlite_error(handle, "open");
  sqlite3_busy_timeout(handle, static_cast<int>(settings.patience.count()));
  TRY(
      session->execute_script(fmt::format("PRAGMA synchronous = FULL;"
                                          "PRAGMA wal_autocheckpoint = 0;"
                                          "PRAGMA foreign_keys = ON;"
                                          "PRAGMA trusted_schema = OFF;"
                                          "PRAGMA cache_size = -{};"
                                          "PRAGMA query_only = {};",
                                          settings.cache_kib, access == Access::write ? "OFF" : "ON")));
  return session;
}

SqliteSession::~SqliteSession() {
  for (auto const& prepared : prepared_)
    if (prepared) sqlite3_finalize(prepared->statement);
  sqlite3_close_v2(handle_);
}

/// Marks a prepared statement as running and resets it however the run ends.
class SqliteSession::Use {
 public:
  explicit Use(Prepared& prepared) : prepared_(prepared) { prepared_.in_use = true; }
  ~Use() {
    sqlite3_reset(prepared_.statement);
    sqlite3_clear_bindings(prepared_.statement);  // they borrow the caller's text
    prepared_.in_use = false;
  }
  Use(Use const&) = delete;
  Use& operator=(Use const&) = delete;

 private:
  Prepared& prepared_;
};

Result<std::int64_t> SqliteSession::execute(detail::RawStatement const& statement, std::span<Parameter const> in,
                                            detail::UseRow const& use) {
  Prepared& prepared = *TRY(prepare(statement));
  if (prepared.in_use)
    return broken(fmt::format("a statement was run inside its own rows: {}", shortened(statement.sql())));
  Use const running(prepared);
  for (std::size_t i = 0; i < in.size(); ++i) {
    int const place = static_cast<int>(i) + 1;
    int bound = SQLITE_OK;
    if (auto const* number = std::get_if<std::int64_t>(&in[i]))
      bound = sqlite3_bind_int64(prepared.statement, place, *number);
    else if (auto const* real = std::get_if<double>(&in[i]))
      bound = sqlite3_bind_double(prepared.statement, place, *real);
    else if (auto const* text = std::get_if<std::string_view>(&in[i]))
      bound = sqlite3_bind_text64(prepared.statement, place, text->data() != nullptr ? text->data() : "", text->size(),
                                  SQLITE_STATIC, SQLITE_UTF8);
    if (bound != SQLITE_OK) return sqlite_error(handle_, statement.sql());
  }
  return step_through(prepared, statement, use);
}

Result<SqliteSession::Prepared*> SqliteSession::prepare(detail::RawStatement const& statement) {
  auto const number = statement.number();
  if (number >= prepared_.size()) prepared_.resize(number + 1);
  auto& place = prepared_[number];
  if (place) return place.get();
  auto prepared = std::make_unique<Prepared>();
  char const* rest = nullptr;
  auto const& sql = statement.sql();
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &prepared->statement, &rest) != SQLITE_OK) {
    Error error = sqlite_error(handle_, sql);
    error.detail += fmt::format(": {}", sqlite3_errmsg(handle_));  // nothing is bound yet
    return error;
  }
  place = std::move(prepared);
  place->reads_only = sqlite3_stmt_readonly(place->statement) != 0;
  auto const misfit = [&](char const* what) -> Error {
    sqlite3_finalize(place->statement);
    place.reset();
    return broken(fmt::format("{}: {}", what, shortened(sql)));
  };
  if (sqlite3_bind_parameter_count(place->statement) != static_cast<int>(statement.in().size()))
    return misfit("the parameters of a statement are not those of its type");
  return place.get();
}

Result<std::int64_t> SqliteSession::step_through(Prepared& prepared, detail::RawStatement const& statement,
                                                 detail::UseRow const& use) {
  auto const& out = statement.out();
  sqlite3_stmt* const running = prepared.statement;
  std::vector<Field> row(out.size());
  bool wanted = true;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(running)) == SQLITE_ROW) {
    if (!wanted) continue;
    if (sqlite3_column_count(running) != static_cast<int>(out.size()))
      return broken(
          fmt::format("the columns of a statement are not those of its type: {}", shortened(statement.sql())));
    for (int i = 0; i < static_cast<int>(out.size()); ++i) {
      auto const& column = out[static_cast<std::size_t>(i)];
      auto& field = row[static_cast<std::size_t>(i)];
      if (sqlite3_column_type(running, i) == SQLITE_NULL) {
        if (!column.nullable) return unexpected_null(i, statement.sql());
        field = std::monostate();
        continue;
      }
      switch (column.type) {
        case FieldType::integer:
          field = sqlite3_column_int64(running, i);
          break;
        case FieldType::real:
          field = sqlite3_column_double(running, i);
          break;
        case FieldType::text: {
          auto const* const text = reinterpret_cast<char const*>(sqlite3_column_text(running, i));
          if (text == nullptr && sqlite3_errcode(handle_) == SQLITE_NOMEM)
            return sqlite_error(handle_, statement.sql());
          auto const size = static_cast<std::size_t>(sqlite3_column_bytes(running, i));
          if (auto* const kept = std::get_if<std::string>(&field))
            kept->assign(text != nullptr ? text : "", size);
          else
            field.emplace<std::string>(text != nullptr ? text : "", size);
          break;
        }
      }
    }
    wanted = use(row);
    // A SELECT is reset where it stands; a changing statement with RETURNING is run to its end, or it would be undone.
    if (!wanted && prepared.reads_only) return 0;
  }
  if (step != SQLITE_DONE) return sqlite_error(handle_, statement.sql());
  return prepared.reads_only ? 0 : sqlite3_changes64(handle_);
}

Result<std::int64_t> SqliteSession::execute(detail::RawStatement const& statement) {
  return execute(statement, {}, [](std::span<Field>) { return true; });
}

Done SqliteSession::execute_script(std::string const& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  Error error = sqlite_error(handle_, sql);
  error.detail += fmt::format(": {}", sqlite3_errmsg(handle_));  // a script of the program: nothing is bound
  return error;
}

Result<std::int64_t> SqliteSession::number(std::string const& sql) {
  std::int64_t number = 0;
  TRY(execute(detail::RawStatement(sql, {}, {{FieldType::integer, false}}), {}, [&](std::span<Field> row) {
    number = std::get<std::int64_t>(row[0]);
    return false;
  }));
  return number;
}

Result<std::vector<std::string>> SqliteSession::texts(std::string const& sql) {
  std::vector<std::string> texts;
  TRY(execute(detail::RawStatement(sql, {}, {{FieldType::text, false}}), {}, [&](std::span<Field> row) {
    texts.push_back(std::get<std::string>(std::move(row[0])));
    return true;
  }));
  return texts;
}

Done read_transaction(SqliteSession& session, std::function<Done()> const& work) {
  static detail::RawStatement const kBegin("BEGIN", {}, {});
  struct End {
    SqliteSession& session;
    ~End() {
      static detail::RawStatement const kRollback("ROLLBACK", {}, {});
      // Nothing was written, so there is nothing that a failure could lose.
      if (session.in_transaction()) [[maybe_unused]]
        auto const ended = session.execute(kRollback);
    }
  };
  TRY(session.execute(kBegin));
  End const end{session};
  return work();
}

}  // namespace courant::store
