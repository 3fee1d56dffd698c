#include "store/postgresql_session.hpp"

#include <endian.h>
#include <fmt/format.h>

#include <bit>

#include "store/conflict.hpp"

namespace courant::store {
namespace {

// Types of PostgreSQL's catalogue (src/include/catalog/pg_type.dat) that are stable by its promise.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kFloat8 = 701;
constexpr Oid kToBeInferred = 0;

Oid type_of(FieldType type) {
  switch (type) {
    case FieldType::integer:
      return kInt8;
    case FieldType::real:
      return kFloat8;
    case FieldType::text:
      break;
  }
  return kToBeInferred;  // text or bytea, as the place in the statement says; both take plain bytes in binary form
}

std::string field_of(PGresult const* result, int code) {
  char const* const text = result != nullptr ? PQresultErrorField(result, code) : nullptr;
  return text != nullptr ? text : "";
}

/// "Key (reader_id, author_id)=(1, 2) already exists." as "follows.reader_id,author_id"; the values stay behind. With
/// an expression in it, the index's name, as SQLite has it.
std::string key_of(PGresult const* result) {
  auto const sentence = field_of(result, PG_DIAG_MESSAGE_DETAIL);
  auto const from = sentence.find('(');
  auto const to = sentence.find(")=(");
  if (from == std::string::npos || to == std::string::npos || to < from)
    return field_of(result, PG_DIAG_CONSTRAINT_NAME);
  auto columns = sentence.substr(from + 1, to - from - 1);
  if (columns.find('(') != std::string::npos) return field_of(result, PG_DIAG_CONSTRAINT_NAME);
  std::erase(columns, ' ');
  std::erase(columns, '"');
  return field_of(result, PG_DIAG_TABLE_NAME) + "." + columns;
}

/// The user's own `options` in the URL, so that ours are added and do not replace them.
std::string options_in(std::string const& url) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const parsed(PQconninfoParse(url.c_str(), nullptr),
                                                                            &PQconninfoFree);
  for (auto const* option = parsed.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (std::string_view(option->keyword) == "options" && option->val != nullptr) return option->val;
  return {};
}

bool is_ok(PGresult const* result) {
  auto const status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::int64_t rows_changed(PGresult* result) {
  std::string_view const status = PQcmdStatus(result);
  if (status.starts_with("SELECT")) return 0;
  std::string_view const count = PQcmdTuples(result);
  std::int64_t changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

/// Reads one value of a row. False when the text is not of that type.
bool read_field(PGresult const* result, int row, int column, FieldType type, Field& field) {
  std::string_view const text(PQgetvalue(result, row, column),
                              static_cast<std::size_t>(PQgetlength(result, row, column)));
  auto const number = [&]<class T>(T& value) {
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size();
  };
  auto const oid = PQftype(result, column);
  switch (type) {
    case FieldType::integer:
      if (oid == kBool) {
        field = std::int64_t{text == "t" ? 1 : 0};
        return true;
      }
      return number(field.emplace<std::int64_t>());
    case FieldType::real:
      return number(field.emplace<double>());
    case FieldType::text:
      break;
  }
  if (oid != kBytea) {
    field.emplace<std::string>(text);
    return true;
  }
  std::size_t size = 0;
  std::unique_ptr<unsigned char, decltype(&PQfreemem)> const bytes(
      PQunescapeBytea(reinterpret_cast<unsigned char const*>(text.data()), &size), &PQfreemem);
  if (bytes == nullptr) return false;
  field.emplace<std::string>(reinterpret_cast<char const*>(bytes.get()), size);
  return true;
}

}  // namespace

/// Parameters in PostgreSQL's binary form: whole numbers and reals as eight bytes in network order, text as it is.
struct PostgresqlSession::Values {
  explicit Values(std::span<Parameter const> in) : numbers(in.size()), pointers(in.size()), lengths(in.size()) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (auto const* text = std::get_if<std::string_view>(&in[i])) {
        pointers[i] = text->data() != nullptr ? text->data() : "";
        lengths[i] = static_cast<int>(text->size());
        continue;
      }
      if (auto const* number = std::get_if<std::int64_t>(&in[i]))
        numbers[i] = htobe64(static_cast<std::uint64_t>(*number));
      else if (auto const* real = std::get_if<double>(&in[i]))
        numbers[i] = htobe64(std::bit_cast<std::uint64_t>(*real));
      else
        continue;  // NULL
      pointers[i] = reinterpret_cast<char const*>(&numbers[i]);
      lengths[i] = sizeof(std::uint64_t);
    }
  }

