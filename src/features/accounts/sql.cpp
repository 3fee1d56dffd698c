#include "features/accounts/sql.hpp"

#include <limits>
#include <tuple>

#include "store/statement.hpp"

namespace courant::accounts::sql {
namespace {

using store::Statement;

using AccountRow =
    std::tuple<Id<Account>, std::string, std::string, web::Role, AccountState, AccountOrigin, std::int64_t, Time>;
using CredentialsRow = std::tuple<Id<Account>, std::string, std::string, web::Role, AccountState, AccountOrigin,
                                  std::int64_t, Time, std::string>;
using SessionRow = std::tuple<std::string, Id<Account>, Time, Time, std::string, std::string>;
using OpenSessionRow = std::tuple<std::string, Id<Account>, Time, Time, std::string, std::string, Id<Account>,
                                  std::string, std::string, web::Role, AccountState, AccountOrigin, std::int64_t, Time>;

Statement<std::tuple<Id<Account>, std::string, std::string, std::string, std::string, web::Role, AccountState,
                     AccountOrigin, std::int64_t, Time, Time>> const kInsertAccount{
    "INSERT INTO accounts (id, name, login, login_key, password_hash, role, state, origin, version, created_at, "
    "password_changed_at) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k)"};

Statement<std::tuple<std::string>, CredentialsRow> const kCredentialsWithLoginKey{
    "SELECT id, name, login, role, state, origin, version, created_at, password_hash FROM accounts "
    "WHERE login_key = :a"};

Statement<std::tuple<Id<Account>>, CredentialsRow> const kCredentialsWithId{
    "SELECT id, name, login, role, state, origin, version, created_at, password_hash FROM accounts WHERE id = :a"};

Statement<std::tuple<std::string, web::Role, AccountState, std::int64_t, Id<Account>>> const kUpdateAccount{
    "UPDATE accounts SET name = :a, role = :b, state = :c, version = :d WHERE id = :e"};

Statement<std::tuple<std::string, Time, std::int64_t, Id<Account>>> const kSetPasswordHash{
    "UPDATE accounts SET password_hash = :a, password_changed_at = :b, version = :c WHERE id = :d"};

Statement<std::tuple<Id<Account>, std::int64_t>, AccountRow> const kAccountsAfter{
    "SELECT id, name, login, role, state, origin, version, created_at FROM accounts WHERE id > :a ORDER BY id "
    "LIMIT :b"};

Statement<std::tuple<std::string, Id<Account>, Time, Time, std::string, std::string>> const kInsertSession{
    "INSERT INTO account_sessions (token_hash, account_id, signed_in_at, last_seen_at, client, agent) "
    "VALUES (:a, :b, :c, :d, :e, :f)"};

Statement<std::tuple<std::string>, OpenSessionRow> const kSessionWithHash{
    "SELECT s.token_hash, s.account_id, s.signed_in_at, s.last_seen_at, s.client, s.agent, a.id, a.name, a.login, "
    "a.role, a.state, a.origin, a.version, a.created_at FROM account_sessions s JOIN accounts a ON a.id = s.account_id "
    "WHERE s.token_hash = :a"};

Statement<std::tuple<Id<Account>>, SessionRow> const kSessionsOf{
    "SELECT token_hash, account_id, signed_in_at, last_seen_at, client, agent FROM account_sessions "
    "WHERE account_id = :a ORDER BY last_seen_at DESC, token_hash"};

Statement<std::tuple<Time, std::string>> const kSetLastSeen{
    "UPDATE account_sessions SET last_seen_at = :a WHERE token_hash = :b"};

Statement<std::tuple<Id<Account>, std::string>> const kDeleteSession{
    "DELETE FROM account_sessions WHERE account_id = :a AND token_hash = :b"};

Statement<std::tuple<Id<Account>, std::string>> const kDeleteSessionsBut{
    "DELETE FROM account_sessions WHERE account_id = :a AND token_hash <> :b"};

Statement<std::tuple<Id<Account>, Id<Account>, std::int64_t>> const kDeleteOldestSessions{
    "DELETE FROM account_sessions WHERE account_id = :a AND token_hash NOT IN (SELECT token_hash FROM account_sessions "
    "WHERE account_id = :b ORDER BY last_seen_at DESC, token_hash LIMIT :c)"};

Statement<std::tuple<Time, Time>> const kDeleteSessionsBefore{
    "DELETE FROM account_sessions WHERE last_seen_at < :a OR signed_in_at < :b"};

Account account_of(Id<Account> id, std::string name, std::string login, web::Role role, AccountState state,
                   AccountOrigin origin, std::int64_t version, Time created_at) {
  return {id, std::move(name), std::move(login), role, state, origin, version, created_at};
}

std::optional<Credentials> credentials_from(std::optional<CredentialsRow> row) {
  if (!row) return std::nullopt;
  auto& [id, name, login, role, state, origin, version, created_at, hash] = *row;
  return Credentials{account_of(id, std::move(name), std::move(login), role, state, origin, version, created_at),
                     std::move(hash)};
}

}  // namespace

Done insert_account(store::Transaction& transaction, Account const& account, std::string const& login_key,
                    std::string const& password_hash) {
  TRY(kInsertAccount.run(
      transaction, {account.id, account.name, account.login, login_key, password_hash, account.role, account.state,
                    account.origin, account.version, account.created_at, account.created_at}));
  return {};
}

Result<std::optional<Credentials>> credentials_with_login_key(store::Connection& connection,
                                                              std::string const& login_key) {
  return credentials_from(TRY(kCredentialsWithLoginKey.first(connection, {login_key})));
}

Result<std::optional<Credentials>> credentials_with_id(store::Connection& connection, Id<Account> account) {
  return credentials_from(TRY(kCredentialsWithId.first(connection, {account})));
}

Result<Credentials> lock_account(store::Transaction& transaction, Id<Account> account) {
  if (!TRY(transaction.lock("accounts", "id", account.value))) return missing("accounts.no_such_account");
  auto found = TRY(credentials_with_id(transaction, account));
  if (!found) return missing("accounts.no_such_account");
  return std::move(*found);
}

Done update_account(store::Transaction& transaction, Account const& account) {
  TRY(kUpdateAccount.run(transaction, {account.name, account.role, account.state, account.version, account.id}));
  return {};
}

Done set_password_hash(store::Transaction& transaction, Account const& account, std::string const& password_hash,
                       Time now) {
  TRY(kSetPasswordHash.run(transaction, {password_hash, now, account.version, account.id}));
  return {};
}

Result<std::vector<Account>> accounts_after(store::Connection& connection, Id<Account> after, int limit) {
  std::vector<Account> found;
  auto found_rows = TRY(kAccountsAfter.all(connection, {after, limit}));
  for (auto& row : found_rows) found.push_back(std::apply(account_of, std::move(row)));
  return found;
}

Done insert_session(store::Transaction& transaction, Session const& session) {
  TRY(kInsertSession.run(transaction, {session.token_hash, session.account, session.signed_in_at, session.last_seen_at,
                                       session.client, session.agent}));
  return {};
}

Result<std::optional<OpenSession>> session_with_hash(store::Connection& connection, std::string const& token_hash) {
  auto row = TRY(kSessionWithHash.first(connection, {token_hash}));
  if (!row) return std::optional<OpenSession>{};
  auto& [hash, account_id, signed_in_at, last_seen_at, client, agent, id, name, login, role, state, origin, version,
         created_at] = *row;
  return std::optional<OpenSession>(
      OpenSession{{std::move(hash), account_id, signed_in_at, last_seen_at, std::move(client), std::move(agent)},
                  account_of(id, std::move(name), std::move(login), role, state, origin, version, created_at)});
}

Result<std::vector<Session>> sessions_of(store::Connection& connection, Id<Account> account) {
  std::vector<Session> found;
  auto found_rows = TRY(kSessionsOf.all(connection, {account}));
  for (auto& [hash, account_id, signed_in_at, last_seen_at, client, agent] : found_rows)
    found.push_back({std::move(hash), account_id, signed_in_at, last_seen_at, std::move(client), std::move(agent)});
  return found;
}

Done set_last_seen(store::Transaction& transaction, std::string const& token_hash, Time now) {
  TRY(kSetLastSeen.run(transaction, {now, token_hash}));
  return {};
}

Result<std::int64_t> delete_session(store::Transaction& transaction, Id<Account> account,
                                    std::string const& token_hash) {
  return kDeleteSession.run(transaction, {account, token_hash});
}

Result<std::int64_t> delete_sessions_but(store::Transaction& transaction, Id<Account> account,
                                         std::string const& kept_token_hash) {
  return kDeleteSessionsBut.run(transaction, {account, kept_token_hash});
}

Result<std::int64_t> delete_oldest_sessions(store::Transaction& transaction, Id<Account> account, int kept) {
  return kDeleteOldestSessions.run(transaction, {account, account, kept});
}

Result<std::int64_t> delete_sessions_before(store::Transaction& transaction, Time last_seen_before,
                                            Time signed_in_before) {
  return kDeleteSessionsBefore.run(transaction, {last_seen_before, signed_in_before});
}

}  // namespace courant::accounts::sql

