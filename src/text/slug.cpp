#include "text/slug.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::text {
namespace {

bool is_slug_character(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  auto const character = static_cast<UChar32>(c);
  auto const type = u_charType(character);
  return u_isalnum(character) || type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK;
}

/// Cuts at the last hyphen, unless that would throw away more than half.
std::string cut(std::string text, std::size_t limit) {
  std::string_view const head = first_characters(text, limit);
  if (head.size() == text.size()) return text;
  std::size_t const hyphen = head.rfind('-');
  bool const inside_word = text[head.size()] != '-' && static_cast<unsigned char>(text[head.size()]) < 0x80;
  if (inside_word && hyphen != std::string_view::npos && hyphen >= head.size() / 2) return text.substr(0, hyphen);
  std::string result(head);
  if (result.ends_with('-')) result.pop_back();
  return result;
}

bool is_handle_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || is_han(c); }

/// Names that stand for the site itself or for a place in its addresses.
constexpr std::array kReserved = {
    "about",     "account", "admin",     "administrator", "api",      "article",  "articles", "author",    "authors",
    "channel",   "courant", "desk",      "editor",        "everyone", "feed",     "feeds",    "help",      "login",
    "logout",    "media",   "moderator", "news",          "null",     "official", "operator", "password",  "postmaster",
    "robots",    "root",    "rss",       "search",        "security", "settings", "signin",   "signout",   "signup",
    "site",      "staff",   "static",    "support",       "system",   "tag",      "tags",     "undefined", "user",
    "webmaster", "www",     "管理员",    "官方",          "系统",     "编辑部",   "客服"};

bool is_reserved(std::string_view name) {
  return std::any_of(kReserved.begin(), kReserved.end(), [&](char const* r) { return name == r; });
}

bool is_well_shaped(std::string_view name) {
  bool after_letter = false;
  for (std::size_t at = 0; at < name.size();) {
    Decoded const decoded = decode(name, at);
    bool const letter = is_handle_letter(decoded.character);
    bool const joint = decoded.character == '_' || decoded.character == '-';
    if (!letter && !(joint && after_letter)) return false;
    after_letter = letter;
    at += decoded.bytes;
  }
  return after_letter;
}

}  // namespace

std::string slug(std::string_view title, std::size_t limit) {
  std::string const folded = fold(title);
  std::string out;
  for (std::size_t at = 0; at < folded.size();) {
    Decoded const decoded = decode(folded, at);
    if (is_slug_character(decoded.character)) {
      out.append(folded, at, decoded.bytes);
    } else if (!out.empty() && out.back() != '-' && decoded.character != '\'' && decoded.character != 0x2019) {
      out += '-';
    }
    at += decoded.bytes;
  }
  if (out.ends_with('-')) out.pop_back();
  return cut(std::move(out), limit);
}

Result<std::string> handle(std::string_view typed) {
  typed = trim(typed);
  if (typed.starts_with('@')) typed.remove_prefix(1);
  if (typed.size() > 400) return invalid("text.handle_too_long");
  // Not fold(): an accent in a handle is a refusal, never a silent change into another person's name.
  std::string const name = lower_case(normalize(typed));
  std::size_t const characters = count_characters(name);
  if (characters < 2) return invalid("text.handle_too_short");
  if (characters > 30) return invalid("text.handle_too_long");
  if (!is_well_shaped(name)) return invalid("text.handle_characters");
  if (is_reserved(name)) return invalid("text.handle_reserved");
  return name;
}

}  // namespace courant::text
