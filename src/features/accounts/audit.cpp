#include "features/accounts/audit.hpp"

#include "base/crypto.hpp"
#include "features/accounts/sql.hpp"

namespace courant::audit {
namespace {

/// What an entry's hash covers, as one JSON array: every column in the order of the table, but the hash itself. Text is
/// quoted, so no two different entries have the same form.
std::string canonical(sql::Row const& row) {
  return json::write(json::Array{row.position, row.at.microseconds, row.kind, static_cast<std::int64_t>(row.actor_kind),
                                 row.actor_alias, row.subject_alias, row.details, row.previous_hash});
}

std::string hash_of(sql::Row const& row) { return crypto::hex(crypto::sha256(canonical(row))); }

/// The person's alias; made, with its key, when they are first written down.
Result<std::string> ensure_alias(store::Transaction& transaction, Id<Account> account) {
  if (!account) return std::string();
  if (auto known = TRY(sql::alias_of(transaction, account))) return std::move(*known);
  auto const key = crypto::hex(crypto::random_bytes(32));
  auto alias = crypto::hex(crypto::hmac_sha256(key, account.str()));
  TRY(sql::insert_person(transaction, account, alias, key));
  return alias;
}

}  // namespace

Result<std::int64_t> record(store::Transaction& transaction, Clock const& clock, Entry const& entry) {
  auto const head = TRY(sql::lock_head(transaction));  // before the aliases: whoever holds it makes them alone
  sql::Row row;
  row.position = head.position + 1;
  row.at = clock.now();
  row.kind = entry.kind;
  row.actor_kind = entry.actor.kind;
  row.actor_alias = TRY(ensure_alias(transaction, entry.actor.account));
  row.subject_alias = TRY(ensure_alias(transaction, entry.subject));
  row.details = json::write(entry.details);
  row.previous_hash = head.hash;
  row.hash = hash_of(row);
  TRY(sql::insert(transaction, row));
  TRY(sql::set_head(transaction, {row.position, row.hash}));
  return row.position;
}

Result<std::vector<Line>> lines_before(store::Connection& connection, std::int64_t before, int limit) {
  return sql::lines_before(connection, before, limit);
}

namespace {

/// Walks the chain in batches; remembers the first entry that does not fit and reads on to count.
class ChainWalk {
 public:
  void take(sql::Row const& row) {
    bool const fits =
        row.position == report_.entries + 1 && row.previous_hash == report_.head && row.hash == hash_of(row);
    if (!fits && report_.first_bad == 0) report_.first_bad = row.position;
    report_.entries += 1;
    report_.head = row.hash;
    last_ = row.position;
  }
  /// The head is written with each entry: an end cut off shows here.
  ChainReport finish(sql::Head const& head) {
    bool const fits = head.position == report_.entries && head.hash == report_.head;
    if (!fits && report_.first_bad == 0) report_.first_bad = report_.entries + 1;
    return report_;
  }
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  ChainReport report_;
  std::int64_t last_ = 0;
};

}  // namespace

Result<ChainReport> verify_chain(store::Store& store) {
  constexpr int kBatch = 500;
  ChainReport report;
  TRY(store.snapshot([&](store::Connection& connection) -> Done {
    ChainWalk walk;
    for (;;) {
      auto const rows = TRY(sql::rows_after(connection, walk.last(), kBatch));
      for (auto const& row : rows) walk.take(row);
      if (rows.size() < kBatch) break;
    }
    report = walk.finish(TRY(sql::head(connection)));
    return {};
  }));
  return report;
}

Done forget_person(store::Transaction& transaction, Id<Account> account) {
  return sql::delete_person(transaction, account);
}

}  // namespace courant::audit