  std::vector<std::uint64_t> numbers;
  std::vector<char const*> pointers;
  std::vector<int> lengths;
  std::vector<int> formats = std::vector<int>(pointers.size(), 1);
};

Result<std::unique_ptr<PostgresqlSession>> PostgresqlSession::open(PostgresqlSettings const& settings, Access access) {
  auto const milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(settings.statement_timeout).count();
  auto const options = fmt::format(
      "{} -c statement_timeout={} -c lock_timeout={} -c default_transaction_read_only={} -c timezone=UTC"
      " -c standard_conforming_strings=on -c bytea_output=hex -c extra_float_digits=3",
      options_in(settings.url), milliseconds, milliseconds, access == Access::read ? "on" : "off");
  // Later words win over earlier ones, and the URL stands first but for the defaults that it may change.
  std::array<char const*, 8> const words{"connect_timeout",
                                         "fallback_application_name",
                                         "tcp_user_timeout",
                                         "dbname",
                                         "client_encoding",
                                         "options",
                                         nullptr,
                                         nullptr};
  std::array<char const*, 8> const values{"5",    "courant",       "15000", settings.url.c_str(),
                                          "UTF8", options.c_str(), nullptr, nullptr};
  Handle connection(PQconnectdbParams(words.data(), values.data(), 1), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return unavailable(fmt::format("cannot connect to PostgreSQL: {}", PQerrorMessage(connection.get())));
  PQsetNoticeProcessor(connection.get(), [](void*, char const*) {}, nullptr);
  std::unique_ptr<PostgresqlSession> session(new PostgresqlSession(std::move(connection)));
  TRY(session->check_durability());
  return session;
}

Done PostgresqlSession::check_durability() {
  for (auto const* const setting : {"fsync", "full_page_writes", "synchronous_commit"})
    if (TRY(text(fmt::format("SHOW {}", setting))) == "off")
      return broken(
          fmt::format("PostgreSQL runs with {} = off and would lose acknowledged writes; turn it on", setting));
  if (auto const encoding = TRY(text("SHOW server_encoding")); encoding != "UTF8")
    return broken("the PostgreSQL database must be encoded in UTF8, not " + encoding);
  return {};
}

template <class F>
auto PostgresqlSession::with_live_connection(F const& act) -> decltype(act()) {
  bool const nothing_at_stake = !in_transaction();
  worth_another_try_ = false;
  rows_used_ = 0;
  auto result = act();
  if (result.ok() || !connection_lost() || !nothing_at_stake || rows_used_ > 0) return result;
  if (!reconnect().ok()) return result;
  return act();
}

Done PostgresqlSession::reconnect() {
  prepared_.clear();
  PQreset(connection_.get());
  lost_ = false;
  if (connection_lost()) return unavailable("PostgreSQL is away");
  return check_durability();
}

Result<std::int64_t> PostgresqlSession::execute(detail::RawStatement const& statement, std::span<Parameter const> in,
                                                detail::Rows rows, detail::UseRow const& use) {
  if (in_use_)
    return broken(fmt::format("a statement was run inside another one's rows: {}", shortened(statement.sql())));
  struct InUse {
    bool& flag;
    explicit InUse(bool& in_use) : flag(in_use) { flag = true; }
    ~InUse() { flag = false; }
  } const in_use(in_use_);
  Values const values(in);
  return with_live_connection([&]() -> Result<std::int64_t> {
    TRY(prepare(statement));
    return rows == detail::Rows::stream ? stream(statement, values, use) : collect(statement, values, use);
  });
}

namespace {
std::string name_of(detail::RawStatement const& statement) { return fmt::format("s{}", statement.number()); }
}  // namespace

Done PostgresqlSession::prepare(detail::RawStatement const& statement) {
  auto const number = statement.number();
  if (number >= prepared_.size()) prepared_.resize(number + 1);
  if (prepared_[number]) return {};
  auto const [sql, count] = with_numbered_parameters(statement.sql());
  if (count != statement.in().size())
    return broken(fmt::format("the parameters of a statement are not those of its type: {}", shortened(sql)));
  std::vector<Oid> types;
  for (auto const type : statement.in()) types.push_back(type_of(type));
  PgResult const result(PQprepare(connection_.get(), name_of(statement).c_str(), sql.c_str(),
                                  static_cast<int>(types.size()), types.data()),
                        &PQclear);
  if (!is_ok(result.get())) {
    Error error = error_of(result.get(), sql);
    error.detail += ": " + field_of(result.get(), PG_DIAG_MESSAGE_PRIMARY);  // nothing is bound yet
    return error;
  }
  prepared_[number] = true;
  return {};
}

Result<std::int64_t> PostgresqlSession::collect(detail::RawStatement const& statement, Values const& values,
                                                detail::UseRow const& use) {
  PgResult const result(
      PQexecPrepared(connection_.get(), name_of(statement).c_str(), static_cast<int>(values.pointers.size()),
                     values.pointers.data(), values.lengths.data(), values.formats.data(), 0),
      &PQclear);
  if (!is_ok(result.get())) return error_of(result.get(), statement.sql());
  std::vector<Field> fields(statement.out().size());
  for (int row = 0; row < PQntuples(result.get()); ++row)
    if (!TRY(use_row(result.get(), row, statement, fields, use))) break;
  return rows_changed(result.get());
}

Result<std::int64_t> PostgresqlSession::stream(detail::RawStatement const& statement, Values const& values,
                                               detail::UseRow const& use) {
  if (PQsendQueryPrepared(connection_.get(), name_of(statement).c_str(), static_cast<int>(values.pointers.size()),
                          values.pointers.data(), values.lengths.data(), values.formats.data(), 0) == 0)
    return error_of(nullptr, statement.sql());
  PQsetSingleRowMode(connection_.get());
  struct Drain {  // also when `use` throws: the connection must be free for the next statement
    PGconn* connection;
    ~Drain() {
      while (PGresult* const rest = PQgetResult(connection)) PQclear(rest);
    }
  } const drain{connection_.get()};
  std::vector<Field> fields(statement.out().size());
  bool wanted = true;
  while (true) {
    PgResult const result(PQgetResult(connection_.get()), &PQclear);
    if (result == nullptr) return error_of(nullptr, statement.sql());
    if (PQresultStatus(result.get()) != PGRES_SINGLE_TUPLE) {
      if (!is_ok(result.get())) return error_of(result.get(), statement.sql());
      return rows_changed(result.get());
    }
    if (wanted) wanted = TRY(use_row(result.get(), 0, statement, fields, use));
  }
}

Result<bool> PostgresqlSession::use_row(PGresult const* result, int row, detail::RawStatement const& statement,
                                        std::vector<Field>& fields, detail::UseRow const& use) {
  auto const& out = statement.out();
  if (PQnfields(result) != static_cast<int>(out.size()))
    return broken(fmt::format("the columns of a statement are not those of its type: {}", shortened(statement.sql())));
  for (int i = 0; i < static_cast<int>(out.size()); ++i) {
    auto const& column = out[static_cast<std::size_t>(i)];
    auto& field = fields[static_cast<std::size_t>(i)];
    if (PQgetisnull(result, row, i) != 0) {
      if (!column.nullable) return unexpected_null(i, statement.sql());
      field = std::monostate();
    } else if (!read_field(result, row, i, column.type, field)) {
      return broken(fmt::format("column {} is not of its type: {}", i + 1, shortened(statement.sql())));
    }
  }
  ++rows_used_;
  return use(fields);
}

Done PostgresqlSession::execute_script(std::string const& sql) {
  return with_live_connection([&]() -> Done {
    PgResult const result(PQexec(connection_.get(), sql.c_str()), &PQclear);
    if (is_ok(result.get())) return {};
    Error error = error_of(result.get(), sql);
    error.detail +=
        ": " + field_of(result.get(), PG_DIAG_MESSAGE_PRIMARY);  // a script of the program: nothing is bound
    return error;
  });
}

Result<std::string> PostgresqlSession::text(std::string const& sql) {
  PgResult const result(PQexec(connection_.get(), sql.c_str()), &PQclear);
  if (!is_ok(result.get())) return error_of(result.get(), sql);
  return PQntuples(result.get()) > 0 ? std::string(PQgetvalue(result.get(), 0, 0)) : std::string();
}

Done PostgresqlSession::copy_out(std::string const& sql, std::function<Done(std::string_view)> const& use) {
  PgResult const begun(PQexec(connection_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) return error_of(begun.get(), sql);
  Done outcome;
  char* row = nullptr;
  int length = 0;
  while ((length = PQgetCopyData(connection_.get(), &row, 0)) > 0) {
    std::unique_ptr<char, decltype(&PQfreemem)> const owned(row, &PQfreemem);
    if (outcome.ok()) outcome = use({row, static_cast<std::size_t>(length)});
  }
  while (PGresult* const rest = PQgetResult(connection_.get())) {
    PgResult const result(rest, &PQclear);
    if (outcome.ok() && !is_ok(rest)) outcome = error_of(rest, sql);
  }
  if (outcome.ok() && length == -2) outcome = error_of(nullptr, sql);
  return outcome;
}

Result<std::int64_t> PostgresqlSession::copy_in(std::string const& sql,
                                                std::function<Result<std::optional<std::string_view>>()> const& next) {
  PgResult const begun(PQexec(connection_.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return error_of(begun.get(), sql);
  Done outcome;
  while (outcome.ok()) {
    auto const piece = next();
    if (!piece.ok()) outcome = piece.error();
    if (!piece.ok() || !*piece) break;
    if (PQputCopyData(connection_.get(), (*piece)->data(), static_cast<int>((*piece)->size())) != 1)
      outcome = error_of(nullptr, sql);
  }
  PQputCopyEnd(connection_.get(), outcome.ok() ? nullptr : "the backup could not be read");
  std::int64_t rows = 0;
  while (PGresult* const rest = PQgetResult(connection_.get())) {
    PgResult const result(rest, &PQclear);
    rows = rows_changed(rest);
    if (outcome.ok() && !is_ok(rest)) outcome = error_of(rest, sql);
  }
  if (!outcome.ok()) return outcome.error();
  return rows;
}

bool PostgresqlSession::in_transaction() const {
  if (connection_lost()) return false;
  auto const status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

/// PostgreSQL's sentences quote values ("Key (email)=(…) already exists"), so only SQLSTATE and names are kept.
/// Codes: PostgreSQL 15, appendix A.
Error PostgresqlSession::error_of(PGresult const* result, std::string_view sql, std::source_location where) {
  auto const state = field_of(result, PG_DIAG_SQLSTATE);
  auto detail = fmt::format("PostgreSQL {} in: {}", state.empty() ? "connection lost" : state, shortened(sql));
  auto const is_class = [&](std::string_view name) { return state.starts_with(name); };
  if (state == "23505") return key_conflict(key_of(result), std::move(detail), where);
  if (state == "23503") return key_conflict({}, std::move(detail), where);
  if (is_class("40")) {  // serialization_failure, deadlock_detected
    worth_another_try_ = true;
    return unavailable(std::move(detail), {}, where);
  }
  if (state == "22021" || state == "22P05")  // what was sent is not UTF-8, or holds a zero byte
    return invalid("store.not_text", std::move(detail), where);
  // An error without SQLSTATE is libpq's own. It may still call the connection good after a failed send, so we
  // remember.
  if (state.empty()) lost_ = true;
  if (connection_lost()) {
    worth_another_try_ = true;
    return unavailable(std::move(detail), {}, where);
  }
  bool const passing = is_class("08") || is_class("53") || is_class("57") || is_class("58") || state == "55P03" ||
                       state == "25P03" || state == "25006";
  if (passing) return unavailable(std::move(detail), {}, where);
  return broken(std::move(detail), where);
}

std::pair<std::string, std::size_t> with_numbered_parameters(std::string_view sql) {
  std::string numbered;
  std::vector<std::string_view> names;
  auto const is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  auto const copy_to = [&](std::size_t from, std::size_t to) {
    numbered += sql.substr(from, to - from);
    return to;
  };
  std::size_t at = 0;
  while (at < sql.size()) {
    char const c = sql[at];
    if (c == '\'' || c == '"') {
      auto const end = sql.find(c, at + 1);
      at = copy_to(at, end == std::string_view::npos ? sql.size() : end + 1);
    } else if (sql.substr(at, 2) == "--") {
      at = copy_to(at, std::min(sql.find('\n', at), sql.size()));
    } else if (sql.substr(at, 2) == "::") {
      at = copy_to(at, at + 2);
    } else if (c == ':' && at + 1 < sql.size() && is_word(sql[at + 1]) && std::isdigit(sql[at + 1]) == 0) {
      auto end = at + 1;
      while (end < sql.size() && is_word(sql[end])) ++end;
      auto const name = sql.substr(at + 1, end - at - 1);
      auto const known = std::find(names.begin(), names.end(), name);
      numbered += fmt::format("${}", known - names.begin() + 1);
      if (known == names.end()) names.push_back(name);
      at = end;
    } else {
      at = copy_to(at, at + 1);
    }
  }
  return {std::move(numbered), names.size()};
}

}  // namespace courant::store
