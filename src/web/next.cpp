#include "web/next.hpp"

namespace courant::web {

bool is_own_path(std::string_view path) noexcept {
  if (path.empty() || path[0] != '/') return false;
  // Browsers read "//host" and "/\host" as another host, and drop tabs and line ends before they look (WHATWG URL 4.4).
  if (path.size() > 1 && (path[1] == '/' || path[1] == '\\')) return false;
  for (unsigned char const c : path)
    if (c <= 0x20 || c >= 0x7F || c == '\\') return false;
  return true;
}

std::string safe_next(std::string_view next) {
  constexpr std::size_t kMostBytes = 2048;
  return next.size() <= kMostBytes && is_own_path(next) ? std::string(next) : "/";
}

}  // namespace courant::web
