// Strangers' HTML made safe: read as a browser reads it, reduced to an allow-list, written anew.
//
// What comes out is valid HTML by content model (no element whose end tags a parser would move), so that
// sanitize(sanitize(x)) == sanitize(x) and every parser builds the same tree from it. Elements: p h2-h6 blockquote pre
// ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td figure figcaption hr details summary video
// audio source; a em strong b i s u sub sup small mark del ins kbd samp var code dfn abbr cite q bdi bdo span time ruby
// rt rp br wbr img. Containers such as div, section or center vanish; their loose text becomes paragraphs.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "text/url.hpp"

namespace courant::text {

/// What was taken away, gathered by kind, name and reason.
struct Removed {
  enum class Kind : std::uint8_t {
    element,    ///< the element; `characters` counts the text that went with it (none when only the tag went)
    attribute,  ///< "element[attribute]"
    address,    ///< a link or picture whose address was refused; `name` is "a[href]", "img[src]"
    comment,    ///< comments, processing instructions, doctypes; their contents are not text and count 0
    character,  ///< characters that HTML forbids; `name` is "U+0001"
  };
  Kind kind = Kind::element;
  std::string name;
  std::string reason;          ///< key in the catalogue, such as "text.removed_script"
  std::size_t count = 0;       ///< how often
  std::size_t characters = 0;  ///< text characters lost (count_text_characters)
  std::string example;         ///< for addresses: the first one refused, at most 200 bytes, made printable
};

struct Picture {
  std::string address;  ///< as it stands in the HTML, unescaped: an absolute URL or an own path
  std::string alt;
};

struct Heading {
  int level = 2;     ///< 2 to 6
  std::string text;  ///< white space collapsed
  std::string id;    ///< as written into the HTML; empty when it has none
};

struct CleanHtml {
  std::string html;
  /// The exact account: characters_in + characters_added == characters_out + sum of removed[i].characters. All four
  /// count text characters other than ASCII white space (count_text_characters), after character references.
  std::size_t characters_in = 0;
  std::size_t characters_added = 0;  ///< text written in place of a blocked embed (its address as a link)
  std::size_t characters_out = 0;
  std::vector<Removed> removed;
  std::vector<Picture> pictures;  ///< in order of appearance
  std::vector<Heading> headings;
};

/// Given the resolved address of a picture, the own path ("/media/…") to write in its place; nothing keeps the address.
using PictureRewrite = std::function<std::optional<std::string>(std::string_view address)>;

struct SanitizeOptions {
  /// Relative addresses are resolved against it; without it only own paths ("/…") and "#fragment" pass.
  std::optional<Url> base_url;
  /// This site's own address: links to it get no rel and become own paths.
  std::optional<Url> site_url;

  enum class Outside : std::uint8_t { keep, link };
  /// Pictures, video and audio at other sites: keep the address, or leave a plain link to it.
  Outside outside_pictures = Outside::keep;
  Outside outside_media = Outside::link;
  PictureRewrite rewrite_picture;

  enum class Headings : std::uint8_t { keep_levels, no_skipped_level };
  Headings headings = Headings::no_skipped_level;
  /// Put before every id and #fragment, so that an article cannot clobber the page's own.
  std::string_view id_prefix = "c-";
};

/// Nesting deeper than this is refused before the tree is built.
inline constexpr std::size_t kMaximalNesting = 256;
inline constexpr std::size_t kMaximalHtmlBytes = 16u << 20;

/// Any bytes go in (ill-formed UTF-8 is repaired). Errors: invalid text.html_too_deep when elements are nested deeper
/// than kMaximalNesting, invalid text.html_too_long above kMaximalHtmlBytes, invalid text.html_too_tangled when
/// mis-nested tags would blow the tree up.
[[nodiscard]] Result<CleanHtml> sanitize(std::string_view html, SanitizeOptions const& options = {});

/// Writes the pictures of *clean* HTML anew, for example as <picture> with variants. `write` gets each <img …> tag as
/// sanitize() wrote it, with its address and attributes, and returns the markup to put there. Linear, no tree.
struct PictureTag {
  std::string_view tag;       ///< the whole tag
  std::string address, alt;   ///< unescaped
  int width = 0, height = 0;  ///< 0 when not given
};
[[nodiscard]] std::string rewrite_pictures(std::string_view clean_html,
                                           std::function<std::string(PictureTag const&)> const& write);

}  // namespace courant::text
