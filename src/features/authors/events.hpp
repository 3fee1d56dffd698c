// What happens to authors. The subject is always the author, the version that of its row.
#pragma once
#include <string_view>

namespace courant::authors {

/// Somebody is an author now. numbers[0] is the account (0: none), numbers[1] the kind.
inline constexpr std::string_view kAuthorJoined = "authors.joined";
/// Something about the author is another now: name, handle, picture, state. numbers[0] is the account, numbers[1] the
/// kind, numbers[2] the state. Pages that show the author depend on its id and are evicted by it.
inline constexpr std::string_view kAuthorChanged = "authors.changed";

}  // namespace courant::authors
