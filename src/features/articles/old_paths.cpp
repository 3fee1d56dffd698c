#include "features/articles/old_paths.hpp"

#include <algorithm>

#include "features/articles/articles.hpp"
#include "features/articles/sql.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"

namespace courant::articles {
namespace {

constexpr std::size_t kMostKeys = 8;  // each costs a statement

std::string decoded_path(std::string_view path) {
  auto decoded = text::percent_decode(path);
  std::string out = decoded.ok() && text::is_utf8(*decoded) ? std::move(*decoded) : std::string(path);
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

}  // namespace

std::string old_path_key(std::string_view path_and_query) {
  auto const mark = path_and_query.find('?');
  std::string key = decoded_path(path_and_query.substr(0, mark));
  if (mark != std::string_view::npos && mark + 1 < path_and_query.size()) key += path_and_query.substr(mark);
  return key;
}

std::vector<std::string> old_path_keys(std::string_view path, std::string_view query) {
  std::string const base = decoded_path(path);
  std::vector<std::string> keys;
  if (!query.empty()) keys.push_back(base + "?" + std::string(query));
  if (query.find('&') != std::string_view::npos) {
    for (std::string_view rest = query; !rest.empty() && keys.size() < kMostKeys;) {
      auto const end = rest.find('&');
      if (end != 0) keys.push_back(base + "?" + std::string(rest.substr(0, end)));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  if (base != "/") keys.push_back(base);
  return keys;
}

Result<std::optional<std::string>> find_old_path(store::Store& store, Published const& published, std::string_view path,
                                                 std::string_view query) {
  for (auto const& key : old_path_keys(path, query)) {
    auto const id =
        TRY(store::read_value(store, [&](store::Connection& connection) { return sql::old_path(connection, key); }));
    if (!id) continue;
    auto const card = published.find(*id);
    // A withdrawn article's own address says so; a draft is nobody's business.
    if (card) return std::optional(card->path());
    if (published.is_withdrawn(*id)) return std::optional(path_of(*id, {}));
  }
  return std::optional<std::string>{};
}

}  // namespace courant::articles
