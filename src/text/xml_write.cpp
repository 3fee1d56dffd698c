#include "text/xml_write.hpp"

#include "text/html_entities.hpp"
#include "text/utf8.hpp"

namespace courant::text {
namespace {

enum class Quotes { keep, escape };

std::string_view escape_of(char c, Quotes quotes) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      break;
  }
  if (quotes == Quotes::keep) return {};
  switch (c) {
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return {};
  }
}

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    // All that is ever escaped lies at or below '>'.
    if (static_cast<unsigned char>(text[at]) > '>') continue;
    std::string_view const escape = escape_of(text[at], quotes);
    if (escape.empty()) continue;
    out.append(text, plain, at - plain).append(escape);
    plain = at + 1;
  }
  out.append(text, plain, std::string_view::npos);
}

}  // namespace

void append_escaped_text(std::string& out, std::string_view text) { append_escaped(out, text, Quotes::keep); }
void append_escaped_attribute(std::string& out, std::string_view text) { append_escaped(out, text, Quotes::escape); }

std::string escape_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_escaped_text(out, text);
  return out;
}

std::string escape_attribute(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_escaped_attribute(out, text);
  return out;
}

std::string strip_xml_forbidden(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    Decoded const decoded = decode(text, at);
    // XML 1.0 allows DEL, C1 and plane-end noncharacters, but no reader is the better for them.
    if (!decoded.well_formed) {
      append(out, kReplacement);
    } else if (!is_forbidden(decoded.character)) {
      out.append(text, at, decoded.bytes);
    }
    at += decoded.bytes;
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const ampersand = std::min(text.find('&', at), text.size());
    out.append(text, at, ampersand - at);
    at = ampersand;
    if (at == text.size()) break;
    CharacterReference const reference = read_character_reference(text.substr(at), ReferencePlace::text);
    if (reference.bytes == 0) {
      out += text[at++];
      continue;
    }
    append(out, reference.first);
    if (reference.second) append(out, reference.second);
    at += reference.bytes;
  }
  return out;
}

}  // namespace courant::text
