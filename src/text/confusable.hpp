// Names that look alike though their characters differ: "paypal" and "раураl", "0" and "O" (UTS #39), by ICU.
#pragma once
#include <string>
#include <string_view>

namespace courant::text {

/// A key that look-alikes share: folded (see fold.hpp), taken to its skeleton (UTS #39 section 4), folded again, and
/// without anything but letters and digits. For comparing only, never to be shown. "P.a-y Pa1" and "paypal" share one.
/// It is generous: "modern" and "modem" share one too.
[[nodiscard]] std::string look_alike_key(std::string_view text);

/// Whether the text mixes scripts in a way that no language does (not "Highly Restrictive", UTS #39 section 5.2): Latin
/// with Cyrillic does, Latin with Han and kana, or with hangul, does not.
[[nodiscard]] bool mixes_scripts(std::string_view text);

}  // namespace courant::text
