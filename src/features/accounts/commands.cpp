#include "features/accounts/commands.hpp"

#include <algorithm>
#include <mutex>

#include "base/crypto.hpp"
#include "features/accounts/events.hpp"
#include "features/accounts/sessions.hpp"
#include "features/accounts/sign_in_limit.hpp"
#include "features/accounts/sql.hpp"
#include "journal/journal.hpp"
#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::accounts {
namespace {

constexpr std::size_t kLongestAgent = 200;
constexpr int kMostSessions = 50;  // of one account; the least lately used goes

Result<journal::EventId> tell(store::Transaction& transaction, Means means, std::string_view kind,
                              Account const& account, Id<Account> actor) {
  journal::Event event;
  event.kind = kind;
  event.subject = account.id.value;
  event.version = account.version;
  event.actor = actor.value;
  event.numbers = {static_cast<std::int64_t>(account.role), static_cast<std::int64_t>(account.state)};
  return journal::record(transaction, means.ids, means.clock, std::move(event));
}

Done write_down(store::Transaction& transaction, Means means, std::string_view kind, audit::Actor actor,
                Id<Account> subject, json::Object details = {}) {
  TRY(audit::record(transaction, means.clock, {std::string(kind), actor, subject, std::move(details)}));
  return {};
}

/// The same password typed on another keyboard is the same bytes (RFC 8265 section 4.2.2: NFC).
std::string prepared(std::string_view password) { return text::normalize(password); }

// --- Joining --------------------------------------------------------------------------------------------------------

Account new_account(Means means, std::string_view name, std::string_view login) {
  Account account;
  account.id = means.ids.next<Account>();
  account.name = text::clean_name(name);
  account.login = text::trim(login);
  account.created_at = means.clock.now();
  return account;
}

std::vector<Complaint> complaints_about(std::string_view name, std::string_view login, std::string_view password,
                                        std::string_view site_name) {
  auto complaints = complaints_about_name(name, site_name);
  for (auto& more : complaints_about_login(text::trim(login), site_name)) complaints.push_back(std::move(more));
  for (auto& more : complaints_about_password(password, name, text::trim(login))) complaints.push_back(std::move(more));
  return complaints;
}

bool is_taken_login(Error const& error) {
  return error.kind == ErrorKind::conflict && store::conflicting_key(error) == "accounts.login_key";
}

Result<Changed> insert(Means means, Account const& account, std::string_view password, audit::Actor actor) {
  auto const hash = TRY(crypto::hash_password(prepared(password)));
  return store::write_value(means.store, [&](store::Transaction& transaction) -> Result<Changed> {
    TRY(sql::insert_account(transaction, account, login_key(account.login), hash));
    TRY(write_down(transaction, means, "accounts.joined", actor, account.id, {{"role", web::name_of(account.role)}}));
    return Changed{account.id, TRY(tell(transaction, means, kAccountJoined, account, actor.account))};
  });
}

/// Worth a line for whoever owns the address; and it costs a commit, as making the account would, so that the time does
/// not tell what the answer keeps to itself.
Done write_down_repeated_sign_up(Means means, std::string_view login) {
  return means.store.write([&](store::Transaction& transaction) -> Done {
    auto const found = TRY(sql::credentials_with_login_key(transaction, login_key(login)));
    return write_down(transaction, means, "accounts.sign_up_repeated", audit::by_system(),
                      found ? found->account.id : Id<Account>{});
  });
}

}  // namespace

Result<SignedUp> sign_up(Means means, NewAccount const& wanted) {
  auto complaints = complaints_about(wanted.name, wanted.login, wanted.password, wanted.site_name);
  if (!complaints.empty()) return invalid(std::move(complaints));
  auto const account = new_account(means, wanted.name, wanted.login);
  auto made = insert(means, account, wanted.password, audit::by_person(account.id));
  if (made.ok()) return SignedUp{*made};
  if (!is_taken_login(made.error())) return std::move(made).error();
  if (account.login.find('@') == std::string::npos) return invalid({{"login", "accounts.user_name_taken", {}}});
  TRY(write_down_repeated_sign_up(means, account.login));
  return SignedUp{};
}

