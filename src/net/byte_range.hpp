// Which part of a file a request wants (RFC 9110 section 14).
#pragma once
#include <cstdint>

#include "web/request.hpp"

namespace courant::net {

struct ByteRange {
  enum class Answer : std::uint8_t { whole, part, unsatisfiable };
  Answer answer = Answer::whole;
  std::int64_t first = 0;   ///< for `part`
  std::int64_t length = 0;  ///< for `part`, at least 1
};

/// `size` in bytes; `etag` with its quotes. Only GET has ranges. A malformed Range, another unit, an If-Range that does
/// not match strongly, and several satisfiable ranges are answered with the whole file, as section 14.2 allows; when no
/// range lies in the file the answer is 416.
[[nodiscard]] ByteRange byte_range(web::Request const& request, std::int64_t size, std::string_view etag);

}  // namespace courant::net
