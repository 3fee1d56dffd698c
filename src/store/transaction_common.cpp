#include "store/transaction_common.hpp"

#include <exception>

#include "base/log.hpp"

namespace courant::store {

Done TransactionCommon::run(std::function<Done(Transaction&)> const& work) {
  Done outcome;
  try {
    outcome = work(*this);
  } catch (std::bad_alloc const&) {
    outcome = unavailable("out of memory in a command");
  } catch (std::exception const& exception) {
    outcome = broken(std::string("an exception left a command: ") + exception.what());
  }
  // A command that overlooked a failed statement must not be half kept.
  if (outcome.ok() && failure_) return *failure_;
  return outcome;
}

Result<bool> TransactionCommon::find_row(std::string const& sql, std::int64_t id) {
  bool found = false;
  Parameter const in[] = {id};
  TRY(detail::RawStatement(sql, {FieldType::integer}, {{FieldType::integer, false}})
          .run(*this, in, detail::Rows::collect, [&](std::span<Field>) {
            found = true;
            return false;
          }));
  return found;
}

Result<std::int64_t> TransactionCommon::execute(detail::RawStatement const& statement, std::span<Parameter const> in,
                                                detail::Rows rows, detail::UseRow const& use) {
  if (failure_) return *failure_;
  auto result = execute_now(statement, in, rows, use);
  if (!result.ok()) failure_ = result.error();
  return result;
}

Done TransactionCommon::execute_script(std::string const& sql) {
  if (failure_) return *failure_;
  auto done = execute_script_now(sql);
  if (!done.ok()) failure_ = done.error();
  return done;
}

void call_guarded(std::function<void()> const& act, std::string_view what) {
  try {
    act();
  } catch (std::exception const& exception) {
    log::error("an exception left {}: {}", what, exception.what());
  }
}

}  // namespace courant::store
