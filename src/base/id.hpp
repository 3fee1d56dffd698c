// Ids: 63 bits, time-ordered: 41 bits of milliseconds since 2020-01-01, 10 bits of node, 12 bits of counter. Decimal
// strings in addresses and JSON, BIGINT in the database. Id<Article> is not Id<Author>.
#pragma once
#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace courant {

template <class Subject>
struct Id {
  std::int64_t value = 0;

  friend constexpr auto operator<=>(Id, Id) = default;
  explicit constexpr operator bool() const { return value != 0; }
  [[nodiscard]] std::string str() const { return std::to_string(value); }

  /// Reads what str() writes: 1 to 19 digits, positive, no leading zero.
  static std::optional<Id> parse(std::string_view text) {
    Id id;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
    if (error != std::errc{} || end != text.data() + text.size() || id.value <= 0 || text[0] == '0')
      return std::nullopt;
    return id;
  }
};

/// Hands out ids; safe from any thread. Never goes back: when the clock does, it counts on from the last.
class IdSource {
 public:
  /// `node` is 0 to 1023 and must differ between processes that share a database.
  IdSource(Clock const& clock, std::uint16_t node) : clock_(clock), node_(node & 1023) {}

  template <class Subject>
  Id<Subject> next() {
    return {next_value()};
  }
  std::int64_t next_value();

  /// The smallest id that could be made at `time`: for imports that must sort by their own time and for range queries.
  static std::int64_t floor_at(Time time);
  /// When an id was made, to the millisecond.
  static Time time_of(std::int64_t id);

 private:
  Clock const& clock_;
  std::uint16_t node_;
  std::mutex mutex_;
  std::int64_t last_ = 0;  // milliseconds << 12 | counter
};

}  // namespace courant

template <class Subject>
struct std::hash<courant::Id<Subject>> {
  std::size_t operator()(courant::Id<Subject> id) const noexcept {
    // Fibonacci hashing: time-ordered ids share their low bits' pattern.
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15ULL >> 7);
  }
};
