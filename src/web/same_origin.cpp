#include "web/same_origin.hpp"

#include "base/crypto.hpp"

namespace courant::web {
namespace {

/// "https://news.example:8443" of "https://news.example:8443/".
std::string_view origin_of(std::string_view url) {
  auto const scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  return url.substr(0, url.find('/', scheme + 3));
}

bool is_own(std::string_view origin, Request const& request, OwnOrigin const& own) {
  if (!own.url.empty() && same_without_case(origin, origin_of(own.url))) return true;
  // A site that is tried out on one's own machine is reached by several names (localhost, 127.0.0.1, a forwarded port).
  if (!request.loopback_listener) return false;
  auto const host = request.header("host");
  auto const scheme = std::string_view(own.https ? "https://" : "http://");
  return !host.empty() && origin.starts_with(scheme) && same_without_case(origin.substr(scheme.size()), host);
}

}  // namespace

Done check_same_origin(Request const& request, OwnOrigin const& own, std::string_view expected, std::string_view sent) {
  auto const site = request.header("sec-fetch-site");
  if (!site.empty()) return same_without_case(site, "same-origin") ? Done{} : forbidden("web.cross_site");
  auto const origin = request.header("origin");
  if (!origin.empty()) return is_own(origin, request, own) ? Done{} : forbidden("web.cross_site");
  if (!expected.empty() && crypto::same(expected, sent)) return {};
  return forbidden("web.cross_site");
}

}  // namespace courant::web
