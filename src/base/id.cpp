#include "base/id.hpp"

namespace courant {
namespace {
constexpr std::int64_t kEpochMilliseconds = 1577836800000;  // 2020-01-01T00:00:00Z
}

std::int64_t IdSource::next_value() {
  std::int64_t const milliseconds = std::max<std::int64_t>(clock_.now().microseconds / 1000 - kEpochMilliseconds, 0);
  std::scoped_lock lock(mutex_);
  // A full counter runs over into the next millisecond: order and uniqueness hold, the time is ahead by a little.
  last_ = std::max(milliseconds << 12, last_ + 1);
  return (last_ >> 12 << 22) | (static_cast<std::int64_t>(node_) << 12) | (last_ & 4095);
}

std::int64_t IdSource::floor_at(Time time) {
  return std::max<std::int64_t>(time.microseconds / 1000 - kEpochMilliseconds, 0) << 22;
}

Time IdSource::time_of(std::int64_t id) { return {((id >> 22) + kEpochMilliseconds) * 1000}; }

}  // namespace courant
