// The face of Boost.JSON: values, reading with limits, writing, and writing that is safe inside a <script> element.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

/// Reads one JSON text (RFC 8259), at most 64 levels deep. Error: invalid, with the byte offset in the detail.
[[nodiscard]] Result<Value> parse(std::string_view text);
[[nodiscard]] std::string write(Value const& value);
/// As write(), with "<", ">", "&", U+2028 and U+2029 as \u escapes, so that it can stand in a script element.
[[nodiscard]] std::string write_for_html(Value const& value);
/// A JSON string literal with its quotes; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string quoted(std::string_view text);

/// The string member `key`, or empty when absent or of another type.
[[nodiscard]] std::string_view string_or_empty(Object const& object, std::string_view key);

}  // namespace courant::json
