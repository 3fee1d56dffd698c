// Brings a schema up to date, one step after the other; the same code for both engines.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace courant::store {

/// A step as the database remembers it.
struct AppliedStep {
  std::int64_t position = 0;  ///< 1, 2, 3 … in the order in which steps ran
  std::string owner;
  int number = 0;
  std::string checksum;  ///< SHA-256 of `sql`
  std::string sql;       ///< as it ran on this engine: what a restore builds the schema from
};

/// `step.sql` with {id}, {bytes} and the engine's own lines put in.
std::string sql_for(Engine engine, std::string_view text);

/// In order. Empty when the database is; error broken when it has tables and is not ours.
Result<std::vector<AppliedStep>> applied_steps(Connection& connection);

/// The steps still to run, in order. Error broken: the database holds a step that `steps` does not (a newer program has
/// been here), a step was changed after it ran, or one is missing below one that ran.
Result<std::vector<Migration const*>> steps_to_run(Engine engine, std::span<AppliedStep const> applied,
                                                   std::span<Migration const> steps);

/// Runs what is to run; returns how many.
Result<int> apply_steps(Transaction& transaction, std::span<Migration const> steps);
/// Runs steps again from their remembered SQL, into an empty database.
Done replay_steps(Transaction& transaction, std::span<AppliedStep const> steps);
Done undo_last_step(Transaction& transaction, std::span<Migration const> steps, std::string_view owner);

}  // namespace courant::store
