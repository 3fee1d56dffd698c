// What people and the command line do with accounts. Each decides first, then writes rows, audit entry and event in one
// transaction.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "features/accounts/account.hpp"
#include "features/accounts/audit.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"
#include "web/viewer.hpp"

namespace courant::accounts {

class SignInLimit;

/// What every command needs to act.
struct Means {
  store::Store& store;
  IdSource& ids;
  Clock const& clock;
};

/// A change with the event that tells of it; answers wait for it.
struct Changed {
  Id<Account> account;
  journal::EventId event;
};

// --- What people do -------------------------------------------------------------------------------------------------

struct NewAccount {
  std::string name;
  std::string login;
  std::string password;
  std::string site_name;  ///< from the settings: nobody may be called so
};

/// What has become of a sign-up. For an e-mail address both are told the same way (see README): whether an address has
/// an account is nobody else's business. User names are public, so a taken one is a complaint.
struct SignedUp {
  std::optional<Changed> made;  ///< nothing: the address has an account already
};
/// Errors: invalid with complaints on name, login, password.
Result<SignedUp> sign_up(Means means, NewAccount const& wanted);

/// From where somebody asks: for the list of devices and for the rules of demo accounts.
struct Visit {
  std::string client;         ///< address
  std::string agent;          ///< User-Agent, cut to 200 bytes
  bool demo_allowed = false;  ///< the listener is loopback, or the operator said --demo-public
};

struct SignedIn {
  std::string token;  ///< 256 bits, base64url: for the cookie only; the database knows its SHA-256
  web::Viewer viewer;
  journal::EventId event;  ///< of the session that this one replaces; 0 when there was none
};
/// A new session; the one of `before` (who was signed in on this browser; may be null) ends. Unknown name, wrong
/// password, or a demo account where those may not: all the same error invalid "accounts.sign_in_refused" after the
/// same work. Errors besides: too_many.
Result<SignedIn> sign_in(Means means, SignInLimit& limit, std::string_view login, std::string_view password,
                         Visit const& visit, web::Viewer const* before);

/// The password once more: a fresh session in place of the one at hand. Errors as sign_in.
Result<SignedIn> confirm_password(Means means, SignInLimit& limit, web::Viewer const& viewer, std::string_view password,
                                  Visit const& visit);

/// Ends one session of the account. Ending what has ended is fine.
Result<journal::EventId> end_session(Means means, Id<Account> account, std::string_view session);
/// Ends all sessions of the account but `keep` (empty: all).
Result<journal::EventId> end_sessions(Means means, Id<Account> account, std::string_view keep);

/// Sets the new password and ends every session but a new one for the person at hand. The caller has made sure that the
/// sign-in is recent. Errors: invalid with complaints.
Result<SignedIn> change_password(Means means, web::Viewer const& viewer, std::string_view wanted, Visit const& visit);
/// Errors: invalid with complaints.
Result<Changed> rename(Means means, web::Viewer const& viewer, std::string_view name, std::string_view site_name);

// --- What the command line and administrators do --------------------------------------------------------------------

struct AddedAccount {
  std::string name;
  std::string login;
  std::string password;
  web::Role role = web::Role::reader;
  AccountOrigin origin = AccountOrigin::real;
};
/// Errors: invalid with complaints; conflict when the login is taken.
Result<Changed> add_account(Means means, AddedAccount const& wanted, audit::Actor actor);
/// Ends all sessions of the account, so that no session outlives the role it was opened with. Errors: missing.
Result<Changed> set_role(Means means, Id<Account> account, web::Role role, audit::Actor actor);
/// Ends all sessions of the account. Errors: missing, invalid with complaints.
Result<Changed> set_password(Means means, Id<Account> account, std::string_view password, audit::Actor actor);
/// Errors: missing.
Result<Changed> set_state(Means means, Id<Account> account, AccountState state, audit::Actor actor);

// --- Questions ------------------------------------------------------------------------------------------------------

/// By what one signs in with. Error: missing.
Result<Account> account_with_login(store::Store& store, std::string_view login);
/// Error: missing.
Result<Account> account_with_id(store::Store& store, Id<Account> account);
/// In order of id, those after `after`.
Result<std::vector<Account>> list_accounts(store::Store& store, Id<Account> after, int limit);

}  // namespace courant::accounts
