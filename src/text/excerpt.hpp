// What pages, feeds and search say about a text: its words without markup, its beginning, its length, its reading time.
// All functions take *clean* HTML (see html.hpp) and are linear; they build no tree.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace courant::text {

/// The text of clean HTML: character references resolved, blocks parted by "\n", <br> as "\n", rp left out.
[[nodiscard]] std::string html_to_plain(std::string_view clean_html);

/// The first at most `limit` characters of plain text: ends at a sentence when one ends in the last third, else at a
/// word border (between any two Han characters there is one) with "…"; white space collapsed. A text within the limit
/// is returned whole.
[[nodiscard]] std::string excerpt(std::string_view plain, std::size_t limit);
/// excerpt(html_to_plain()), reading no more of the HTML than it needs.
[[nodiscard]] std::string html_excerpt(std::string_view clean_html, std::size_t limit);

struct Length {
  std::size_t characters = 0;  ///< other than white space
  std::size_t cjk = 0;         ///< of these: Han, kana, hangul
  std::size_t words = 0;       ///< runs of letters and digits outside CJK
};
[[nodiscard]] Length measure(std::string_view plain);
/// Minutes, rounded up, at least 1: 400 CJK characters or 230 words a minute.
[[nodiscard]] int reading_minutes(Length const& length);

}  // namespace courant::text
