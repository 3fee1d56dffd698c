// The one table of what the sanitizer does with each element, and what each kept element may hold. Internal to text/.
#pragma once
#include <cstdint>
#include <string_view>

namespace courant::text::html {

/// The elements that reach the tree. `div` stands for every container; it never reaches the output.
enum class Tag : std::uint8_t {
  none,
  // blocks
  div,
  p,
  h1,
  h2,
  h3,
  h4,
  h5,
  h6,
  blockquote,
  pre,
  ul,
  ol,
  li,
  dl,
  dt,
  dd,
  table,
  caption,
  colgroup,
  col,
  thead,
  tbody,
  tfoot,
  tr,
  td,
  th,
  figure,
  figcaption,
  details,
  summary,
  hr,
  // formatting elements: parsers reopen them after mis-nesting (HTML section 13.2.4.3)
  a,
  b,
  code,
  em,
  i,
  s,
  small_,
  strong,
  u,
  // other elements within a line
  abbr,
  bdi,
  bdo,
  cite,
  del,
  dfn,
  ins,
  kbd,
  mark,
  q,
  rp,
  rt,
  ruby,
  samp,
  span,
  sub,
  sup,
  time,
  var,
  br,
  wbr,
  img,
};
inline constexpr std::size_t kTags = static_cast<std::size_t>(Tag::img) + 1;

[[nodiscard]] std::string_view name_of(Tag tag) noexcept;

constexpr bool is_block(Tag tag) { return tag >= Tag::div && tag <= Tag::hr; }
constexpr bool is_formatting(Tag tag) { return tag >= Tag::a && tag <= Tag::u; }
constexpr bool is_inline(Tag tag) { return tag >= Tag::a && tag <= Tag::var; }
constexpr bool is_heading(Tag tag) { return tag >= Tag::h1 && tag <= Tag::h6; }
constexpr bool is_section(Tag tag) { return tag == Tag::thead || tag == Tag::tbody || tag == Tag::tfoot; }
constexpr bool is_cell(Tag tag) { return tag == Tag::td || tag == Tag::th; }
constexpr bool is_void(Tag tag) {
  return tag == Tag::hr || tag == Tag::col || tag == Tag::br || tag == Tag::wbr || tag == Tag::img;
}

enum class Treatment : std::uint8_t {
  keep,           ///< goes into the tree as `tag`
  unwrap,         ///< the tag goes, its contents stay; reported
  vanish,         ///< as unwrap, not worth a line in the report
  drop_raw,       ///< goes with its contents, which are raw text up to the end tag
  drop_rcdata,    ///< the same, its contents have character references
  drop_script,    ///< the same, by the script data states
  drop_balanced,  ///< goes with its contents, which are HTML
  drop_foreign,   ///< goes with its contents, which are SVG or MathML
  drop_media,     ///< video, audio: rebuilt from their addresses, their fallback goes
  embed_raw,      ///< iframe: a link to its address stays
  embed,          ///< embed, frame: the same, without contents
  embed_unwrap,   ///< object: the same, its contents stay
  verbatim,       ///< xmp, listing: raw text that becomes pre
  plaintext,      ///< everything after it is text
  input,          ///< a check box becomes a character, every other kind goes
};

struct Element {
  std::string_view name;
  Treatment treatment = Treatment::unwrap;
  Tag tag = Tag::none;
  std::string_view reason;  ///< key in the catalogue
};

/// What is done with an element of that (lower-case) name; unknown ones are unwrapped.
[[nodiscard]] Element const& element_named(std::string_view name) noexcept;

}  // namespace courant::text::html
