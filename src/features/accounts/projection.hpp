// The sessions lately used, in memory, so that a signed-in person's pages cost no SQL for asking who it is. Accounts
// themselves are not kept: they are looked up by key.
#pragma once
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/id.hpp"
#include "base/time.hpp"
#include "journal/event.hpp"
#include "web/viewer.hpp"

namespace courant::accounts {

struct KeptSession {
  web::Viewer viewer;
  Time last_seen_at;  ///< as far as this node knows
};

/// At most so many sessions, the least lately used goes. Safe from any thread. What changes an account or ends a
/// session takes it out again by an event, on every node.
class SessionCache {
 public:
  explicit SessionCache(std::size_t most = 10'000) : most_(most) {}

  [[nodiscard]] std::optional<KeptSession> find(std::string_view token_hash);
  void set_last_seen(std::string_view token_hash, Time now);

  /// Note this before reading the database …
  [[nodiscard]] std::uint64_t moment() const;
  /// … and hand it in here: what was read before some session was dropped is not kept, for it may be that one.
  void keep(std::string_view token_hash, KeptSession session, std::uint64_t moment);

  void apply(journal::Event const& event);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string token_hash;
    KeptSession session;
  };
  using Entries = std::list<Entry>;  // the most lately used first

  void drop_account(Id<Account> account);

  std::size_t const most_;
  mutable std::mutex mutex_;
  std::uint64_t moment_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_hash_;  // keys point into entries_
};

}  // namespace courant::accounts
