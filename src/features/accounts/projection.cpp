#include "features/accounts/projection.hpp"

#include "features/accounts/events.hpp"

namespace courant::accounts {

std::optional<KeptSession> SessionCache::find(std::string_view token_hash) {
  std::scoped_lock lock(mutex_);
  auto const found = by_hash_.find(token_hash);
  if (found == by_hash_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->session;
}

void SessionCache::set_last_seen(std::string_view token_hash, Time now) {
  std::scoped_lock lock(mutex_);
  auto const found = by_hash_.find(token_hash);
  if (found != by_hash_.end()) found->second->session.last_seen_at = now;
}

std::uint64_t SessionCache::moment() const {
  std::scoped_lock lock(mutex_);
  return moment_;
}

void SessionCache::keep(std::string_view token_hash, KeptSession session, std::uint64_t moment) {
  std::scoped_lock lock(mutex_);
  if (moment != moment_ || by_hash_.contains(token_hash)) return;
  entries_.push_front({std::string(token_hash), std::move(session)});
  by_hash_.emplace(entries_.front().token_hash, entries_.begin());
  if (entries_.size() <= most_) return;
  by_hash_.erase(entries_.back().token_hash);
  entries_.pop_back();
}

void SessionCache::apply(journal::Event const& event) {
  if (event.kind == kAccountChanged || event.kind == kSessionsEnded) drop_account({event.subject});
}

// A walk over all entries: such events are rare and there are at most some thousands.
void SessionCache::drop_account(Id<Account> account) {
  std::scoped_lock lock(mutex_);
  ++moment_;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->session.viewer.account != account) {
      ++entry;
      continue;
    }
    by_hash_.erase(entry->token_hash);
    entry = entries_.erase(entry);
  }
}

std::size_t SessionCache::size() const {
  std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace courant::accounts
