#include "text/excerpt.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "text/html_entities.hpp"
#include "text/utf8.hpp"

namespace courant::text {
namespace {

/// Elements of clean HTML that stand within a line; every other tag begins a new one.
constexpr std::array<std::string_view, 31> kInline = {"a",   "abbr", "b",    "bdi", "bdo",  "cite",  "code",  "del",
                                                      "dfn", "em",   "i",    "img", "ins",  "kbd",   "mark",  "q",
                                                      "rp",  "rt",   "ruby", "s",   "samp", "small", "span",  "strong",
                                                      "sub", "sup",  "time", "u",   "var",  "wbr",   "source"};

bool is_inline(std::string_view name) { return std::find(kInline.begin(), kInline.end(), name) != kInline.end(); }

/// Writes text laid out as lines: white space collapsed except in pre.
class Lines {
 public:
  std::string text;

  void new_line() {
    space_ = false;
    if (!text.empty() && text.back() != '\n') text += '\n';
  }
  void force_line() {
    space_ = false;
    if (!text.empty()) text += '\n';
  }
  void gap() { space_ = space_ || (!text.empty() && text.back() != '\n'); }
  void add(char32_t c) {
    if (is_ascii_white_space(c) && !verbatim) return gap();
    if (c == '\n') return force_line();
    if (space_) text += ' ';
    space_ = false;
    append(text, c);
  }
  void add_plain(std::string_view run) {
    if (verbatim) {
      text += run;
      return;
    }
    std::size_t at = 0;
    while (at < run.size()) {
      std::size_t const end = std::min(run.find_first_of(" \t\n\f\r", at), run.size());
      if (end > at) {
        if (space_) text += ' ';
        space_ = false;
        text.append(run, at, end - at);
      }
      if (end < run.size()) gap();
      at = end + 1;
    }
  }

  bool verbatim = false;  ///< inside pre

 private:
  bool space_ = false;
};

void apply_tag(std::string_view tag, Lines& lines, int& hidden) {
  bool const closing = tag.starts_with('/');
  if (closing) tag.remove_prefix(1);
  std::string_view const name = tag.substr(0, tag.find(' '));
  if (name == "rp") {
    hidden = std::max(0, hidden + (closing ? -1 : 1));
  } else if (name == "br") {
    lines.force_line();
  } else if (name == "td" || name == "th") {
    lines.gap();
  } else if (!is_inline(name)) {
    lines.new_line();
    if (name == "pre") lines.verbatim = !closing;
  }
}

/// Reads until the end, or until more than `enough` bytes of text stand.
std::string to_plain(std::string_view html, std::size_t enough) {
  Lines lines;
  int hidden = 0;
  for (std::size_t at = 0; at < html.size() && lines.text.size() <= enough;) {
    if (html[at] == '<') {
      std::size_t const end = std::min(html.find('>', at), html.size());
      apply_tag(html.substr(at + 1, end - at - 1), lines, hidden);
      at = end + 1;
      // The newline after <pre> belongs to the markup.
      if (lines.verbatim && html.substr(0, at).ends_with("<pre>") && at < html.size() && html[at] == '\n') ++at;
      continue;
    }
    if (html[at] == '&') {
      CharacterReference const reference = read_character_reference(html.substr(at), ReferencePlace::text);
      if (!hidden) {
        lines.add(reference.bytes ? reference.first : U'&');
        if (reference.second) lines.add(reference.second);
      }
      at += std::max<std::size_t>(reference.bytes, 1);
      continue;
    }
    std::size_t const end = std::min(html.find_first_of("<&", at), html.size());
    if (!hidden) lines.add_plain(html.substr(at, end - at));
    at = end;
  }
  while (!lines.text.empty() && is_ascii_white_space(static_cast<unsigned char>(lines.text.back()))) {
    lines.text.pop_back();
  }
  return std::move(lines.text);
}

bool ends_sentence(char32_t c) { return c == U'。' || c == U'！' || c == U'？' || c == U'…' || c == U'；'; }
bool ends_latin_sentence(char32_t c) { return c == '.' || c == '!' || c == '?'; }
bool closes(char32_t c) {
  return c == U'”' || c == U'’' || c == U'」' || c == U'』' || c == U'）' || c == '"' || c == ')';
}
bool is_east_asian(char32_t c) { return is_han(c) || is_kana(c) || is_hangul(c); }
bool is_word(char32_t c) {
  return u_isalnum(static_cast<UChar32>(c)) || u_charType(static_cast<UChar32>(c)) == U_NON_SPACING_MARK;
}

struct Borders {
  std::size_t sentence = 0;  ///< byte offset after the last whole sentence
  std::size_t word = 0;      ///< byte offset of the last place between words
};

Borders borders(std::string_view head, std::string_view whole) {
  Borders found;
  char32_t before = ' ';
  bool sentence_over = false;
  for (std::size_t at = 0; at <= head.size();) {
    bool const end = at >= whole.size();
    Decoded const decoded = end ? Decoded{U' ', 1, true} : decode(whole, at);
    char32_t const c = decoded.character;
    if (sentence_over && !closes(c) && !ends_sentence(c) && (!ends_latin_sentence(before) || is_white_space(c))) {
      found.sentence = at;
    }
    if (!(is_word(before) && !is_east_asian(before) && is_word(c) && !is_east_asian(c))) found.word = at;
    if (!closes(c)) sentence_over = ends_sentence(c) || ends_latin_sentence(c);
    before = c;
    at += decoded.bytes;
  }
  return found;
}

std::string_view without_trailing_punctuation(std::string_view text) {
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    Decoded const last = decode(text, begin);
    auto const c = static_cast<UChar32>(last.character);
    bool const opening = u_charType(c) == U_START_PUNCTUATION || u_charType(c) == U_INITIAL_PUNCTUATION;
    if (!is_white_space(last.character) && !opening && last.character != U'，' && last.character != U'、' &&
        last.character != ',' && last.character != U'：' && last.character != ':' && last.character != '-' &&
        last.character != U'—')
      break;
    text = text.substr(0, begin);
  }
  return text;
}

}  // namespace

