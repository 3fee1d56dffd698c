// Markdown to HTML: CommonMark with GitHub's tables, strikethrough, autolinks, task lists and footnotes.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::text {

inline constexpr std::size_t kMaximalMarkdownBytes = 4u << 20;

/// HTML that must go through sanitize(): raw HTML and every address are passed on as written. Front matter is not
/// Markdown and is left to the caller. Errors: invalid text.markdown_too_long above kMaximalMarkdownBytes, and
/// text.markdown_too_tangled when quotes or lists are nested a hundred deep in a line, or brackets, table cells or uses
/// of long references are so many that reading them would not be linear.
[[nodiscard]] Result<std::string> markdown_to_html(std::string_view markdown);

}  // namespace courant::text
