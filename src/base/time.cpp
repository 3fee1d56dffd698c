#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>

namespace courant {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(Duration(time.microseconds)).count();
}

CivilTime civil_from_seconds(std::int64_t seconds) {
  namespace c = std::chrono;
  auto const day = c::floor<c::days>(c::sys_seconds(c::seconds(seconds)));
  c::year_month_day const date(day);
  c::hh_mm_ss const clock(c::sys_seconds(c::seconds(seconds)) - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

std::string imf(Time time, std::string_view zone) {
  auto const seconds = seconds_of(time);
  auto const c = civil_from_seconds(seconds);
  auto const weekday = ((std::chrono::floor<std::chrono::days>(std::chrono::seconds(seconds)).count() + 4) % 7 + 7) % 7;
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}", kDays[weekday], c.day, kMonths[c.month - 1], c.year,
                     c.hour, c.minute, c.second, zone);
}

/// Reads fixed shapes out of a text, remembering whether all went well.
struct Reader {
  std::string_view rest;
  bool good = true;

  int number(std::size_t least, std::size_t most) {
    std::size_t n = 0;
    int value = 0;
    while (n < most && n < rest.size() && rest[n] >= '0' && rest[n] <= '9') value = value * 10 + (rest[n++] - '0');
    if (n < least) good = false;
    rest.remove_prefix(n);
    return value;
  }
  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) good = false;
  }
  void spaces() {
    while (take(' ')) {
    }
  }
};

Result<Time> assemble(CivilTime c, std::int64_t offset, std::int64_t micros) {
  namespace n = std::chrono;
  n::year_month_day const date(n::year(c.year), n::month(static_cast<unsigned>(c.month)),
                               n::day(static_cast<unsigned>(c.day)));
  if (!date.ok() || c.year < 1 || c.hour > 23 || c.minute > 59 || c.second > 60) return invalid("base.bad_time");
  auto const days = n::sys_days(date).time_since_epoch().count();
  return Time{(static_cast<std::int64_t>(days) * 86400 + c.hour * 3600 + c.minute * 60 + c.second - offset) *
                  1'000'000 +
              micros};
}

/// "+08:00", "+0800", "Z", "GMT", "UTC"; the offset in seconds.
std::int64_t read_offset(Reader& in) {
  in.spaces();
  if (in.rest.empty() || in.take('Z') || in.take('z')) return 0;
  for (std::string_view name : {"GMT", "UTC", "UT"})
    if (in.rest.starts_with(name)) return in.rest.remove_prefix(name.size()), 0;
  int const sign = in.take('-') ? -1 : 1;
  if (sign > 0) in.expect('+');
  int const hours = in.number(2, 2);
  in.take(':');
  int const minutes = in.number(2, 2);
  return sign * (hours * 3600 + minutes * 60);
}

Result<Time> parse_written_date(std::string_view text) {
  Reader in{text};
  if (auto const comma = text.find(','); comma != std::string_view::npos) in.rest.remove_prefix(comma + 1);
  in.spaces();
  CivilTime c{};
  c.day = in.number(1, 2);
  in.spaces();
  auto const month = std::find(kMonths.begin(), kMonths.end(), in.rest.substr(0, 3));
  if (month == kMonths.end()) return invalid("base.bad_time");
  c.month = static_cast<int>(month - kMonths.begin()) + 1;
  in.rest.remove_prefix(3);
  in.spaces();
  c.year = in.number(4, 4);
  in.spaces();
  c.hour = in.number(2, 2);
  in.expect(':');
  c.minute = in.number(2, 2);
  if (in.take(':')) c.second = in.number(2, 2);
  auto const offset = read_offset(in);
  if (!in.good || !in.rest.empty()) return invalid("base.bad_time");
  return assemble(c, offset, 0);
}

}  // namespace

