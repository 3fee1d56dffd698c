// What WordPress does to a body when it shows it: shortcodes and paragraphs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "text/html.hpp"

namespace courant::transfer {

struct WordPressBody {
  std::string html;
  std::vector<text::Removed> removed;  ///< shortcodes that became markup or went; their characters counted
};

/// [caption] becomes figure and figcaption, [gallery] goes (and is reported); other shortcodes stay as text. Blank
/// lines part paragraphs and newlines break lines, as the classic editor's readers saw it; bodies of the block editor
/// (<!-- wp:… -->) are left alone.
[[nodiscard]] WordPressBody wordpress_to_html(std::string_view body);

}  // namespace courant::transfer
