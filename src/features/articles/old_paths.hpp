// Addresses that articles had on a former site.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace courant::articles {

/// The route of last resort.
inline constexpr std::string_view kOldPathPattern = "/{rest...}";

/// The form in which old addresses are kept and looked up: path decoded, without trailing slashes, and the query as it
/// was: "/2019/05/你好?p=17". Takes a path with or without query, encoded or not.
[[nodiscard]] std::string old_path_key(std::string_view path_and_query);

/// The keys to look under, the most telling first: with the whole query, with each one parameter of it (trackers add
/// theirs), and the path alone.
[[nodiscard]] std::vector<std::string> old_path_keys(std::string_view path, std::string_view query);

}  // namespace courant::articles
