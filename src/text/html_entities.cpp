#include "text/html_entities.hpp"

#include <algorithm>
#include <array>

#include "text/utf8.hpp"

namespace courant::text {
namespace {

struct Entity {
  std::string_view name;
  std::uint32_t first, second;
};

constexpr Entity kEntities[] = {
#include "text/html_entities.inc"
};
constexpr std::size_t kLongestName = 32;             // "CounterClockwiseContourIntegral;"
constexpr std::size_t kLongestWithoutSemicolon = 6;  // "frac12"

Entity const* find_entity(std::string_view name) {
  auto const* const found = std::lower_bound(std::begin(kEntities), std::end(kEntities), name,
                                             [](Entity const& e, std::string_view n) { return e.name < n; });
  return found != std::end(kEntities) && found->name == name ? found : nullptr;
}

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

/// Section 13.2.5.80: what old documents meant by numbers of the C1 range.
constexpr std::array<char16_t, 32> kWindows1252 = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

char32_t character_of_number(std::uint32_t number) {
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF)) return kReplacement;
  if (number >= 0x80 && number <= 0x9F) return kWindows1252[number - 0x80];
  return number;
}

int digit_value(char c, int base) {
  int value = -1;
  if (c >= '0' && c <= '9') value = c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') value = (c | 0x20) - 'a' + 10;
  return value < base ? value : -1;
}

CharacterReference read_numeric(std::string_view input) {
  std::size_t at = 2;
  int base = 10;
  if (at < input.size() && (input[at] | 0x20) == 'x') {
    base = 16;
    ++at;
  }
  std::size_t const digits = at;
  std::uint32_t number = 0;
  for (; at < input.size(); ++at) {
    int const value = digit_value(input[at], base);
    if (value < 0) break;
    number = std::min<std::uint32_t>(number * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(value),
                                     0x110000);
  }
  if (at == digits) return {};
  if (at < input.size() && input[at] == ';') ++at;
  return {character_of_number(number), 0, at};
}

CharacterReference read_named(std::string_view input, ReferencePlace place) {
  std::string_view const rest = input.substr(1, kLongestName);
  std::size_t run = 0;
  while (run < rest.size() && is_alphanumeric(rest[run])) ++run;
  if (run < rest.size() && rest[run] == ';') {
    if (Entity const* const e = find_entity(rest.substr(0, run + 1))) return {e->first, e->second, run + 2};
  }
  for (std::size_t length = std::min(run, kLongestWithoutSemicolon); length >= 2; --length) {
    Entity const* const e = find_entity(rest.substr(0, length));
    if (!e) continue;
    char const next = length < rest.size() ? rest[length] : '\0';
    if (place == ReferencePlace::attribute && (next == '=' || is_alphanumeric(next))) return {};
    return {e->first, e->second, length + 1};
  }
  return {};
}

}  // namespace

CharacterReference read_character_reference(std::string_view input, ReferencePlace place) noexcept {
  if (input.size() < 2) return {};
  if (input[1] == '#') return read_numeric(input);
  if (!is_alphanumeric(input[1])) return {};
  return read_named(input, place);
}

}  // namespace courant::text
