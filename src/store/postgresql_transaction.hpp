// Connections on PostgreSQL as features see them.
#pragma once
#include <fmt/format.h>

#include "store/postgresql_session.hpp"
#include "store/transaction_common.hpp"

namespace courant::store {

/// Reading ends with the first failure: in a snapshot a new connection would show another state.
class PostgresqlReader final : public Connection {
 public:
  explicit PostgresqlReader(PostgresqlSession& session) : session_(session) {}
  [[nodiscard]] Engine engine() const override { return Engine::postgresql; }

 private:
  Result<std::int64_t> execute(detail::RawStatement const& statement, std::span<Parameter const> in, detail::Rows rows,
                               detail::UseRow const& use) override {
    if (failure_) return *failure_;
    auto result = session_.execute(statement, in, rows, use);
    if (!result.ok()) failure_ = result.error();
    return result;
  }
  Done execute_script(std::string const& sql) override { return session_.execute_script(sql); }

  PostgresqlSession& session_;
  std::optional<Error> failure_;
};

class PostgresqlTransaction final : public TransactionCommon {
 public:
  explicit PostgresqlTransaction(PostgresqlSession& session) : session_(session) {}
  [[nodiscard]] Engine engine() const override { return Engine::postgresql; }

  Result<bool> lock(std::string_view table, std::string_view key_column, std::int64_t id) override {
    return find_row(fmt::format("SELECT 1 FROM {} WHERE {} = :id FOR UPDATE", table, key_column), id);
  }

  /// The statement that failed may succeed in another try.
  [[nodiscard]] bool worth_another_try() const { return worth_another_try_; }

 private:
  Result<std::int64_t> execute_now(detail::RawStatement const& statement, std::span<Parameter const> in,
                                   detail::Rows rows, detail::UseRow const& use) override {
    auto result = session_.execute(statement, in, rows, use);
    if (!result.ok()) worth_another_try_ = session_.worth_another_try();
    return result;
  }
  Done execute_script_now(std::string const& sql) override {
    auto done = session_.execute_script(sql);
    if (!done.ok()) worth_another_try_ = session_.worth_another_try();
    return done;
  }

  PostgresqlSession& session_;
  bool worth_another_try_ = false;
};

/// Whatever happens, the session goes back without a transaction.
class EndTransaction {
 public:
  explicit EndTransaction(PostgresqlSession& session) : session_(session) {}
  ~EndTransaction() {
    // Nothing was committed, so there is nothing that a failure could lose.
    if (session_.in_transaction()) [[maybe_unused]]
      auto const ended = session_.execute_script("ROLLBACK");
  }
  EndTransaction(EndTransaction const&) = delete;
  EndTransaction& operator=(EndTransaction const&) = delete;

 private:
  PostgresqlSession& session_;
};

}  // namespace courant::store
