// Character references as the HTML standard reads them (section 13.2.5.72 and following).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace courant::text {

struct CharacterReference {
  char32_t first = 0, second = 0;  ///< second is 0 when the reference stands for one character
  std::size_t bytes = 0;           ///< how much of the input it took, "&" included; 0: no reference, "&" is text
};

enum class ReferencePlace : std::uint8_t { text, attribute };

/// REQUIRES: input begins with '&'. In attributes a name without ";" before "=" or a letter or digit is not a
/// reference.
[[nodiscard]] CharacterReference read_character_reference(std::string_view input, ReferencePlace place) noexcept;

}  // namespace courant::text
