// The audit log: what was done with rights, credentials, settings and the whole site, for good. Append-only (the
// database refuses UPDATE and DELETE) and hash-chained: each entry's hash covers its content and the hash before it.
//
// Entries never hold names, addresses or account ids. A person stands in them as an alias, the HMAC of the account id
// under a key of that person's own, kept with the alias in another table; erasing that row leaves the chain whole and
// the person unknown. What the chain is not: proof against somebody who owns the database *and* recomputes it to its
// end. For that the head's hash is logged every day; compare it with `courant doctor`'s.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "features/accounts/account.hpp"
#include "store/store.hpp"

namespace courant::audit {

enum class ActorKind : std::uint8_t { system = 0, person = 1, command_line = 2 };

struct Actor {
  ActorKind kind = ActorKind::system;
  Id<Account> account;  ///< of a person only
};

inline Actor by_system() { return {}; }
inline Actor by_command_line() { return {ActorKind::command_line, {}}; }
inline Actor by_person(Id<Account> account) { return {ActorKind::person, account}; }

/// What features write down. `kind` is "feature.what_happened"; the page of the log shows the catalogue's text
/// "feature.audit_what_happened", or the kind itself when there is none.
struct Entry {
  std::string kind;
  Actor actor;
  Id<Account> subject;   ///< the person it was done to; 0: nobody
  json::Object details;  ///< ids of things, numbers, enums' names; never a person's name, address, account id or secret
};

/// Appends in the caller's transaction. Call it shortly before journal::record: from here to the commit other audited
/// transactions wait. Returns the entry's position: 1, 2, 3 … without gaps.
Result<std::int64_t> record(store::Transaction& transaction, Clock const& clock, Entry const& entry);

/// An entry as an administrator reads it.
struct Line {
  std::int64_t position = 0;
  Time at;
  std::string kind;
  ActorKind actor_kind = ActorKind::system;
  std::string actor;    ///< display name; empty for nobody or when the person's key is destroyed
  std::string subject;  ///< likewise
  std::string details;  ///< JSON
  std::string hash;     ///< 64 hexadecimal digits
};

/// At most `limit` entries below `before` (0: from the newest), newest first.
Result<std::vector<Line>> lines_before(store::Connection& connection, std::int64_t before, int limit);

struct ChainReport {
  std::int64_t entries = 0;
  std::int64_t first_bad = 0;  ///< position of the first entry that does not fit; 0: the chain is whole
  std::string head;            ///< hash of the last entry, as computed
};

/// Reads the whole log and computes the chain anew, in constant memory. A damaged chain is no error: see first_bad.
Result<ChainReport> verify_chain(store::Store& store);

/// Destroys the person's key and alias: the entries stay, whom they concern is gone for good.
Done forget_person(store::Transaction& transaction, Id<Account> account);

}  // namespace courant::audit
