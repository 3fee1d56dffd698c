// Which language a text is in, as far as characters tell, for `lang`.
#pragma once
#include <string_view>

namespace courant::text {

/// A BCP 47 tag: "zh-Hans", "zh-Hant", "ja", "ko", "en" (Latin script with English words), or "und". Reads at most the
/// first 4,000 characters.
[[nodiscard]] std::string_view guess_language(std::string_view plain);

}  // namespace courant::text
