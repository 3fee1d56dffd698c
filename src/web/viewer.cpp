#include "web/viewer.hpp"

#include <array>

namespace courant::web {
namespace {

constexpr std::array<std::string_view, 6> kRoles{"reader", "author",    "reviewer",
                                                 "editor", "moderator", "administrator"};

/// Who may enter: one row an Access, one column a Role in the order of the enum. A suspended person is a reader here.
constexpr bool kMayEnter[][6] = {
    //               reader author reviewer editor moderator administrator
    /* anyone */ {true, true, true, true, true, true},
    /* signed_in */ {true, true, true, true, true, true},
    /* author */ {false, true, true, true, true, true},
    /* reviewer */ {false, false, true, true, false, true},
    /* editor */ {false, false, false, true, false, true},
    /* administrator */ {false, false, false, false, false, true},
};

}  // namespace

std::string_view name_of(Role role) noexcept { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> role_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kRoles.size(); ++i)
    if (kRoles[i] == name) return static_cast<Role>(i);
  return std::nullopt;
}

std::string_view name_of(Access access) noexcept {
  constexpr std::array<std::string_view, 6> kNames{"anyone",   "signed_in", "author",
                                                   "reviewer", "editor",    "administrator"};
  return kNames[static_cast<std::size_t>(access)];
}

bool may_enter(Access access, Viewer const* viewer) noexcept {
  if (viewer == nullptr) return access == Access::anyone;
  Role const role = viewer->suspended ? Role::reader : viewer->role;
  return kMayEnter[static_cast<std::size_t>(access)][static_cast<std::size_t>(role)];
}

}  // namespace courant::web
