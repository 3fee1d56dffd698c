// Where somebody goes on afterwards (next=/a/1): own paths only, or a sign-in page would send people to strangers.
#pragma once
#include <string>
#include <string_view>

namespace courant::web {

/// An absolute path of this site, as it may stand in a Location: begins with one "/" that is not followed by "/" or
/// "\", printable ASCII without space and backslash.
[[nodiscard]] bool is_own_path(std::string_view path) noexcept;
/// `next` when it is an own path of at most 2,048 bytes, else "/".
[[nodiscard]] std::string safe_next(std::string_view next);

}  // namespace courant::web
