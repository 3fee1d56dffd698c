// Percent encoding, query strings and application/x-www-form-urlencoded bodies.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace courant::text {

/// Everything but RFC 3986's unreserved characters becomes %XX; good for one path segment or one query value.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// %XX decoded. Error: invalid text.percent_encoding for a lone or malformed "%" and for a decoded NUL.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);

struct QueryLimits {
  std::size_t maximal_bytes = 1u << 20;  ///< of the whole, as sent
  std::size_t maximal_fields = 1000;
  std::size_t maximal_name_bytes = 256;        ///< decoded
  std::size_t maximal_value_bytes = 1u << 20;  ///< decoded
};

/// Fields in the order sent; a name may occur more than once.
class Fields {
 public:
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  ///< the first of that name
  [[nodiscard]] std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] bool empty() const { return fields_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// WHATWG URL section 5.1 with limits, stricter in one thing: names and values must be UTF-8 without NUL, and "%" must
/// be followed by two hexadecimal digits. Errors: invalid text.query_too_long, text.query_too_many,
/// text.query_encoding.
[[nodiscard]] Result<Fields> parse_form(std::string_view body, QueryLimits const& limits = {});
/// The same for the part of a target after "?", with smaller limits by default: 16 KiB, 100 fields.
[[nodiscard]] Result<Fields> parse_query(std::string_view query,
                                         QueryLimits const& limits = {16u << 10, 100, 256, 8192});
/// "a=1&b=%E4%B8%AD": WHATWG URL section 5.2, space as "+".
[[nodiscard]] std::string write_query(Fields const& fields);

}  // namespace courant::text
