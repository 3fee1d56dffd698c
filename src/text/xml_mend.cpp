#include "text/xml_mend.hpp"

#include <algorithm>
#include <array>

#include "text/html_entities.hpp"
#include "text/utf8.hpp"

namespace courant::text {
namespace {

/// How much must be seen before a special byte can be decided: the longest reference, "<![CDATA[", "]]>", a character.
std::size_t need_of(unsigned char byte) {
  switch (byte) {
    case '&':
      return 40;
    case '<':
      return 9;
    case ']':
    case '-':
      return 3;
    case '?':
      return 2;
    default:
      return byte >= 0x80 ? 4 : 1;
  }
}

constexpr std::array<bool, 256> specials() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) table[i] = i < 0x20 || i >= 0x80;
  for (unsigned char const c : {'\t', '\n', '\r'}) table[c] = false;
  for (unsigned char const c : {'&', '<', ']', '-', '?'}) table[c] = true;
  return table;
}
constexpr std::array<bool, 256> kSpecial = specials();

/// XML 1.0 section 2.2, production 2.
bool is_xml_character(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c <= 0xD7FF || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

/// The length of "&#10;" or "&#xA;" at the start of `rest`, and its number; 0 when there is none.
std::size_t numeric_reference(std::string_view rest, char32_t& number) {
  if (!rest.starts_with("&#")) return 0;
  bool const hexadecimal = rest.size() > 2 && rest[2] == 'x';
  std::size_t const digits = hexadecimal ? 3 : 2;
  std::size_t at = digits;
  number = 0;
  for (; at < rest.size() && at < 32; ++at) {
    char const c = rest[at];
    char const small = static_cast<char>(c | 0x20);
    bool const letter = hexadecimal && small >= 'a' && small <= 'f';
    if (!is_digit(c) && !letter) break;
    number = std::min<char32_t>(
        number * (hexadecimal ? 16 : 10) + static_cast<char32_t>(letter ? small - 'a' + 10 : c - '0'), 0x110000);
  }
  return at > digits && at < rest.size() && rest[at] == ';' ? at + 1 : 0;
}

std::size_t named_reference(std::string_view rest) {
  std::size_t at = 1;
  while (at < rest.size() && at < 38 && is_alphanumeric(rest[at])) ++at;
  return at > 1 && !is_digit(rest[1]) && at < rest.size() && rest[at] == ';' ? at + 1 : 0;
}

bool is_xml_entity(std::string_view reference) {
  return reference == "&amp;" || reference == "&lt;" || reference == "&gt;" || reference == "&quot;" ||
         reference == "&apos;";
}

/// The value of encoding="…" in an XML declaration, lower case.
std::string declared_encoding(std::string_view document) {
  if (!document.starts_with("<?xml")) return {};
  document = document.substr(0, document.find("?>"));
  std::size_t const at = document.find("encoding");
  std::size_t const quote = at == std::string_view::npos ? at : document.find_first_of("\"'", at);
  if (quote == std::string_view::npos) return {};
  std::string_view const value = document.substr(quote + 1);
  std::string name(value.substr(0, value.find(document[quote])));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return name;
}

}  // namespace

void XmlMender::mend(std::string_view piece, bool last, std::string& out) {
  pending_ += piece;
  if (encoding_ == Encoding::unknown) begin(last);
  std::size_t done = 0;
  switch (encoding_) {
    case Encoding::unknown:
      return;
    case Encoding::utf16:
      out += pending_;
      done = pending_.size();
      break;
    case Encoding::one_byte:
      mend_one_byte(out);
      done = pending_.size();
      break;
    case Encoding::utf8:
      done = mend_utf8(last, out);
      break;
  }
  pending_.erase(0, done);
}

