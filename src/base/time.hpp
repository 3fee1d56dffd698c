// Time is a value that is handed in: everything that asks for "now" has a Clock&, so tests own time and never sleep.
#pragma once
#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace courant {

using Duration = std::chrono::microseconds;
using namespace std::chrono_literals;

/// An instant: microseconds since 1970-01-01T00:00:00Z, as stored in the database.
struct Time {
  std::int64_t microseconds = 0;

  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time time, Duration by) { return {time.microseconds + by.count()}; }
  friend constexpr Time operator-(Time time, Duration by) { return {time.microseconds - by.count()}; }
  friend constexpr Duration operator-(Time a, Time b) { return Duration{a.microseconds - b.microseconds}; }
};

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

/// A clock that moves when told; safe to read from any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start.microseconds) {}
  [[nodiscard]] Time now() const override { return {now_.load()}; }
  void advance(Duration by) { now_ += by.count(); }
  void set(Time time) { now_ = time.microseconds; }

 private:
  std::atomic<std::int64_t> now_;
};

/// "2026-11-22T15:04:05Z" (RFC 3339, seconds, UTC).
[[nodiscard]] std::string rfc3339(Time time);
/// "Sun, 22 Nov 2026 15:04:05 GMT" (RFC 9110 section 5.6.7 IMF-fixdate).
[[nodiscard]] std::string http_date(Time time);
/// "Sun, 22 Nov 2026 15:04:05 +0000" (RFC 822 as RSS 2.0 wants it).
[[nodiscard]] std::string rfc822(Time time);
/// Reads RFC 3339 with any offset or fraction, "YYYY-MM-DD HH:MM:SS" and "YYYY-MM-DD" (both taken as UTC), and RFC 822
/// dates. Error: invalid.
[[nodiscard]] Result<Time> parse_time(std::string_view text);
/// Reads an IMF-fixdate; error invalid for anything else, as a conditional request then ignores the header.
[[nodiscard]] Result<Time> parse_http_date(std::string_view text);

/// Wall-clock fields of an instant in the site's zone.
struct CivilTime {
  int year, month, day, hour, minute, second;
};

/// A time zone of the system's database, such as "Asia/Shanghai".
class Zone {
 public:
  /// Error: invalid when the system does not know the name.
  static Result<Zone> find(std::string_view name);
  static Zone utc() { return {}; }
  [[nodiscard]] CivilTime civil(Time time) const;
  /// "2026-11-22 23:04:05" in this zone: what pages show, to the second.
  [[nodiscard]] std::string show(Time time) const;
  [[nodiscard]] std::string const& name() const { return name_; }
  /// Offset from UTC at that instant, in seconds east.
  [[nodiscard]] std::int64_t offset_seconds(Time time) const;

 private:
  struct Change {
    std::int64_t from_second;
    std::int64_t offset;
  };
  std::string name_ = "UTC";
  std::vector<Change> changes_;  // ascending; before the first the first standard offset holds
  std::int64_t first_offset_ = 0;
};

}  // namespace courant
