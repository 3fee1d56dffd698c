// Texts made comparable, and names made presentable, by ICU.
#pragma once
#include <string>
#include <string_view>

namespace courant::text {

/// For comparing names, handles, tags: NFKC with case folding (UAX #44 NFKC_Casefold), accents of Latin, Greek and
/// Cyrillic letters taken off, invisible controls removed, white space collapsed. "Ｃａｆé" and "cafe" are equal.
[[nodiscard]] std::string fold(std::string_view text);
/// NFC; ill-formed UTF-8 becomes U+FFFD.
[[nodiscard]] std::string normalize(std::string_view text);
/// A name, title or tag as people typed it, made presentable: NFC, invisible and bidirectional controls and forbidden
/// characters removed (ZWJ and ZWNJ stay where they join letters or emoji), white space collapsed and trimmed.
[[nodiscard]] std::string clean_name(std::string_view text);
/// Lower case by Unicode's rules, language-neutral.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace courant::text
