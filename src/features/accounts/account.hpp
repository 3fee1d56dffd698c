// An account: somebody who can sign in. Plain data, and the rules that need nothing but the data.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "web/viewer.hpp"

namespace courant {

/// A suspended account can sign in and read, and do nothing else.
enum class AccountState : std::uint8_t { active = 0, suspended = 1 };

/// Whether the account came with the demo data: such ones sign in on the loopback listener only, unless the operator
/// says --demo-public.
enum class AccountOrigin : std::uint8_t { real = 0, demo = 1 };

struct Account {
  Id<Account> id;
  std::string name;   ///< display name; need not be unique
  std::string login;  ///< what one signs in with, as typed: an e-mail address or a user name
  web::Role role = web::Role::reader;
  AccountState state = AccountState::active;
  AccountOrigin origin = AccountOrigin::real;
  std::int64_t version = 1;
  Time created_at;
};

namespace accounts {

inline constexpr std::size_t kLongestName = 40;        ///< characters (code points)
inline constexpr std::size_t kShortestUserName = 3;    ///< characters
inline constexpr std::size_t kLongestUserName = 32;    ///< characters
inline constexpr std::size_t kLongestEmail = 254;      ///< bytes, RFC 5321 section 4.5.3.1.3 less the brackets
inline constexpr std::size_t kShortestPassword = 10;   ///< characters
inline constexpr std::size_t kLongestPassword = 256;   ///< bytes: argon2id takes the same time for any length
inline constexpr Duration kIdleSession = 14 * 24h;     ///< unused for so long, a session ends
inline constexpr Duration kLongestSession = 90 * 24h;  ///< ends whatever happens
inline constexpr Duration kLastSeenStep = 1h;          ///< last_seen_at is written at most so often
inline constexpr Duration kRecentSignIn = 10min;       ///< how fresh a sign-in must be to change rights or credentials

/// The form under which a login is unique and looked up: "e:" and the folded address, or "u:" and the user name's
/// look-alike key (case, width, accents of look-alikes and separators do not make another name).
[[nodiscard]] std::string login_key(std::string_view login);

/// Whether a name would be taken for the site's own voice: "管理员", "0fficial", the site's name itself, or that with a
/// word such as "官方" beside it; look-alikes included.
[[nodiscard]] bool poses_as_official(std::string_view name, std::string_view site_name);

/// Every complaint about what somebody wants to be called, to sign in with, and to prove it by; empty: fine. `field` of
/// the complaints is "name", "login" and "password". `site_name` is a word that nobody may pose as.
[[nodiscard]] std::vector<Complaint> complaints_about_name(std::string_view name, std::string_view site_name);
[[nodiscard]] std::vector<Complaint> complaints_about_login(std::string_view login, std::string_view site_name);
/// A password needs 10 characters, may not be one of the common ones, nor be made of the name or login.
[[nodiscard]] std::vector<Complaint> complaints_about_password(std::string_view password, std::string_view name,
                                                               std::string_view login);

/// Whether a session that began at `signed_in_at` and was last used at `last_seen_at` is over at `now`.
[[nodiscard]] bool session_over(Time signed_in_at, Time last_seen_at, Time now);

/// Whether the person has proved who they are so lately that rights and credentials may be changed.
[[nodiscard]] bool signed_in_recently(web::Viewer const& viewer, Time now);

/// "active", "suspended": for the command line and JSON.
[[nodiscard]] std::string_view name_of(AccountState state);

}  // namespace accounts
}  // namespace courant
