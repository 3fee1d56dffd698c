// For the tests of accounts and authors: a store with their tables and a few people.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "features/accounts/accounts.hpp"
#include "features/accounts/commands.hpp"
#include "features/accounts/projection.hpp"
#include "features/accounts/sessions.hpp"
#include "features/accounts/sign_in_limit.hpp"
#include "journal/journal.hpp"
#include "journal/sql.hpp"
#include "store/testing.hpp"

namespace courant::accounts::testing {

inline constexpr char const* kPassword = "plum anchor seventeen";

class World {
 public:
  explicit World(store::testing::Database const& database, std::vector<store::Migration> const& more = {})
      : store(database.open(steps(more))) {}

  static std::vector<store::Migration> steps(std::vector<store::Migration> const& more) {
    auto all = journal::migrations();
    auto const own = migrations();
    all.insert(all.end(), own.begin(), own.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ManualClock clock{Time{1'790'000'000'000'000}};
  IdSource ids{clock, 1};
  std::unique_ptr<store::Store> store;
  SignInLimit limit;
  SessionCache cache;
  Visit here{"192.0.2.1", "test", true};

  Means means() { return {*store, ids, clock}; }

  Id<Account> join(std::string const& login, web::Role role = web::Role::reader,
                   AccountOrigin origin = AccountOrigin::real) {
    return store::testing::require(
               add_account(means(), {login, login, kPassword, role, origin}, audit::by_command_line()))
        .account;
  }
  SignedIn enter(std::string const& login, web::Viewer const* before = nullptr) {
    return store::testing::require(sign_in(means(), limit, login, kPassword, here, before));
  }
  std::optional<web::Viewer> viewer(std::string const& token) {
    return store::testing::require(viewer_with_token(*store, cache, clock, token));
  }
  /// What the journal would have told the cache by now; on PostgreSQL without waiting for numbers.
  void tell_cache(Id<Account> account, std::string_view kind) {
    journal::Event event;
    event.kind = kind;
    event.subject = account.value;
    cache.apply(event);
  }
  std::vector<audit::Line> audit_lines() {
    return store::testing::require(store::read_value(
        *store, [](store::Connection& connection) { return audit::lines_before(connection, 0, 100); }));
  }
};

}  // namespace courant::accounts::testing
