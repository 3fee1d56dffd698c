// What a correction changed: the shortest edit from one text to another, by words (one Han character is a word).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace courant::text {

struct Change {
  enum class Kind : std::uint8_t { same, deleted, inserted };
  Kind kind = Kind::same;
  std::string text;

  friend bool operator==(Change const&, Change const&) = default;
};

/// Myers' O(ND) algorithm (1986) in linear space, after common beginning and end are taken off. Neighbouring changes of
/// a kind are one. The texts of same + deleted are `before`, of same + inserted `after`, exactly. When more than
/// `maximal_edits` words differ the middle comes as one deletion and one insertion, so time stays bounded.
[[nodiscard]] std::vector<Change> diff(std::string_view before, std::string_view after,
                                       std::size_t maximal_edits = 2000);

}  // namespace courant::text
