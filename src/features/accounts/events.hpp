// What happens to accounts. The subject is always the account.
#pragma once
#include <string_view>

namespace courant::accounts {

/// Somebody has signed up, or was added. numbers[0] is the role.
inline constexpr std::string_view kAccountJoined = "accounts.joined";
/// Name, role or state is another now. numbers[0] is the role, numbers[1] the state. Sessions of it that are kept in
/// memory are read anew.
inline constexpr std::string_view kAccountChanged = "accounts.changed";
/// Some or all of its sessions have ended (signed out, password or role changed).
inline constexpr std::string_view kSessionsEnded = "accounts.sessions_ended";

}  // namespace courant::accounts
