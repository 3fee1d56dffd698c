// Plain text to paragraphs of HTML.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace courant::text {

enum class Paragraphs : std::uint8_t {
  guess,       ///< every_line when no blank line parts the text or its lines begin with a full-width indent
  blank_line,  ///< a blank line parts paragraphs, a single newline becomes <br>
  every_line,  ///< each line is a paragraph
};

/// <p> elements, text escaped. Loses nothing but white space (full-width indents "　　" at the start of a line too) and
/// characters that HTML forbids. Ill-formed UTF-8 is repaired.
[[nodiscard]] std::string plain_to_html(std::string_view text, Paragraphs paragraphs = Paragraphs::guess);

}  // namespace courant::text
