#include "web/asked.hpp"

#include <charconv>

#include "web/context.hpp"

namespace courant::web {
namespace {

/// The value of `lang` in a query, undecoded: our tags need no decoding.
std::string_view language_parameter(std::string_view query) noexcept {
  constexpr std::string_view kName = "lang=";
  while (!query.empty()) {
    auto const end = query.find('&');
    auto const pair = query.substr(0, end);
    if (pair.starts_with(kName)) return pair.substr(kName.size());
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

void read_cookies(Asked& asked, std::string_view cookies, bool https, std::string_view& language) noexcept {
  auto const take = [&](std::string_view& into, std::string_view name) {
    if (auto const value = cookie_in(cookies, name); value.data() != nullptr) into = value;
  };
  take(language, "lang");
  take(asked.session, session_cookie_name(https));
  take(asked.form_key, form_cookie_name(https));
  asked.script = asked.script || cookie_in(cookies, "script") == "1";
  if (auto const position = cookie_in(cookies, "position"); !position.empty())
    std::from_chars(position.data(), position.data() + position.size(), asked.position);
}

}  // namespace

std::string_view form_cookie_name(bool https) noexcept { return https ? "__Host-form" : "form"; }

Asked read_head(Request const& request, bool https, Language site) noexcept {
  Asked asked;
  std::string_view accept_language;
  std::string_view language_cookie;
  std::string_view accept;
  for (auto const& [name, value] : request.headers) switch (name.size()) {  // the length tells most names apart
      case 6:
        if (same_without_case(name, "cookie")) read_cookies(asked, value, https, language_cookie);
        if (same_without_case(name, "accept")) accept = value;
        break;
      case 13:
        if (same_without_case(name, "if-none-match")) asked.conditions.if_none_match = value;
        break;
      case 15:
        if (same_without_case(name, "accept-encoding")) asked.encoding = best_encoding(value);
        if (same_without_case(name, "accept-language")) accept_language = value;
        break;
      case 17:
        if (same_without_case(name, "if-modified-since")) asked.conditions.if_modified_since = value;
        break;
      default:
        break;
    }
  if (!asked.conditions.if_none_match.empty()) asked.conditions.if_modified_since = {};
  auto chosen = request.query.empty() ? std::nullopt : language_tagged(language_parameter(request.query));
  if (!chosen) chosen = language_tagged(language_cookie);
  asked.language = chosen ? *chosen : preferred_language(accept_language, site);
  asked.prefers_json = request.path.starts_with("/api/") ||
                       (accept.starts_with("application/") && accept.find("json") != std::string_view::npos &&
                        accept.find("text/html") == std::string_view::npos);
  return asked;
}

}  // namespace courant::web
