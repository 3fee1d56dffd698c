// Whether a request that changes something comes from our own pages (SECURITY "Sessions and pages").
#pragma once
#include <string_view>

#include "base/result.hpp"
#include "web/request.hpp"

namespace courant::web {

struct OwnOrigin {
  std::string_view url;  ///< settings.url; empty or another one on loopback: the Host counts there
  bool https = false;
};

/// In this order: Sec-Fetch-Site decides when it is there (Fetch Metadata, section 2.2), else Origin (RFC 6454), else
/// the form's token must be the expected one. `expected` empty: no token would do. Error: forbidden web.cross_site.
Done check_same_origin(Request const& request, OwnOrigin const& own, std::string_view expected, std::string_view sent);

}  // namespace courant::web
