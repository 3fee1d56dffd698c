// What has happened: events with their rows, numbered, read by consumers from durable or remembered positions.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"

namespace courant::journal {

/// The journal's own tables.
std::vector<store::Migration> migrations();

struct ConsumerStats {
  std::string name;
  Position position = 0;
  std::int64_t lag = 0;     ///< events not yet applied
  std::int64_t errors = 0;  ///< failed tries since the start
  /// False once a projection has passed over an event that it could not apply: what it holds is not to be trusted, the
  /// node reports not ready, and a restart loads it anew. A consumer that cannot go on stays true, its lag grows.
  bool healthy = true;
};

struct Options {
  Duration poll{100'000};         ///< how often a node looks for news it was not woken for
  Duration number_every{10'000};  ///< PostgreSQL: the elected node's pace
  std::uint16_t node = 0;
};

/// Writes one event in the caller's transaction, as its last statement. Its position is known at once on SQLite (the
/// writer numbers at insert) and soon after commit on PostgreSQL (one elected node numbers). Returns the event's id.
Result<EventId> record(store::Transaction& transaction, IdSource& ids, Clock const& clock, Event event);

/// The last numbered position that `connection` can see: what a projection notes when it loads.
Result<Position> head(store::Connection& connection);

class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(store::Store& store, Clock const& clock, Options options);
  virtual ~Journal() = default;

  /// A projection: memory only. It has loaded everything up to `loaded`; from there `apply` gets each event once, in
  /// order, on the journal's thread. Before start() only.
  virtual void follow(std::string name, Position loaded, std::function<void(Event const&)> apply) = 0;
  /// As follow(), for a projection that reads rows when it applies: an error of kind unavailable (the database is away)
  /// keeps the event, and with it this node's projections, until it can be applied; every other error passes it over,
  /// loudly.
  virtual void follow_with_rows(std::string name, Position loaded, std::function<Done(Event const&)> apply) = 0;
  /// A durable consumer: goes on after a crash from its cursor, which moves in the same transaction as what `apply`
  /// writes. A failing batch is tried again with back-off and never makes a publication fail. Before start() only.
  virtual void consume(std::string name, std::function<Done(store::Transaction&, std::span<Event const>)> apply) = 0;

  virtual Done start() = 0;
  /// Finishes the batch in hand.
  virtual void stop() = 0;
  /// New events may be there: called after commits on this node. Cheap, from any thread.
  virtual void wake() = 0;

  /// Waits until this node's projections have applied the event. Error: unavailable after `patience`.
  virtual Done wait_applied(EventId event, Duration patience) = 0;
  virtual Done wait_applied(Position position, Duration patience) = 0;
  /// The last position that every projection of this node has applied.
  [[nodiscard]] virtual Position applied() const = 0;

  /// Deletes events below the oldest cursor and older than `keep`. Returns how many.
  virtual Result<std::int64_t> prune(Duration keep) = 0;

  [[nodiscard]] virtual std::vector<ConsumerStats> stats() const = 0;
};

}  // namespace courant::journal
