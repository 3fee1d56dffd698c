// UTF-8 as bytes and as characters. A "character" everywhere in this project is a Unicode scalar value.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace courant::text {

inline constexpr char32_t kReplacement = U'\uFFFD';

/// One decoded character and how many bytes it took. Ill-formed bytes decode as U+FFFD over their maximal subpart
/// (Unicode 15 section 3.9, "U+FFFD substitution of maximal subparts").
struct Decoded {
  char32_t character = kReplacement;
  std::uint8_t bytes = 1;
  bool well_formed = false;
};
/// REQUIRES: offset < text.size().
[[nodiscard]] Decoded decode(std::string_view text, std::size_t offset) noexcept;
/// Appends one character; a surrogate or a value above U+10FFFF becomes U+FFFD.
void append(std::string& out, char32_t character);

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
struct Repaired {
  std::string text;
  std::size_t replaced = 0;  ///< how many ill-formed sequences became U+FFFD
};
[[nodiscard]] Repaired repair(std::string text);

/// Characters, each ill-formed sequence counting as one.
[[nodiscard]] std::size_t count_characters(std::string_view text) noexcept;
/// Characters that are not ASCII white space (space, tab, LF, FF, CR): the count in which the sanitizer's and the
/// importer's accounts are kept, because HTML may lay out white space anew.
[[nodiscard]] std::size_t count_text_characters(std::string_view text) noexcept;
/// The longest prefix of at most `limit` characters; never cuts inside a character.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t limit) noexcept;

/// Without white space of any kind (Unicode White_Space, U+FEFF and U+200B) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
/// Runs of white space of any kind become one space, both ends are trimmed.
[[nodiscard]] std::string collapse_white_space(std::string_view text);

[[nodiscard]] bool is_ascii_white_space(char32_t character) noexcept;
[[nodiscard]] bool is_white_space(char32_t character) noexcept;  ///< Unicode White_Space
[[nodiscard]] bool is_han(char32_t character) noexcept;          ///< ideographs (with 〇 and 々)
[[nodiscard]] bool is_kana(char32_t character) noexcept;
[[nodiscard]] bool is_hangul(char32_t character) noexcept;
/// Characters that HTML documents and XML must not contain: C0 and C1 controls except tab, LF, CR (and U+0085 in XML
/// only), surrogates and noncharacters.
[[nodiscard]] bool is_forbidden(char32_t character) noexcept;
/// Characters that reorder or hide text: bidirectional controls (UAX #9), zero-width ones, tags, soft hyphen.
[[nodiscard]] bool is_invisible_control(char32_t character) noexcept;

}  // namespace courant::text
