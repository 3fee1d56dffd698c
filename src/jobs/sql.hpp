// The queue's statements; nowhere else.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "jobs/jobs.hpp"
#include "store/store.hpp"

namespace courant::jobs::sql {

enum class State : std::uint8_t { waiting = 0, running = 1, failed = 2 };

/// A job as it stands in the table. `claim` rises by one each time a node takes the job, so that a node whose lease has
/// run out, and whose job another one has taken, can change nothing about it any more.
struct Row {
  Id<Job> id;
  std::string kind;
  std::string payload;
  std::int64_t tries = 0;
  std::int64_t claim = 0;
};

Done insert(store::Transaction& transaction, Id<Job> id, std::string_view kind, std::string_view payload, Time due);
/// Makes the recurring job `kind` if it is not there, and lets it be due at `latest` at the latest.
Done ensure_recurring(store::Transaction& transaction, Id<Job> id, std::string const& kind, Time first, Time latest);

/// `kinds` is a list with a comma before and after each: only these are looked at.
Result<std::vector<Row>> due(store::Connection& connection, std::string const& kinds, Time now, int limit);
Result<std::optional<Time>> next_due(store::Connection& connection, std::string const& kinds);

// All of these do nothing, and say false, when the job is not at `row.claim` any more.
/// Takes the job until `until` and counts the try. The claim is then `row.claim + 1`.
Result<bool> claim(store::Transaction& transaction, Row const& row, Time until);
Result<bool> renew(store::Transaction& transaction, Id<Job> id, std::int64_t claim, Time until);
Result<bool> finish(store::Transaction& transaction, Row const& row);
Result<bool> put_back(store::Transaction& transaction, Row const& row, State state, Time due, std::int64_t tries,
                      std::string const& error);

Result<Stats> count(store::Connection& connection);

}  // namespace courant::jobs::sql
