#include "text/utf8.hpp"

#include <cstring>

namespace courant::text {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// The first byte that is not ASCII, or the end; eight bytes at a step.
std::size_t skip_ascii(std::string_view text, std::size_t at) {
  while (at + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (word & 0x8080808080808080ULL) break;
    at += 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

/// Past a run of three-byte characters from U+1000 on, surrogates' neighbours excepted: nearly all of Chinese text.
std::size_t skip_most_of_three_bytes(std::string_view text, std::size_t at) {
  while (at + 3 <= text.size()) {
    auto const lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xE1 || lead > 0xEF || lead == 0xED) break;
    if (!is_continuation(static_cast<unsigned char>(text[at + 1])) ||
        !is_continuation(static_cast<unsigned char>(text[at + 2])))
      break;
    at += 3;
  }
  return at;
}

/// Where the first ill-formed sequence begins, or the end.
std::size_t first_ill_formed(std::string_view text) {
  for (std::size_t at = skip_ascii(text, 0); at < text.size(); at = skip_ascii(text, at)) {
    at = skip_most_of_three_bytes(text, at);
    if (at == text.size()) break;
    Decoded const decoded = decode(text, at);
    if (!decoded.well_formed) return at;
    at += decoded.bytes;
  }
  return text.size();
}

bool is_trimmed(char32_t c) { return is_white_space(c) || c == 0xFEFF || c == 0x200B; }

}  // namespace

Decoded decode(std::string_view text, std::size_t offset) noexcept {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  std::size_t const left = text.size() - offset;
  unsigned char const lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {};
  // The second byte's range excludes overlong forms, surrogates and values above U+10FFFF (Unicode table 3-7).
  unsigned char low = 0x80, high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (left < 2 || byte(1) < low || byte(1) > high) return {};
  if (lead < 0xE0) return {static_cast<char32_t>((lead & 0x1F) << 6 | (byte(1) & 0x3F)), 2, true};
  if (left < 3 || !is_continuation(byte(2))) return {kReplacement, 2, false};
  if (lead < 0xF0) {
    return {static_cast<char32_t>((lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F)), 3, true};
  }
  if (left < 4 || !is_continuation(byte(3))) return {kReplacement, 3, false};
  return {
      static_cast<char32_t>((lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F)), 4,
      true};
}

void append(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    char const bytes[] = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    out.append(bytes, 2);
  } else if (c < 0x10000) {
    char const bytes[] = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                          static_cast<char>(0x80 | (c & 0x3F))};
    out.append(bytes, 3);
  } else {
    char const bytes[] = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
                          static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    out.append(bytes, 4);
  }
}

bool is_utf8(std::string_view text) noexcept { return first_ill_formed(text) == text.size(); }

Repaired repair(std::string text) {
  std::size_t const good = first_ill_formed(text);
  if (good == text.size()) return {std::move(text), 0};
  Repaired repaired;
  repaired.text.reserve(text.size() + 16);
  repaired.text.assign(text, 0, good);
  for (std::size_t at = good; at < text.size();) {
    Decoded const decoded = decode(text, at);
    if (decoded.well_formed) {
      repaired.text.append(text, at, decoded.bytes);
    } else {
      append(repaired.text, kReplacement);
      ++repaired.replaced;
    }
    at += decoded.bytes;
  }
  return repaired;
}

std::size_t count_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const next = skip_ascii(text, at);
    count += next - at;
    at = next;
    if (at == text.size()) break;
    at += decode(text, at).bytes;
    ++count;
  }
  return count;
}

std::size_t count_text_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto const byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      count += !is_ascii_white_space(byte);
      ++at;
    } else {
      at += decode(text, at).bytes;
      ++count;
    }
  }
  return count;
}

std::string_view first_characters(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  std::size_t at = 0;
  while (limit-- > 0 && at < text.size()) at += decode(text, at).bytes;
  return text.substr(0, at);
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty()) {
    Decoded const decoded = decode(text, 0);
    if (!is_trimmed(decoded.character)) break;
    text.remove_prefix(decoded.bytes);
  }
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && text.size() - begin < 4 && is_continuation(static_cast<unsigned char>(text[begin]))) --begin;
    Decoded const decoded = decode(text, begin);
    if (begin + decoded.bytes != text.size() || !is_trimmed(decoded.character)) break;
    text.remove_suffix(decoded.bytes);
  }
  return text;
}

std::string collapse_white_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool pending = false;
  for (std::size_t at = 0; at < text.size();) {
    Decoded const decoded = decode(text, at);
    if (is_trimmed(decoded.character)) {
      pending = !out.empty();
    } else {
      if (pending) out += ' ';
      pending = false;
      out.append(text, at, decoded.bytes);
    }
    at += decoded.bytes;
  }
  return out;
}

bool is_ascii_white_space(char32_t c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

bool is_white_space(char32_t c) noexcept {
  if (c < 0x85) return c == ' ' || (c >= 9 && c <= 13);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_han(char32_t c) noexcept {
  if (c < 0x3005) return false;
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x323AF) || c == 0x3005 || c == 0x3007 || c == 0x303B;
}

bool is_kana(char32_t c) noexcept {
  return (c >= 0x3041 && c <= 0x30FF && c != 0x30FB) || (c >= 0x31F0 && c <= 0x31FF) || (c >= 0xFF66 && c <= 0xFF9F) ||
         (c >= 0x1B000 && c <= 0x1B16F);
}

bool is_hangul(char32_t c) noexcept {
  return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x1100 && c <= 0x11FF) || (c >= 0x3131 && c <= 0x318E) ||
         (c >= 0xA960 && c <= 0xA97C) || (c >= 0xD7B0 && c <= 0xD7FB);
}

bool is_forbidden(char32_t c) noexcept {
  if (c < 0x20) return c != '\t' && c != '\n' && c != '\r';
  if (c < 0x7F) return false;
  return c <= 0x9F || (c >= 0xD800 && c <= 0xDFFF) || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE ||
         c > 0x10FFFF;
}

bool is_invisible_control(char32_t c) noexcept {
  return c == 0xAD || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace courant::text