namespace courant::audit::sql {
namespace {

using store::Statement;

Statement<std::tuple<>, std::tuple<std::int64_t, std::string>> const kHead{
    "SELECT position, hash FROM audit_head WHERE id = 1"};

Statement<std::tuple<std::int64_t, Time, std::string, ActorKind, std::string, std::string, std::string, std::string,
                     std::string>> const kInsert{
    "INSERT INTO audit_entries (position, at, kind, actor_kind, actor_alias, subject_alias, details, previous_hash, "
    "hash) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i)"};

Statement<std::tuple<std::int64_t, std::string>> const kSetHead{
    "UPDATE audit_head SET position = :a, hash = :b WHERE id = 1"};

Statement<std::tuple<Id<Account>>, std::tuple<std::string>> const kAliasOf{
    "SELECT alias FROM audit_people WHERE account_id = :a"};

Statement<std::tuple<Id<Account>, std::string, std::string>> const kInsertPerson{
    "INSERT INTO audit_people (account_id, alias, key) VALUES (:a, :b, :c)"};

Statement<std::tuple<Id<Account>>> const kDeletePerson{"DELETE FROM audit_people WHERE account_id = :a"};

Statement<std::tuple<std::int64_t, std::int64_t>,
          std::tuple<std::int64_t, Time, std::string, ActorKind, std::optional<std::string>, std::optional<std::string>,
                     std::string, std::string>> const kLinesBefore{
    "SELECT e.position, e.at, e.kind, e.actor_kind, actors.name, subjects.name, e.details, e.hash FROM audit_entries e "
    "LEFT JOIN audit_people ap ON ap.alias = e.actor_alias LEFT JOIN accounts actors ON actors.id = ap.account_id "
    "LEFT JOIN audit_people sp ON sp.alias = e.subject_alias LEFT JOIN accounts subjects ON subjects.id = "
    "sp.account_id WHERE e.position < :a ORDER BY e.position DESC LIMIT :b"};

Statement<std::tuple<std::int64_t, std::int64_t>, std::tuple<std::int64_t, Time, std::string, ActorKind, std::string,
                                                             std::string, std::string, std::string, std::string>> const
    kRowsAfter{
        "SELECT position, at, kind, actor_kind, actor_alias, subject_alias, details, previous_hash, hash "
        "FROM audit_entries WHERE position > :a ORDER BY position LIMIT :b"};

}  // namespace

Result<Head> lock_head(store::Transaction& transaction) {
  if (!TRY(transaction.lock("audit_head", "id", 1))) return broken("the audit log has no head");
  return head(transaction);
}

Result<Head> head(store::Connection& connection) {
  auto row = TRY(kHead.first(connection, {}));
  if (!row) return broken("the audit log has no head");
  return Head{std::get<0>(*row), std::move(std::get<1>(*row))};
}

Done insert(store::Transaction& transaction, Row const& row) {
  TRY(kInsert.run(transaction, {row.position, row.at, row.kind, row.actor_kind, row.actor_alias, row.subject_alias,
                                row.details, row.previous_hash, row.hash}));
  return {};
}

Done set_head(store::Transaction& transaction, Head const& head) {
  TRY(kSetHead.run(transaction, {head.position, head.hash}));
  return {};
}

Result<std::optional<std::string>> alias_of(store::Connection& connection, Id<Account> account) {
  auto row = TRY(kAliasOf.first(connection, {account}));
  if (!row) return std::optional<std::string>{};
  return std::optional(std::move(std::get<0>(*row)));
}

Done insert_person(store::Transaction& transaction, Id<Account> account, std::string const& alias,
                   std::string const& key) {
  TRY(kInsertPerson.run(transaction, {account, alias, key}));
  return {};
}

Done delete_person(store::Transaction& transaction, Id<Account> account) {
  TRY(kDeletePerson.run(transaction, {account}));
  return {};
}

Result<std::vector<Line>> lines_before(store::Connection& connection, std::int64_t before, int limit) {
  std::vector<Line> lines;
  auto const below = before > 0 ? before : std::numeric_limits<std::int64_t>::max();
  auto found_rows = TRY(kLinesBefore.all(connection, {below, limit}));
  for (auto& [position, at, kind, actor_kind, actor, subject, details, hash] : found_rows)
    lines.push_back({position, at, std::move(kind), actor_kind, std::move(actor).value_or(""),
                     std::move(subject).value_or(""), std::move(details), std::move(hash)});
  return lines;
}

Result<std::vector<Row>> rows_after(store::Connection& connection, std::int64_t after, int limit) {
  std::vector<Row> rows;
  auto found_rows = TRY(kRowsAfter.all(connection, {after, limit}));
  for (auto& [position, at, kind, actor_kind, actor_alias, subject_alias, details, previous_hash, hash] : found_rows)
    rows.push_back({position, at, std::move(kind), actor_kind, std::move(actor_alias), std::move(subject_alias),
                    std::move(details), std::move(previous_hash), std::move(hash)});
  return rows;
}

}  // namespace courant::audit::sql
