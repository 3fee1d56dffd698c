// An event: that something has happened, in ids, versions and enums, never in names or texts. Written in the
// transaction that changes the rows, numbered in the order of commits, read by consumers in that order.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"

namespace courant::journal {

struct Event;
using EventId = Id<Event>;
/// A place in the journal: 1, 2, 3 … without gaps once numbered; 0 is before the first.
using Position = std::int64_t;

struct Event {
  EventId id;
  Position position = 0;
  std::string kind;                       ///< "articles.published": a constant of the feature's events.hpp
  std::int64_t subject = 0;               ///< the id of what it happened to
  std::int64_t version = 0;               ///< the subject's row version after the change; apply() ignores an older one
  std::int64_t actor = 0;                 ///< the account that did it; 0: the system
  std::array<std::int64_t, 4> numbers{};  ///< further ids and enums; the feature's events.hpp says which
  Time at;
};

}  // namespace courant::journal
