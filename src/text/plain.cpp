#include "text/plain.hpp"

#include <vector>

#include "text/utf8.hpp"
#include "text/xml_write.hpp"

namespace courant::text {
namespace {

/// LF, CRLF, CR, VT, FF, U+0085, U+2028 and U+2029 end a line; forbidden characters vanish.
std::string with_plain_newlines(std::string const& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    Decoded const decoded = decode(text, at);
    char32_t const c = decoded.character;
    if (c == '\r') {
      if (at + 1 >= text.size() || text[at + 1] != '\n') out += '\n';
    } else if (c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029) {
      out += '\n';
    } else if (!is_forbidden(c) && c != 0xFEFF) {
      out.append(text, at, decoded.bytes);
    }
    at += decoded.bytes;
  }
  return out;
}

/// A browser shows a run of spaces and tabs as one space, so one is written.
void append_line(std::string& html, std::string_view line) {
  while (!line.empty()) {
    std::size_t const space = std::min(line.find_first_of(" \t"), line.size());
    append_escaped_text(html, line.substr(0, space));
    std::size_t const next = std::min(line.find_first_not_of(" \t", space), line.size());
    if (next > space) html += ' ';
    line.remove_prefix(next);
  }
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t const end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool begins_with_full_width_indent(std::string_view line) { return line.starts_with("\u3000"); }

/// No blank line at all, or most lines indented, or mostly Han: then a newline is the end of a paragraph. Latin text
/// without blank lines whose lines are of about one length is hard-wrapped, and its newlines mean nothing.
Paragraphs guess(std::vector<std::string_view> const& lines) {
  std::size_t written = 0, blank = 0, indented = 0, wrapped = 0;
  std::size_t han = 0, characters = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view const line = trim(lines[i]);
    if (line.empty()) {
      blank += i > 0 && i + 1 < lines.size();
      continue;
    }
    ++written;
    indented += begins_with_full_width_indent(lines[i]);
    wrapped += line.size() >= 50 && line.size() <= 100;
    Decoded const first = decode(line, 0);
    han += is_han(first.character);
    ++characters;
  }
  if (indented * 2 >= written && indented > 0) return Paragraphs::every_line;
  if (blank > 0) return Paragraphs::blank_line;
  bool const hard_wrapped = written > 3 && wrapped * 4 >= written * 3 && han * 2 < characters;
  return hard_wrapped ? Paragraphs::blank_line : Paragraphs::every_line;
}

std::string every_line(std::vector<std::string_view> const& lines) {
  std::string html;
  for (std::string_view const line : lines) {
    std::string_view const text = trim(line);
    if (text.empty()) continue;
    html += "<p>";
    append_line(html, text);
    html += "</p>\n";
  }
  return html;
}

std::string by_blank_lines(std::vector<std::string_view> const& lines) {
  std::string html;
  bool open = false;
  for (std::string_view const line : lines) {
    std::string_view const text = trim(line);
    if (text.empty()) {
      if (open) html += "</p>\n";
      open = false;
      continue;
    }
    html += open ? "<br>\n" : "<p>";
    open = true;
    append_line(html, text);
  }
  if (open) html += "</p>\n";
  return html;
}

}  // namespace

std::string plain_to_html(std::string_view text, Paragraphs paragraphs) {
  std::string const plain = with_plain_newlines(repair(std::string(text)).text);
  std::vector<std::string_view> const lines = lines_of(plain);
  if (paragraphs == Paragraphs::guess) paragraphs = guess(lines);
  return paragraphs == Paragraphs::every_line ? every_line(lines) : by_blank_lines(lines);
}

}  // namespace courant::text