// --- Signing in -----------------------------------------------------------------------------------------------------

namespace {

/// What is hashed for a login that nobody has, so that it takes as long as one that somebody has.
Result<std::string> nobodys_hash() {
  static std::mutex mutex;
  static std::string hash;
  std::scoped_lock lock(mutex);
  if (hash.empty()) hash = TRY(crypto::hash_password(crypto::random_token()));
  return hash;
}

bool may_sign_in(Account const& account, Visit const& visit) {
  return account.origin == AccountOrigin::real || visit.demo_allowed;
}

Error refused() { return invalid({{"", "accounts.sign_in_refused", {}}}); }

/// The account that login and password name together. All ways through do the same work.
Result<sql::Credentials> prove(Means means, std::string_view key, std::string_view password, Visit const& visit) {
  auto const decoy = TRY(nobodys_hash());
  auto found = TRY(store::read_value(means.store, [&](store::Connection& connection) {
    return sql::credentials_with_login_key(connection, std::string(key));
  }));
  bool const matches = crypto::password_matches(found ? found->password_hash : decoy, prepared(password));
  if (!found || !matches || !may_sign_in(found->account, visit)) return refused();
  return std::move(*found);
}

/// One line when guessing has closed the door, not one for each guess.
Done write_down_guessing(Means means, std::string_view key) {
  return means.store.write([&](store::Transaction& transaction) -> Done {
    auto const found = TRY(sql::credentials_with_login_key(transaction, std::string(key)));
    return write_down(transaction, means, "accounts.sign_ins_failed", audit::by_system(),
                      found ? found->account.id : Id<Account>{}, {{"tries", SignInLimit::kMostTries}});
  });
}

sql::Session new_session(Account const& account, std::string_view token, Visit const& visit, Time now) {
  return {token_hash(token),
          account.id,
          now,
          now,
          visit.client,
          std::string(text::first_characters(visit.agent, kLongestAgent))};
}

/// Opens a session for an account whose password was right a moment ago, unless that has changed since.
Result<SignedIn> open_session(Means means, sql::Credentials const& proven, Visit const& visit,
                              web::Viewer const* before) {
  SignedIn signed_in;
  signed_in.token = new_token();
  auto const now = means.clock.now();
  TRY(means.store.write([&](store::Transaction& transaction) -> Done {
    auto const current = TRY(sql::lock_account(transaction, proven.account.id));
    if (current.password_hash != proven.password_hash) return refused();
    std::int64_t ended = 0;
    if (before) ended += TRY(sql::delete_session(transaction, current.account.id, before->session));
    TRY(sql::insert_session(transaction, new_session(current.account, signed_in.token, visit, now)));
    ended += TRY(sql::delete_oldest_sessions(transaction, current.account.id, kMostSessions));
    signed_in.viewer = viewer_of(current.account, signed_in.token, now);
    signed_in.event = {};
    if (ended > 0) signed_in.event = TRY(tell(transaction, means, kSessionsEnded, current.account, current.account.id));
    return {};
  }));
  return signed_in;
}

Result<SignedIn> sign_in_with_key(Means means, SignInLimit& limit, std::string const& key, std::string_view password,
                                  Visit const& visit, web::Viewer const* before) {
  auto const attempt = limit.take_try(key, means.clock.now());
  if (!attempt) return too_many("accounts.too_many_tries");
  auto const proven = prove(means, key, password, visit);
  if (!proven.ok()) {
    if (*attempt == SignInLimit::kMostTries) TRY(write_down_guessing(means, key));
    return Error(proven.error());
  }
  limit.note_success(key);
  auto signed_in = TRY(open_session(means, *proven, visit, before));
  // Somebody else was signed in here: that session has lost its only cookie, so it ends too.
  if (before && before->account != proven->account.id) TRY(end_session(means, before->account, before->session));
  return signed_in;
}

}  // namespace

