#include "text/fold.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <algorithm>

#include "text/utf8.hpp"

namespace courant::text {
namespace {

// ICU counts in int32 UTF-16 units; names are far shorter, and whatever is longer is cut here rather than overflowed.
constexpr std::size_t kMaximalBytes = std::size_t{64} << 20;

std::u16string to_utf16(std::string_view text) {
  text = text.substr(0, kMaximalBytes);
  std::u16string out(text.size(), u'\0');
  std::int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8WithSub(out.data(), static_cast<std::int32_t>(out.size()), &length, text.data(),
                       static_cast<std::int32_t>(text.size()), 0xFFFD, nullptr, &status);
  out.resize(U_SUCCESS(status) ? static_cast<std::size_t>(length) : 0);
  return out;
}

std::string to_utf8(std::u16string const& text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (std::size_t at = 0; at < text.size();) {
    UChar32 character = 0;
    U16_NEXT(text.data(), at, text.size(), character);
    append(out, static_cast<char32_t>(character));
  }
  return out;
}

using Instance = UNormalizer2 const* (*)(UErrorCode*);

std::u16string normalized(std::u16string const& text, Instance instance) {
  UErrorCode status = U_ZERO_ERROR;
  UNormalizer2 const* const normalizer = instance(&status);
  if (U_FAILURE(status)) return text;
  auto const length = static_cast<std::int32_t>(text.size());
  std::u16string out(text.size() + text.size() / 2 + 16, u'\0');
  std::int32_t needed =
      unorm2_normalize(normalizer, text.data(), length, out.data(), static_cast<std::int32_t>(out.size()), &status);
  if (status == U_BUFFER_OVERFLOW_ERROR) {
    status = U_ZERO_ERROR;
    out.resize(static_cast<std::size_t>(needed));
    needed =
        unorm2_normalize(normalizer, text.data(), length, out.data(), static_cast<std::int32_t>(out.size()), &status);
  }
  if (U_FAILURE(status)) return text;
  out.resize(static_cast<std::size_t>(needed));
  return out;
}

bool has_removable_accents(UChar32 base) {
  UErrorCode status = U_ZERO_ERROR;
  UScriptCode const script = uscript_getScript(base, &status);
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
}

/// Takes the nonspacing marks off Latin, Greek and Cyrillic letters; elsewhere (Indic, Hebrew…) marks are letters'
/// parts.
std::u16string without_accents(std::u16string const& decomposed) {
  std::u16string out;
  out.reserve(decomposed.size());
  bool removable = false;
  for (std::size_t at = 0; at < decomposed.size();) {
    std::size_t const begin = at;
    UChar32 character = 0;
    U16_NEXT(decomposed.data(), at, decomposed.size(), character);
    if (u_charType(character) == U_NON_SPACING_MARK) {
      if (removable) continue;
    } else {
      removable = has_removable_accents(character);
    }
    out.append(decomposed, begin, at - begin);
  }
  return out;
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }

/// A joiner means something only after a letter, mark, symbol or emoji and before another such.
bool joins(char32_t before, char32_t after) {
  auto const joined = [](char32_t c) {
    return c > 0x7F && !is_white_space(c) && !is_invisible_control(c) && !is_forbidden(c) && !is_han(c);
  };
  return joined(before) && joined(after);
}

std::string without_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    Decoded const decoded = decode(text, at);
    std::size_t const next = at + decoded.bytes;
    char32_t const c = decoded.character;
    bool keep = !is_invisible_control(c) && (!is_forbidden(c) || is_white_space(c));
    if (is_joiner(c)) keep = next < text.size() && joins(before, decode(text, next).character);
    if (keep) {
      out.append(text, at, decoded.bytes);
      if (!is_joiner(c)) before = c;
    }
    at = next;
  }
  return out;
}

std::string folded_once(std::string_view text) {
  std::u16string const visible = to_utf16(collapse_white_space(without_controls(text)));
  std::u16string const folded = normalized(visible, unorm2_getNFKCCasefoldInstance);
  std::u16string const bare = without_accents(normalized(folded, unorm2_getNFDInstance));
  return to_utf8(normalized(bare, unorm2_getNFCInstance));
}

}  // namespace

std::string fold(std::string_view text) {
  if (is_plain_ascii(text)) return collapse_white_space(ascii_lower(text));
  // Taking a control or an accent away can bring a letter and a mark together that fold further, so until nothing
  // moves.
  std::string folded = folded_once(text);
  for (int round = 0; round < 4; ++round) {
    std::string again = folded_once(folded);
    if (again == folded) break;
    folded = std::move(again);
  }
  return folded;
}

std::string normalize(std::string_view text) {
  if (is_plain_ascii(text)) return std::string(text);
  return to_utf8(normalized(to_utf16(text), unorm2_getNFCInstance));
}

std::string clean_name(std::string_view text) {
  return collapse_white_space(normalize(without_controls(repair(std::string(text)).text)));
}

std::string lower_case(std::string_view text) {
  if (is_plain_ascii(text)) return ascii_lower(text);
  std::u16string const wide = to_utf16(text);
  std::u16string out(wide.size() * 3 + 8, u'\0');
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t const length = u_strToLower(out.data(), static_cast<std::int32_t>(out.size()), wide.data(),
                                           static_cast<std::int32_t>(wide.size()), "", &status);
  if (U_FAILURE(status)) return std::string(text);
  out.resize(static_cast<std::size_t>(length));
  return to_utf8(out);
}

}  // namespace courant::text
