// What transactions of both engines have in common: the first failure ends the command, and acts wait for the commit.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace courant::store {

class TransactionCommon : public Transaction {
 public:
  void after_commit(std::function<void()> act) final { acts_.push_back(std::move(act)); }
  [[nodiscard]] std::vector<std::function<void()>> take_after_commit() { return std::move(acts_); }

  /// Runs `work` and tells whether the transaction may be committed. An exception that leaves `work` becomes an error.
  Done run(std::function<Done(Transaction&)> const& work);

  [[nodiscard]] std::optional<Error> const& failure() const { return failure_; }

 protected:
  Result<bool> find_row(std::string const& sql, std::int64_t id);

  virtual Result<std::int64_t> execute_now(detail::RawStatement const& statement, std::span<Parameter const> in,
                                           detail::Rows rows, detail::UseRow const& use) = 0;
  virtual Done execute_script_now(std::string const& sql) = 0;

 private:
  Result<std::int64_t> execute(detail::RawStatement const& statement, std::span<Parameter const> in, detail::Rows rows,
                               detail::UseRow const& use) final;
  Done execute_script(std::string const& sql) final;

  std::optional<Error> failure_;
  std::vector<std::function<void()>> acts_;
};

/// Calls what others gave us at a place where an exception has nowhere to go: logs it.
void call_guarded(std::function<void()> const& act, std::string_view what);

}  // namespace courant::store