Result<SignedIn> sign_in(Means means, SignInLimit& limit, std::string_view login, std::string_view password,
                         Visit const& visit, web::Viewer const* before) {
  return sign_in_with_key(means, limit, login_key(text::trim(login)), password, visit, before);
}

Result<SignedIn> confirm_password(Means means, SignInLimit& limit, web::Viewer const& viewer, std::string_view password,
                                  Visit const& visit) {
  auto const account = TRY(account_with_id(means.store, viewer.account));
  return sign_in_with_key(means, limit, login_key(account.login), password, visit, &viewer);
}

// --- Signing out ----------------------------------------------------------------------------------------------------

namespace {

/// Ends what `remove` deletes, and tells if there was anything.
Result<journal::EventId> end(Means means, Id<Account> account,
                             std::function<Result<std::int64_t>(store::Transaction&)> const& remove) {
  return store::write_value(means.store, [&](store::Transaction& transaction) -> Result<journal::EventId> {
    auto const current = TRY(sql::lock_account(transaction, account));
    if (TRY(remove(transaction)) == 0) return journal::EventId{};
    return tell(transaction, means, kSessionsEnded, current.account, account);
  });
}

}  // namespace

Result<journal::EventId> end_session(Means means, Id<Account> account, std::string_view session) {
  return end(means, account, [&](store::Transaction& transaction) {
    return sql::delete_session(transaction, account, std::string(session));
  });
}

Result<journal::EventId> end_sessions(Means means, Id<Account> account, std::string_view keep) {
  return end(means, account, [&](store::Transaction& transaction) {
    return sql::delete_sessions_but(transaction, account, std::string(keep));
  });
}

// --- Changing one's own account -------------------------------------------------------------------------------------

namespace {

/// Writes the new hash under the account's next version and ends all its sessions.
Done replace_password(store::Transaction& transaction, Means means, Account& account, std::string const& hash,
                      audit::Actor actor) {
  account.version += 1;
  TRY(sql::set_password_hash(transaction, account, hash, means.clock.now()));
  TRY(sql::delete_sessions_but(transaction, account.id, ""));
  return write_down(transaction, means, "accounts.password_changed", actor, account.id);
}

}  // namespace

Result<SignedIn> change_password(Means means, web::Viewer const& viewer, std::string_view wanted, Visit const& visit) {
  if (!signed_in_recently(viewer, means.clock.now())) return forbidden("accounts.sign_in_again");
  auto const account = TRY(account_with_id(means.store, viewer.account));
  auto complaints = complaints_about_password(wanted, account.name, account.login);
  if (!complaints.empty()) return invalid(std::move(complaints));
  auto const hash = TRY(crypto::hash_password(prepared(wanted)));

  SignedIn signed_in;
  signed_in.token = new_token();
  auto const now = means.clock.now();
  TRY(means.store.write([&](store::Transaction& transaction) -> Done {
    auto current = TRY(sql::lock_account(transaction, viewer.account)).account;
    // The session at hand may have been ended meanwhile, by its owner on another device.
    if (!TRY(sql::session_with_hash(transaction, viewer.session))) return unauthorized();
    TRY(replace_password(transaction, means, current, hash, audit::by_person(current.id)));
    TRY(sql::insert_session(transaction, new_session(current, signed_in.token, visit, now)));
    signed_in.viewer = viewer_of(current, signed_in.token, now);
    signed_in.event = TRY(tell(transaction, means, kSessionsEnded, current, current.id));
    return {};
  }));
  return signed_in;
}

namespace {

/// Locks the account, lets `change` alter it, writes it under the next version and tells.
Result<Changed> alter(Means means, Id<Account> account, audit::Actor actor,
                      std::function<Done(store::Transaction&, Account&)> const& change) {
  return store::write_value(means.store, [&](store::Transaction& transaction) -> Result<Changed> {
    auto current = TRY(sql::lock_account(transaction, account)).account;
    current.version += 1;
    TRY(change(transaction, current));
    TRY(sql::update_account(transaction, current));
    return Changed{account, TRY(tell(transaction, means, kAccountChanged, current, actor.account))};
  });
}

}  // namespace

