#include "text/markdown.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace courant::text {
namespace {

// cmark-gfm 0.29.0.gfm.6, tried with 100 KB of each: "![[]()" takes 0.8 s and "a@" 0.25 s, growing with the square; a
// wide table with short rows and a long reference used often grow memory with the product. So what could open without
// end is counted first, per paragraph: a stretch of lines without a blank one, which is more than the parser calls one.
constexpr std::size_t kMaximalMarkers = 100;                      // of quotes and lists at the start of one line
constexpr std::size_t kMaximalBrackets = 5000;                    // "[" in a paragraph
constexpr std::size_t kMaximalAts = 20000;                        // "@" in a paragraph
constexpr std::size_t kMaximalCells = 200'000;                    // of one table
constexpr std::size_t kMaximalExpansion = std::size_t{32} << 20;  // bytes that references could write

bool is_marker(char c) { return c == '>' || c == '-' || c == '+' || c == '*' || c == ')' || c == '.'; }
bool may_precede_marker(char c) { return c == ' ' || c == '\t' || (c >= '0' && c <= '9'); }

/// Markers of quotes and list items; a line of dashes or stars alone is a rule.
std::size_t markers_at_start(std::string_view line) {
  std::size_t markers = 0;
  char before = ' ';
  for (char const c : line) {
    if (is_marker(c)) {
      markers += c == '>' || before != c;
    } else if (!may_precede_marker(c)) {
      break;
    }
    before = c;
  }
  return markers;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// The columns of a table if this is the row of dashes under its head, else 0.
std::size_t table_columns(std::string_view line) {
  if (line.find('-') == std::string_view::npos) return 0;
  if (line.find_first_not_of("|:- \t\r>*+.)0123456789") != std::string_view::npos) return 0;
  return static_cast<std::size_t>(std::count(line.begin(), line.end(), '|')) + 1;
}

/// The longest of the link definitions that a paragraph may hold: what lies between one "]:" and the next.
std::size_t longest_definition(std::string_view paragraph) {
  std::size_t longest = 0;
  for (std::size_t at = paragraph.find("]:"); at != std::string_view::npos;) {
    std::size_t const next = paragraph.find("]:", at + 2);
    longest = std::max(longest, std::min(next, paragraph.size()) - at);
    at = next;
  }
  return longest;
}

/// Reads paragraph by paragraph; false as soon as one is too much.
class Limits {
 public:
  bool hold(std::string_view markdown) {
    std::size_t paragraph_begin = 0;
    for (std::size_t at = 0; at <= markdown.size();) {
      std::size_t const end = std::min(markdown.find('\n', at), markdown.size());
      std::string_view const line = markdown.substr(at, end - at);
      if (!add_line(line)) return false;
      if (is_blank(line) || end == markdown.size()) {
        end_paragraph(markdown.substr(paragraph_begin, end - paragraph_begin));
        paragraph_begin = end;
      }
      at = end + 1;
    }
    return longest_definition_ * all_brackets_ <= kMaximalExpansion;
  }

 private:
  bool add_line(std::string_view line) {
    ++lines_;
    columns_ = std::max(columns_, table_columns(line));
    brackets_ += static_cast<std::size_t>(std::count(line.begin(), line.end(), '['));
    ats_ += static_cast<std::size_t>(std::count(line.begin(), line.end(), '@'));
    return markers_at_start(line) <= kMaximalMarkers && brackets_ <= kMaximalBrackets && ats_ <= kMaximalAts &&
           columns_ * lines_ <= kMaximalCells;
  }

  void end_paragraph(std::string_view paragraph) {
    longest_definition_ = std::max(longest_definition_, longest_definition(paragraph));
    all_brackets_ += brackets_;
    lines_ = columns_ = brackets_ = ats_ = 0;
  }

  std::size_t lines_ = 0, columns_ = 0, brackets_ = 0, ats_ = 0;
  std::size_t all_brackets_ = 0, longest_definition_ = 0;
};

struct FreeParser {
  void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
};
struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

Result<std::string> markdown_to_html(std::string_view markdown) {
  if (markdown.size() > kMaximalMarkdownBytes) return invalid("text.markdown_too_long");
  if (!Limits().hold(markdown)) return invalid("text.markdown_too_tangled");
  static std::once_flag once;
  std::call_once(once, cmark_gfm_core_extensions_ensure_registered);

  // One "~" is common in Chinese for a range, so striking out takes two.
  constexpr int kOptions =
      CMARK_OPT_UNSAFE | CMARK_OPT_FOOTNOTES | CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE;
  std::unique_ptr<cmark_parser, FreeParser> const parser(cmark_parser_new(kOptions));
  for (char const* const name : {"table", "strikethrough", "autolink", "tasklist"}) {
    cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
  }
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  std::unique_ptr<cmark_node, FreeNode> const document(cmark_parser_finish(parser.get()));
  std::unique_ptr<char, FreeText> const html(
      cmark_render_html(document.get(), kOptions, cmark_parser_get_syntax_extensions(parser.get())));
  return std::string(html.get());
}

}  // namespace courant::text