std::string html_to_plain(std::string_view clean_html) { return to_plain(clean_html, std::string_view::npos); }

std::string excerpt(std::string_view plain, std::size_t limit) {
  // Four bytes a character and white space that collapses: no need to collapse a whole book for its first lines.
  std::string const whole = collapse_white_space(plain.substr(0, std::max<std::size_t>(limit * 16, 4096)));
  std::string_view const head = first_characters(whole, limit);
  if (head.size() == whole.size()) return whole;
  Borders const found = borders(head, whole);
  if (found.sentence * 3 >= head.size() * 2) return std::string(trim(whole.substr(0, found.sentence)));
  std::size_t const word = found.word * 2 >= head.size() ? found.word : head.size();
  return std::string(without_trailing_punctuation(head.substr(0, word))) + "…";
}

std::string html_excerpt(std::string_view clean_html, std::size_t limit) {
  return excerpt(to_plain(clean_html, limit * 16 + 4096), limit);
}

Length measure(std::string_view plain) {
  Length length;
  bool in_word = false;
  for (std::size_t at = 0; at < plain.size();) {
    Decoded const decoded = decode(plain, at);
    char32_t const c = decoded.character;
    at += decoded.bytes;
    if (is_white_space(c)) {
      in_word = false;
      continue;
    }
    ++length.characters;
    if (is_east_asian(c)) {
      ++length.cjk;
      in_word = false;
      continue;
    }
    bool const word = c < 0x80 ? (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') : is_word(c);
    bool const joint = in_word && (c == '\'' || c == U'’' || c == '-');
    length.words += word && !in_word;
    in_word = word || joint;
  }
  return length;
}

int reading_minutes(Length const& length) {
  // In units of 1/(400*230) minute, so that nothing is rounded before the end.
  std::size_t const units = length.cjk * 230 + length.words * 400;
  return static_cast<int>(std::max<std::size_t>(1, (units + 400 * 230 - 1) / (400 * 230)));
}

}  // namespace courant::text
