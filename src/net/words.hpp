// The few ways in which HTTP compares and cuts words (RFC 9110 section 5.6).
#pragma once
#include <cstddef>
#include <string_view>

namespace courant::net {

/// Compares ASCII without case; `lower` must be in small letters.
[[nodiscard]] constexpr bool same_word(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

/// Without optional white space (space and tab) at both ends.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the first element off a comma-separated list, trimmed; an element may be empty.
[[nodiscard]] constexpr std::string_view take_element(std::string_view& list) noexcept {
  auto const comma = list.find(',');
  auto const element = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return trimmed(element);
}

/// tchar of RFC 9110 section 5.6.2.
[[nodiscard]] constexpr bool is_token_character(char c) noexcept {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace courant::net