Time SystemClock::now() const {
  return {std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::string rfc3339(Time time) {
  auto const c = civil_from_seconds(seconds_of(time));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second);
}
std::string http_date(Time time) { return imf(time, "GMT"); }
std::string rfc822(Time time) { return imf(time, "+0000"); }

Result<Time> parse_time(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  if (text.empty() || !std::isdigit(static_cast<unsigned char>(text[0])) || text.find('-') != 4)
    return parse_written_date(text);
  Reader in{text};
  CivilTime c{};
  std::int64_t micros = 0;
  c.year = in.number(4, 4);
  in.expect('-');
  c.month = in.number(1, 2);
  in.expect('-');
  c.day = in.number(1, 2);
  if (in.good && in.rest.empty()) return assemble(c, 0, 0);
  if (!in.take('T') && !in.take('t')) in.expect(' ');
  c.hour = in.number(1, 2);
  in.expect(':');
  c.minute = in.number(2, 2);
  if (in.take(':')) {
    c.second = in.number(2, 2);
    if (in.take('.')) {
      std::int64_t unit = 100'000;
      while (!in.rest.empty() && std::isdigit(static_cast<unsigned char>(in.rest[0])))
        micros += (in.rest[0] - '0') * unit, unit /= 10, in.rest.remove_prefix(1);
    }
  }
  auto const offset = read_offset(in);
  if (!in.good || !in.rest.empty()) return invalid("base.bad_time");
  return assemble(c, offset, micros);
}

Result<Time> parse_http_date(std::string_view text) {
  if (text.size() != 29 || !text.ends_with(" GMT")) return invalid("base.bad_time");
  return parse_written_date(text);
}

// The system's zone files (RFC 8536). Only the 64-bit block is read; its last rule is used for ever after, which is
// right for zones without daylight saving and at worst an hour off past 2037 for the others.
Result<Zone> Zone::find(std::string_view name) {
  Zone zone;
  zone.name_ = name;
  if (name == "UTC") return zone;
  auto const allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-' || c == '+';
  };
  if (name.empty() || name[0] == '/' || !std::all_of(name.begin(), name.end(), allowed))
    return invalid("base.no_such_zone", std::string(name));
  std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
  std::string const data((std::istreambuf_iterator<char>(file)), {});
  auto const number = [&](std::size_t at, int bytes) {
    std::int64_t value = 0;
    for (int i = 0; i < bytes; ++i)
      value =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | static_cast<unsigned char>(data[at + i]));
    return bytes == 4 ? static_cast<std::int64_t>(static_cast<std::int32_t>(value)) : value;
  };
  if (data.size() < 44 || !data.starts_with("TZif") || data[4] < '2')
    return invalid("base.no_such_zone", std::string(name));
  auto const block_size = [&](std::size_t at, int time_bytes) {
    return 44 + number(at + 32, 4) * (time_bytes + 1) + number(at + 36, 4) * 6 + number(at + 40, 4) +
           number(at + 28, 4) * (time_bytes + 4) + number(at + 24, 4) + number(at + 20, 4);
  };
  std::size_t const start = static_cast<std::size_t>(block_size(0, 4));
  if (data.size() < start + 44 || data.size() < start + static_cast<std::size_t>(block_size(start, 8)))
    return invalid("base.no_such_zone", std::string(name));
  auto const changes = static_cast<std::size_t>(number(start + 32, 4));
  auto const times = start + 44, kinds = times + changes * 8, types = kinds + changes;
  auto const offset_of = [&](std::size_t kind) { return number(types + kind * 6, 4); };
  zone.first_offset_ = offset_of(0);
  for (std::size_t i = 0; i < changes; ++i)
    zone.changes_.push_back({number(times + i * 8, 8), offset_of(static_cast<unsigned char>(data[kinds + i]))});
  return zone;
}

std::int64_t Zone::offset_seconds(Time time) const {
  auto const second = seconds_of(time);
  auto const after = std::upper_bound(changes_.begin(), changes_.end(), second,
                                      [](std::int64_t at, Change const& change) { return at < change.from_second; });
  return after == changes_.begin() ? first_offset_ : std::prev(after)->offset;
}

CivilTime Zone::civil(Time time) const { return civil_from_seconds(seconds_of(time) + offset_seconds(time)); }

std::string Zone::show(Time time) const {
  auto const c = civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

}  // namespace courant
