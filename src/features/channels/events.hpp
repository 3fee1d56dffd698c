// What happens to channels, as the journal tells it.
#pragma once
#include <string_view>

namespace courant::channels {

/// subject = channel, version = its row version.
inline constexpr std::string_view kAdded = "channels.added";
inline constexpr std::string_view kChanged = "channels.changed";

}  // namespace courant::channels