/// Decides the encoding as XML 1.0 appendix F says, as soon as the declaration can be seen.
void XmlMender::begin(bool last) {
  constexpr std::size_t kDeclaration = 256;
  if (pending_.size() < kDeclaration && !last) return;
  std::string_view const start = pending_;
  bool const mark = start.starts_with("\xFE\xFF") || start.starts_with("\xFF\xFE");
  bool const wide = start.size() >= 2 && (start[0] == '\0') != (start[1] == '\0');
  if (mark || wide) {
    encoding_ = Encoding::utf16;
    return;
  }
  std::size_t const signature = start.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::size_t const begin = std::min(start.find_first_not_of(" \t\r\n", signature), start.size());
  if (start.substr(begin).starts_with("<?xml")) pending_.erase(signature, begin - signature);
  std::string const name = declared_encoding(std::string_view(pending_).substr(signature));
  encoding_ = name.empty() || name == "utf-8" || name == "utf8" ? Encoding::utf8 : Encoding::one_byte;
}

void XmlMender::mend_one_byte(std::string& out) {
  for (char const c : pending_) {
    auto const byte = static_cast<unsigned char>(c);
    bool const forbidden = byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
    out += forbidden ? '?' : c;
    replaced_ += forbidden;
  }
}

std::size_t XmlMender::mend_utf8(bool last, std::string& out) {
  std::string_view const text = pending_;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t const begin = at;
    while (at < text.size() && !kSpecial[static_cast<unsigned char>(text[at])]) ++at;
    out.append(text, begin, at - begin);
    if (at == text.size()) break;
    if (!last && text.size() - at < need_of(static_cast<unsigned char>(text[at]))) break;
    at += mend_special(text.substr(at), out);
  }
  return at;
}

/// Takes one special byte, or the character, reference or delimiter that begins with it; returns how many bytes.
std::size_t XmlMender::mend_special(std::string_view rest, std::string& out) {
  auto const copy = [&](std::size_t bytes) {
    out.append(rest, 0, bytes);
    return bytes;
  };
  auto const enter = [&](std::string_view delimiter, Place place) {
    place_ = place;
    return copy(delimiter.size());
  };
  if (static_cast<unsigned char>(rest[0]) >= 0x80 || static_cast<unsigned char>(rest[0]) < 0x20) {
    Decoded const decoded = decode(rest, 0);
    if (decoded.well_formed && is_xml_character(decoded.character)) return copy(decoded.bytes);
    replace(out);
    return decoded.bytes;
  }
  switch (place_) {
    case Place::markup:
      if (rest.starts_with("<![CDATA[")) return enter("<![CDATA[", Place::character_data);
      if (rest.starts_with("<!--")) return enter("<!--", Place::comment);
      if (rest.starts_with("<?")) return enter("<?", Place::instruction);
      if (rest[0] == '&') return mend_ampersand(rest, out);
      break;
    case Place::character_data:
      if (rest.starts_with("]]>")) return enter("]]>", Place::markup);
      break;
    case Place::comment:
      if (rest.starts_with("-->")) return enter("-->", Place::markup);
      break;
    case Place::instruction:
      if (rest.starts_with("?>")) return enter("?>", Place::markup);
      break;
  }
  return copy(1);
}

std::size_t XmlMender::mend_ampersand(std::string_view rest, std::string& out) {
  char32_t number = 0;
  if (std::size_t const bytes = numeric_reference(rest, number)) {
    if (is_xml_character(number)) {
      out.append(rest, 0, bytes);
    } else {
      replace(out);
    }
    return bytes;
  }
  std::size_t const bytes = named_reference(rest);
  if (bytes > 0 && is_xml_entity(rest.substr(0, bytes))) {
    out.append(rest, 0, bytes);
    return bytes;
  }
  CharacterReference const reference =
      bytes > 0 ? read_character_reference(rest.substr(0, bytes), ReferencePlace::text) : CharacterReference{};
  if (reference.bytes == bytes && bytes > 0 && reference.first > '>') {  // never makes markup
    append(out, reference.first);
    if (reference.second) append(out, reference.second);
    return bytes;
  }
  out += "&amp;";
  ++replaced_;
  return 1;
}

void XmlMender::replace(std::string& out) {
  append(out, kReplacement);
  ++replaced_;
}

}  // namespace courant::text
