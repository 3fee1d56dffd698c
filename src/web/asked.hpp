// What decides which answer a request gets, read out of its head in one pass: the hot path reads nothing else.
#pragma once
#include <string_view>

#include "web/catalogue.hpp"
#include "web/compress.hpp"
#include "web/page_cache.hpp"
#include "web/request.hpp"

namespace courant::web {

struct Asked {
  Language language = Language::zh_hans;
  Encoding encoding = Encoding::identity;
  Conditions conditions;
  std::string_view session;   ///< the session cookie's value
  std::string_view form_key;  ///< the pre-session cookie's value
  std::int64_t position = 0;  ///< the journal position that this reader's own writes have
  bool script = false;        ///< the browser fills in by script what depends on the viewer
  bool prefers_json = false;  ///< under /api/, or by Accept
};

/// Views into the request. The language is the first known of `?lang=`, the cookie `lang`, Accept-Language, `site`.
[[nodiscard]] Asked read_head(Request const& request, bool https, Language site) noexcept;

/// "form", or "__Host-form" under https: the pre-session cookie.
[[nodiscard]] std::string_view form_cookie_name(bool https) noexcept;

}  // namespace courant::web
