// What both drivers say alike about failures.
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace courant::store {

/// A conflict on the unique key named `key` (see conflicting_key); empty for a foreign key.
inline Error key_conflict(std::string key, std::string detail, std::source_location where) {
  Error error = conflict({}, fmt::format("{} [{}]", detail, key), where);
  if (!key.empty()) error.arguments.emplace_back("key", std::move(key));
  return error;
}

/// SQL for a log line: one line's worth of it.
inline std::string_view shortened(std::string_view sql) { return sql.substr(0, 160); }

inline Error unexpected_null(int column, std::string_view sql,
                             std::source_location where = std::source_location::current()) {
  return broken(fmt::format("column {} is NULL and its type is not optional: {}", column + 1, shortened(sql)), where);
}

}  // namespace courant::store
