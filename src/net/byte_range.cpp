#include "net/byte_range.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "net/words.hpp"

namespace courant::net {
namespace {

constexpr int kMostRanges = 64;

struct Spec {
  std::int64_t first = 0;
  std::int64_t last = 0;  // inclusive; may lie behind the file's end
};

/// Digits, saturating: a position beyond any file is unsatisfiable, not an error.
std::optional<std::int64_t> position(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (char const c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value > (std::numeric_limits<std::int64_t>::max() - 9) / 10 ? std::numeric_limits<std::int64_t>::max() / 2
                                                                        : value * 10 + (c - '0');
  }
  return value;
}

/// int-range or suffix-range (section 14.1.1); nullopt: malformed.
std::optional<Spec> range_spec(std::string_view text, std::int64_t size) {
  auto const dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  auto const last = position(text.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    // "-0" wants nothing: a range that begins behind the end.
    return *last == 0 ? Spec{size, size} : Spec{std::max<std::int64_t>(0, size - *last), size - 1};
  }
  auto const first = position(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash + 1 == text.size()) return Spec{*first, std::numeric_limits<std::int64_t>::max()};
  if (!last || *last < *first) return std::nullopt;
  return Spec{*first, *last};
}

/// Section 13.1.5: a strong comparison; a date never matches since files here are known by their tag alone.
bool if_range_allows(std::string_view if_range, std::string_view etag) {
  return if_range.empty() || (if_range == etag && !etag.starts_with("W/"));
}

}  // namespace

ByteRange byte_range(web::Request const& request, std::int64_t size, std::string_view etag) {
  ByteRange const whole;
  if (request.method != web::Method::get) return whole;
  std::string_view set;
  std::string_view if_range;
  for (auto const& header : request.headers) {
    if (same_word(header.name, "range")) set = set.empty() ? header.value : std::string_view("several");
    if (same_word(header.name, "if-range")) if_range = header.value;
  }
  if (set.size() < 6 || !same_word(set.substr(0, 6), "bytes=") || !if_range_allows(if_range, etag)) return whole;
  set.remove_prefix(6);

  int ranges = 0;
  int satisfiable = 0;
  ByteRange part{ByteRange::Answer::part, 0, 0};
  while (!set.empty()) {
    auto const element = take_element(set);
    if (element.empty()) continue;
    auto const spec = range_spec(element, size);
    if (!spec || ++ranges > kMostRanges) return whole;
    if (spec->first >= size) continue;
    ++satisfiable;
    part.first = spec->first;
    part.length = std::min(spec->last, size - 1) - spec->first + 1;
  }
  if (ranges == 0) return whole;
  if (satisfiable == 0) return {ByteRange::Answer::unsatisfiable};
  return ranges == 1 ? part : whole;
}

}  // namespace courant::net
