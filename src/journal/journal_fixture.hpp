// What the journal's tests and their test program share: a few tables, nodes, and somebody to wait for.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "journal/journal.hpp"
#include "store/store.hpp"

namespace courant::journal::fixture {

using std::int64_t;
using store::Statement;

struct Thing;

/// The journal's tables, things that change, and the effects of a consumer: one row for each event it has seen.
inline std::vector<store::Migration> steps() {
  auto all = migrations();
  all.push_back({"fixture", 1, "things and effects",
                 "CREATE TABLE things (id {id} PRIMARY KEY, value BIGINT NOT NULL, version BIGINT NOT NULL);\n"
                 "CREATE TABLE effects (place {id} PRIMARY KEY, event BIGINT NOT NULL UNIQUE);\n",
                 ""});
  return all;
}

inline Statement<std::tuple<int64_t, int64_t>> const kAddEffect{
    "INSERT INTO effects (place, event) VALUES (:place, :event)"};
inline Statement<std::tuple<>, std::tuple<int64_t, int64_t, int64_t>> const kEffects{
    "SELECT count(*), coalesce(min(place), 0), coalesce(max(place), 0) FROM effects"};

/// Writes an effect for each event; a second one for the same event is a conflict.
inline Done write_effects(store::Transaction& transaction, std::span<Event const> events) {
  for (auto const& event : events) TRY(kAddEffect.run(transaction, {event.position, event.id.value}));
  return {};
}

inline Result<EventId> record_one(store::Store& store, IdSource& ids, Clock const& clock, int64_t subject = 1) {
  return store::write_value(store, [&](store::Transaction& transaction) {
    return record(transaction, ids, clock, {.kind = "fixture.happened", .subject = subject, .version = 1});
  });
}

}  // namespace courant::journal::fixture
