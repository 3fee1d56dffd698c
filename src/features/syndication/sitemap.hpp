// Sitemaps (https://www.sitemaps.org/protocol.html) and robots.txt (RFC 9309). Pure functions.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace courant::syndication {

/// Addresses in one sitemap: far below the protocol's 50,000, so that making one never takes long.
inline constexpr std::size_t kSitemapPlaces = 5'000;

struct SitemapLine {
  std::string address;  ///< absolute
  Time changed_at;      ///< 0: not said
};

[[nodiscard]] std::string write_sitemap(std::vector<SitemapLine> const& lines);
[[nodiscard]] std::string write_sitemap_index(std::vector<SitemapLine> const& sitemaps);
/// "12.xml" is 12.
[[nodiscard]] std::optional<std::size_t> sitemap_number(std::string_view file_name);

[[nodiscard]] std::string write_robots(std::string_view site_url);

}  // namespace courant::syndication
