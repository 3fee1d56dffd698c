// One PostgreSQL connection with its prepared statements. The driver is used directly (docs/decisions/0003).
#pragma once
#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/statement.hpp"

namespace courant::store {

struct PostgresqlSettings {
  std::string url;
  Duration statement_timeout{0};  ///< 0: none
};

using PgResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// For one thread at a time. A session whose server went away is connected again when it is next used outside a
/// transaction.
class PostgresqlSession {
 public:
  enum class Access : std::uint8_t { read, write };

  /// Errors: unavailable (cannot connect); broken (the server would lose what it acknowledged, or is not UTF-8).
  static Result<std::unique_ptr<PostgresqlSession>> open(PostgresqlSettings const& settings, Access access);

  Result<std::int64_t> execute(detail::RawStatement const& statement, std::span<Parameter const> in, detail::Rows rows,
                               detail::UseRow const& use);
  Done execute_script(std::string const& sql);

  /// The first column of the first row, for settings; empty when NULL or without rows.
  Result<std::string> text(std::string const& sql);

  /// COPY … TO STDOUT: `use` gets each row as PostgreSQL's text format has it, with its newline.
  Done copy_out(std::string const& sql, std::function<Done(std::string_view)> const& use);
  /// COPY … FROM STDIN: `next` hands out pieces, nullopt at the end. Returns the number of rows.
  Result<std::int64_t> copy_in(std::string const& sql,
                               std::function<Result<std::optional<std::string_view>>()> const& next);

  [[nodiscard]] bool in_transaction() const;
  /// Whether the last error was one after which the same transaction may well succeed, and did not happen.
  [[nodiscard]] bool worth_another_try() const { return worth_another_try_; }
  [[nodiscard]] bool connection_lost() const { return lost_ || PQstatus(connection_.get()) != CONNECTION_OK; }

 private:
  using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;
  struct Values;

  explicit PostgresqlSession(Handle connection) : connection_(std::move(connection)) {}
  Done check_durability();

  /// Runs `act`, a second time on a new connection when the first showed that the old one was dead and nothing can have
  /// been done.
  template <class F>
  auto with_live_connection(F const& act) -> decltype(act());

  Done reconnect();

  Done prepare(detail::RawStatement const& statement);
  Result<std::int64_t> collect(detail::RawStatement const& statement, Values const& values, detail::UseRow const& use);
  Result<std::int64_t> stream(detail::RawStatement const& statement, Values const& values, detail::UseRow const& use);
  Result<bool> use_row(PGresult const* result, int row, detail::RawStatement const& statement,
                       std::vector<Field>& fields, detail::UseRow const& use);
  Error error_of(PGresult const* result, std::string_view sql,
                 std::source_location where = std::source_location::current());

  Handle connection_;
  std::vector<bool> prepared_;  // by RawStatement::number()
  bool in_use_ = false;
  bool lost_ = false;
  bool worth_another_try_ = false;
  std::size_t rows_used_ = 0;
};

/// `:name` as `$1`, outside quotes and comments; a name that stands twice is one parameter. Second: how many there are.
std::pair<std::string, std::size_t> with_numbered_parameters(std::string_view sql);

}  // namespace courant::store
