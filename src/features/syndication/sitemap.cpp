#include "features/syndication/sitemap.hpp"

#include <charconv>

#include "features/syndication/xml.hpp"

namespace courant::syndication {
namespace {

constexpr std::string_view kNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9";

std::string write(std::string_view root, std::string_view element, std::vector<SitemapLine> const& lines) {
  Xml xml;
  xml.open(root, {{"xmlns", kNamespace}});
  for (auto const& line : lines) {
    xml.open(element);
    xml.text("loc", line.address);
    if (line.changed_at != Time{}) xml.text("lastmod", rfc3339(line.changed_at));
    xml.close(element);
  }
  xml.close(root);
  return xml.take();
}

}  // namespace

std::string write_sitemap(std::vector<SitemapLine> const& lines) { return write("urlset", "url", lines); }

std::string write_sitemap_index(std::vector<SitemapLine> const& sitemaps) {
  return write("sitemapindex", "sitemap", sitemaps);
}

std::optional<std::size_t> sitemap_number(std::string_view file_name) {
  constexpr std::string_view kEnding = ".xml";
  if (!file_name.ends_with(kEnding)) return std::nullopt;
  file_name.remove_suffix(kEnding.size());
  std::size_t number = 0;
  auto const [end, error] = std::from_chars(file_name.data(), file_name.data() + file_name.size(), number);
  bool const is_canonical = !file_name.empty() && (file_name == "0" || file_name.front() != '0');
  if (error != std::errc{} || end != file_name.data() + file_name.size() || !is_canonical) return std::nullopt;
  return number;
}

std::string write_robots(std::string_view site_url) {
  std::string out =
      "User-agent: *\n"
      "Disallow: /write\n"
      "Disallow: /my/\n"
      "Disallow: /account\n"
      "Disallow: /admin\n"
      "Disallow: /sign-in\n"
      "Disallow: /sign-up\n"
      "Disallow: /language\n"
      "\n"
      "Sitemap: ";
  out += site_url;
  return out + "/sitemap.xml\n";
}

}  // namespace courant::syndication
