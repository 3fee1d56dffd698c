// What a handler answers, before it is made into bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "journal/event.hpp"

namespace courant::web {

/// A page's ties to what it shows. The keys are ids of articles, authors, channels (all ids are of one number space) or
/// the small constants below. An event that touches a key evicts every page tied to it, at once.
using DependencyKey = std::int64_t;
inline constexpr DependencyKey kEveryPage = 1;  ///< site name, channels' names: what stands in every page's frame
inline constexpr DependencyKey kArticleLists =
    2;  ///< front page, latest, site feeds, sitemap: any publication touches them

enum class Caching : std::uint8_t {
  none,        ///< Cache-Control: no-store
  page,        ///< kept in the page cache; clients revalidate by ETag
  revalidate,  ///< not kept here; clients revalidate (media)
  immutable,   ///< hashed assets: a year
};

/// A file that net sends with Range support; never read into memory.
struct FileBody {
  std::filesystem::path path;
  std::int64_t bytes = 0;
  std::string etag;  ///< with its quotes
};

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< further ones, Set-Cookie among them (never when cached)
  std::string body;
  std::optional<FileBody> file;
  Caching caching = Caching::none;
  std::vector<DependencyKey> depends_on;  ///< hard ties, for Caching::page
  bool soft = false;                      ///< holds lists or counters that may be up to 30 s old
  journal::EventId after;                 ///< a command's event: the answer waits until this node has applied it
};

/// 303 See Other to an own path.
[[nodiscard]] Response see_other(std::string location);
/// 301 Moved Permanently to an own path.
[[nodiscard]] Response moved(std::string location);
[[nodiscard]] Response plain(std::string text, int status = 200);
[[nodiscard]] Response json(std::string text, int status = 200);
/// The first of the further headers of that name, or empty.
[[nodiscard]] std::string_view header_of(Response const& response, std::string_view name) noexcept;

}  // namespace courant::web
