// Who is asking: what web knows of a signed-in person. The accounts feature fills it.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"

namespace courant {

struct Account;  // the record is the accounts feature's

namespace web {

enum class Role : std::uint8_t { reader = 0, author = 1, reviewer = 2, editor = 3, moderator = 4, administrator = 5 };

[[nodiscard]] std::string_view name_of(Role role) noexcept;
[[nodiscard]] std::optional<Role> role_named(std::string_view name) noexcept;

struct Viewer {
  Id<Account> account;
  Role role = Role::reader;
  std::string name;        ///< display name
  std::string session;     ///< hex digest of the session token: names the session, does not open it
  std::string csrf_token;  ///< bound to the session
  Time signed_in_at;       ///< of this session: changes of rights or credentials need it younger than 10 minutes
  bool suspended = false;
};

/// From the session cookie's value to the viewer; nullopt: no such (or an ended) session. Runs on workers.
using SessionSource = std::function<Result<std::optional<Viewer>>(std::string_view token)>;

/// Who may come through a route, before the feature looks at the relation (own, another's).
enum class Access : std::uint8_t { anyone, signed_in, author, reviewer, editor, administrator };

[[nodiscard]] std::string_view name_of(Access access) noexcept;
/// The one table of rights by role. A suspended person enters what any reader may enter and nothing more; what a
/// command lets a suspended person do (leave, appeal, take their data along) is the feature's rule.
[[nodiscard]] bool may_enter(Access access, Viewer const* viewer) noexcept;

}  // namespace web
}  // namespace courant
