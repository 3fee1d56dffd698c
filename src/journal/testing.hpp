// For the tests of features: the check that every projection must pass.
#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "base/time.hpp"
#include "journal/journal.hpp"
#include "journal/sql.hpp"
#include "store/store.hpp"

namespace courant::journal::testing {

/// Waits until every event recorded so far has its position.
inline void wait_numbered(store::Store& store, Journal& journal) {
  static store::Statement<std::tuple<>, std::tuple<std::optional<EventId>>> const kNewest{
      "SELECT max(id) FROM journal_events"};
  std::optional<EventId> newest;
  auto const read = store.read([&](store::Connection& connection) -> Done {
    auto const row = TRY(kNewest.first(connection, {}));
    if (row) newest = std::get<0>(*row);
    return {};
  });
  REQUIRE_MESSAGE(read.ok(), describe(read.error()));
  if (!newest) return;
  auto const applied = journal.wait_applied(*newest, 20s);
  REQUIRE_MESSAGE(applied.ok(), describe(applied.error()));
}

/// Loads a model before, between and after `changes`, follows each to the end, and fails the test when they do not all
/// show the same: a loaded projection equals a followed one. `load` gets a read transaction, as a projection does when
/// the site starts; `show` writes all that a model holds.
template <class Model>
void check_loaded_equals_followed(store::Store& store, Clock const& clock,
                                  std::function<Result<Model>(store::Connection&)> const& load,
                                  std::function<void(Model&, Event const&)> const& apply,
                                  std::function<std::string(Model const&)> const& show,
                                  std::vector<std::function<void()>> const& changes) {
  struct Loaded {
    Model model;
    Position position;
  };
  auto opened = Journal::open(store, clock, {.node = 1022});
  REQUIRE(opened.ok());
  auto& journal = **opened;
  REQUIRE(journal.start().ok());

  std::vector<Loaded> all;
  auto const load_now = [&] {
    auto const read = store.snapshot([&](store::Connection& connection) -> Done {
      auto const position = TRY(head(connection));
      all.push_back({TRY(load(connection)), position});
      return {};
    });
    REQUIRE_MESSAGE(read.ok(), describe(read.error()));
  };
  load_now();
  for (auto const& change : changes) {
    change();
    load_now();  // on PostgreSQL perhaps before the change is numbered: then its event comes to a model that has it
                 // already
    wait_numbered(store, journal);
    load_now();
  }
  for (auto& [model, position] : all) {
    auto const from = position;
    auto const events = store::read_value(
        store, [&](store::Connection& connection) { return sql::after(connection, from, 1'000'000); });
    REQUIRE(events.ok());
    for (auto const& event : *events) apply(model, event);
  }
  auto const wanted = show(all.back().model);
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK_MESSAGE(show(all[i].model) == wanted, "loaded at " << i << " of " << all.size() - 1 << " and followed");
  journal.stop();
}

}  // namespace courant::journal::testing