Result<Changed> rename(Means means, web::Viewer const& viewer, std::string_view name, std::string_view site_name) {
  if (viewer.suspended) return forbidden("accounts.suspended");
  auto complaints = complaints_about_name(name, site_name);
  if (!complaints.empty()) return invalid(std::move(complaints));
  auto const shown = text::clean_name(name);
  return alter(means, viewer.account, audit::by_person(viewer.account), [&](store::Transaction&, Account& account) {
    account.name = shown;
    return Done();
  });
}

// --- What the command line and administrators do --------------------------------------------------------------------

Result<Changed> add_account(Means means, AddedAccount const& wanted, audit::Actor actor) {
  auto complaints = complaints_about(wanted.name, wanted.login, wanted.password, /*site_name=*/{});
  // The operator may call the administrator "admin"; strangers may not.
  std::erase_if(complaints, [](Complaint const& complaint) {
    return complaint.message == "accounts.name_reserved" || complaint.message == "accounts.user_name_reserved";
  });
  if (!complaints.empty()) return invalid(std::move(complaints));
  auto account = new_account(means, wanted.name, wanted.login);
  account.role = wanted.role;
  account.origin = wanted.origin;
  auto made = insert(means, account, wanted.password, actor);
  if (!made.ok() && is_taken_login(made.error())) return conflict("accounts.login_taken");
  return made;
}

Result<Changed> set_role(Means means, Id<Account> account, web::Role role, audit::Actor actor) {
  return alter(means, account, actor, [&](store::Transaction& transaction, Account& current) -> Done {
    json::Object details{{"from", web::name_of(current.role)}, {"to", web::name_of(role)}};
    current.role = role;
    TRY(sql::delete_sessions_but(transaction, account, ""));
    return write_down(transaction, means, "accounts.role_changed", actor, account, std::move(details));
  });
}

Result<Changed> set_password(Means means, Id<Account> account, std::string_view password, audit::Actor actor) {
  auto const found = TRY(account_with_id(means.store, account));
  auto complaints = complaints_about_password(password, found.name, found.login);
  if (!complaints.empty()) return invalid(std::move(complaints));
  auto const hash = TRY(crypto::hash_password(prepared(password)));
  return store::write_value(means.store, [&](store::Transaction& transaction) -> Result<Changed> {
    auto current = TRY(sql::lock_account(transaction, account)).account;
    TRY(replace_password(transaction, means, current, hash, actor));
    return Changed{account, TRY(tell(transaction, means, kSessionsEnded, current, actor.account))};
  });
}

Result<Changed> set_state(Means means, Id<Account> account, AccountState state, audit::Actor actor) {
  return alter(means, account, actor, [&](store::Transaction& transaction, Account& current) -> Done {
    json::Object details{{"from", name_of(current.state)}, {"to", name_of(state)}};
    current.state = state;
    return write_down(transaction, means, "accounts.state_changed", actor, account, std::move(details));
  });
}

// --- Questions ------------------------------------------------------------------------------------------------------

namespace {

Result<Account> account_or_missing(Result<std::optional<sql::Credentials>> found) {
  auto credentials = TRY(std::move(found));
  if (!credentials) return missing("accounts.no_such_account");
  return std::move(credentials->account);
}

}  // namespace

Result<Account> account_with_login(store::Store& store, std::string_view login) {
  auto const key = login_key(text::trim(login));
  return account_or_missing(store::read_value(
      store, [&](store::Connection& connection) { return sql::credentials_with_login_key(connection, key); }));
}

Result<Account> account_with_id(store::Store& store, Id<Account> account) {
  return account_or_missing(store::read_value(
      store, [&](store::Connection& connection) { return sql::credentials_with_id(connection, account); }));
}

Result<std::vector<Account>> list_accounts(store::Store& store, Id<Account> after, int limit) {
  return store::read_value(
      store, [&](store::Connection& connection) { return sql::accounts_after(connection, after, limit); });
}

}  // namespace courant::accounts
