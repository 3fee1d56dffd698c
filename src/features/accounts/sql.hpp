// The statements of accounts, sessions and the audit log; nowhere else.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "features/accounts/account.hpp"
#include "features/accounts/audit.hpp"
#include "store/store.hpp"

namespace courant::accounts::sql {

/// An account with what proves it. Never leaves this feature.
struct Credentials {
  Account account;
  std::string password_hash;
};

/// Error: conflict when the login is taken.
Done insert_account(store::Transaction& transaction, Account const& account, std::string const& login_key,
                    std::string const& password_hash);
Result<std::optional<Credentials>> credentials_with_login_key(store::Connection& connection,
                                                              std::string const& login_key);
Result<std::optional<Credentials>> credentials_with_id(store::Connection& connection, Id<Account> account);
/// Locked until the transaction ends. Error: missing.
Result<Credentials> lock_account(store::Transaction& transaction, Id<Account> account);
/// Writes name, role, state and version.
Done update_account(store::Transaction& transaction, Account const& account);
Done set_password_hash(store::Transaction& transaction, Account const& account, std::string const& password_hash,
                       Time now);
Result<std::vector<Account>> accounts_after(store::Connection& connection, Id<Account> after, int limit);

struct Session {
  std::string token_hash;  ///< hexadecimal SHA-256 of the token
  Id<Account> account;
  Time signed_in_at;
  Time last_seen_at;
  std::string client;
  std::string agent;
};
/// A session and whose it is.
struct OpenSession {
  Session session;
  Account account;
};

Done insert_session(store::Transaction& transaction, Session const& session);
Result<std::optional<OpenSession>> session_with_hash(store::Connection& connection, std::string const& token_hash);
/// The account's sessions, last used first.
Result<std::vector<Session>> sessions_of(store::Connection& connection, Id<Account> account);
Done set_last_seen(store::Transaction& transaction, std::string const& token_hash, Time now);
/// How many ended.
Result<std::int64_t> delete_session(store::Transaction& transaction, Id<Account> account,
                                    std::string const& token_hash);
Result<std::int64_t> delete_sessions_but(store::Transaction& transaction, Id<Account> account,
                                         std::string const& kept_token_hash);
/// All but the `kept` last used ones.
Result<std::int64_t> delete_oldest_sessions(store::Transaction& transaction, Id<Account> account, int kept);
Result<std::int64_t> delete_sessions_before(store::Transaction& transaction, Time last_seen_before,
                                            Time signed_in_before);

}  // namespace courant::accounts::sql

namespace courant::audit::sql {

struct Row {
  std::int64_t position = 0;
  Time at;
  std::string kind;
  ActorKind actor_kind = ActorKind::system;
  std::string actor_alias;
  std::string subject_alias;
  std::string details;
  std::string previous_hash;
  std::string hash;
};
struct Head {
  std::int64_t position = 0;
  std::string hash;
};

/// Nobody else appends until the transaction ends.
Result<Head> lock_head(store::Transaction& transaction);
Result<Head> head(store::Connection& connection);
Done insert(store::Transaction& transaction, Row const& row);
Done set_head(store::Transaction& transaction, Head const& head);
Result<std::optional<std::string>> alias_of(store::Connection& connection, Id<Account> account);
Done insert_person(store::Transaction& transaction, Id<Account> account, std::string const& alias,
                   std::string const& key);
Done delete_person(store::Transaction& transaction, Id<Account> account);
/// With people's names in place of their aliases.
Result<std::vector<Line>> lines_before(store::Connection& connection, std::int64_t before, int limit);
/// In order of position, at most `limit` after `after`.
Result<std::vector<Row>> rows_after(store::Connection& connection, std::int64_t after, int limit);

}  // namespace courant::audit::sql
