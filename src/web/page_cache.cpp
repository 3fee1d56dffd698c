#include "web/page_cache.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "web/finish.hpp"

namespace courant::web {
namespace {

constexpr int kShards = 16;
constexpr std::uint32_t kHotUses = 24;           // from then on better compression pays
constexpr Duration kRebuildPatience{5'000'000};  // so long nobody else is asked to rebuild a soft page
constexpr std::size_t kMostRememberedEvictions = 8192;
constexpr std::int64_t kEntryCost = 400;  // what an entry takes besides its bytes, about
constexpr std::int64_t kDependencyCost = 32;

struct OwnedKey {
  std::string path;
  Language language;

  operator PageKey() const { return {path, language}; }
};

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(PageKey const& key) const {
    return crypto::quick_hash(key.path) * 0x9E3779B97F4A7C15ULL + static_cast<std::size_t>(key.language);
  }
};

struct KeyEqual {
  using is_transparent = void;
  bool operator()(PageKey const& a, PageKey const& b) const { return a == b; }
};

/// One encoding of a page, finished.
struct Variant {
  std::shared_ptr<std::string const> head;
  std::shared_ptr<std::string const> body;

  explicit operator bool() const { return head != nullptr; }
  [[nodiscard]] std::int64_t bytes() const {
    return *this ? static_cast<std::int64_t>(head->size() + body->size()) : 0;
  }
  [[nodiscard]] Reply reply() const { return {.status = 200, .head = head, .body = body}; }
};

struct Entry {
  // Never changed after put():
  OwnedKey key;
  Response facts;  // without its body
  std::string content;
  std::size_t plain_bytes = 0;
  std::int64_t last_modified = 0;  // seconds; 0: not said
  Time fresh_until;
  // Under the shard's lock:
  std::array<Variant, 3> variants;  // by Encoding
  std::uint32_t uses = 0;
  Time asked_to_rebuild;
  // Under the writers' lock:
  std::int64_t bytes = 0;
  bool kept = false;
  std::vector<std::uint32_t> tie_places;  // by dependency: where in that key's list this entry stands
  std::list<std::shared_ptr<Entry>>::iterator place;
  // Set by readers, cleared by the one who makes room:
  std::atomic<bool> used_lately{false};
};

struct Shard {
  mutable std::mutex mutex;
  std::unordered_map<OwnedKey, std::shared_ptr<Entry>, KeyHash, KeyEqual> entries;
  std::int64_t hits = 0;
  std::int64_t misses = 0;
};

/// From a key to the entries tied to it. Tying and untying an entry costs the same however many others share its keys.
class Ties {
 public:
  void tie(Entry& entry) {
    auto const& keys = entry.facts.depends_on;
    entry.tie_places.resize(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == kEveryPage) continue;  // that is every entry, and State::order has them all
      auto& list = lists_[keys[i]];
      entry.tie_places[i] = static_cast<std::uint32_t>(list.size());
      list.push_back(&entry);
    }
  }

  void untie(Entry const& entry) {
    auto const& keys = entry.facts.depends_on;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == kEveryPage) continue;
      auto const found = lists_.find(keys[i]);
      auto& list = found->second;
      auto* const last = list.back();
      list[entry.tie_places[i]] = last;
      place_of(*last, keys[i]) = entry.tie_places[i];
      list.pop_back();
      if (list.empty()) lists_.erase(found);
    }
  }

  [[nodiscard]] std::vector<Entry*> entries_of(DependencyKey key) const {
    auto const found = lists_.find(key);
    return found == lists_.end() ? std::vector<Entry*>{} : found->second;
  }

 private:
  std::unordered_map<DependencyKey, std::vector<Entry*>> lists_;

  /// Dependencies are sorted and each stands once.
  static std::uint32_t& place_of(Entry& entry, DependencyKey key) {
    auto const& keys = entry.facts.depends_on;
    return entry.tie_places[static_cast<std::size_t>(std::ranges::lower_bound(keys, key) - keys.begin())];
  }
};

std::string tag_for(std::string_view content, std::string_view how) { return fmt::format("\"{}-{}\"", content, how); }

Variant make_variant(Entry const& entry, Transport transport, Encoding encoding, std::string_view how,
                     std::string body) {
  auto const etag = tag_for(entry.content, how);
  HeadFacts const facts{transport, encoding, etag, body.size()};
  return {std::make_shared<std::string const>(write_head(entry.facts, facts)),
          std::make_shared<std::string const>(std::move(body))};
}

Variant const& best_of(Entry const& entry, Encoding wanted) {
  auto const& variants = entry.variants;
  if (wanted == Encoding::brotli && variants[2]) return variants[2];
  if (wanted != Encoding::identity && variants[1]) return variants[1];
  return variants[0];
}

std::int64_t seconds_of(Time time) { return time.microseconds / 1'000'000; }

}  // namespace

struct PageCache::State : std::enable_shared_from_this<PageCache::State> {
  std::int64_t const most_bytes;
  Clock const& clock;
  Transport const transport;
  InBackground const in_background;
  std::array<Shard, kShards> shards;

  // Whoever changes what is kept holds this, and only then a shard's lock.
  std::mutex writers;
  std::list<std::shared_ptr<Entry>> order;  // second chance: the front goes first unless it was used lately
  Ties ties;
  std::unordered_map<DependencyKey, std::uint64_t> evicted_at;
  std::uint64_t remembered_since = 0;  // evictions at or before this moment are forgotten: older pages are refused
  std::atomic<std::uint64_t> now{1};
  std::atomic<std::int64_t> bytes{0};
  std::atomic<std::int64_t> evictions{0};

  State(std::int64_t most_bytes, Clock const& clock, Transport transport, InBackground in_background)
      : most_bytes(most_bytes), clock(clock), transport(transport), in_background(std::move(in_background)) {}

  Shard& shard_of(PageKey const& key) { return shards[(KeyHash{}(key) >> 20) % kShards]; }

  // Below: with `writers` held.

  [[nodiscard]] bool touched_since(std::vector<DependencyKey> const& keys, std::uint64_t moment) const {
    if (moment < remembered_since) return true;
    auto const after = [&](DependencyKey key) {
      auto const found = evicted_at.find(key);
      return found != evicted_at.end() && found->second > moment;
    };
    return after(kEveryPage) || std::ranges::any_of(keys, after);
  }

  void note_eviction(DependencyKey key, std::uint64_t moment) {
    if (evicted_at.size() >= kMostRememberedEvictions) {
      evicted_at.clear();
      remembered_since = moment;
    }
    evicted_at[key] = moment;
  }

  void keep(std::shared_ptr<Entry> const& entry) {
    auto& shard = shard_of(entry->key);
    std::shared_ptr<Entry> old;
    {
      std::lock_guard const lock(shard.mutex);
      auto const found = shard.entries.find(PageKey(entry->key));
      if (found != shard.entries.end()) old = found->second;
    }
    if (old) remove(old);
    ties.tie(*entry);
    entry->place = order.insert(order.end(), entry);
    entry->kept = true;
    bytes += entry->bytes;
    std::lock_guard const lock(shard.mutex);
    shard.entries.insert_or_assign(entry->key, entry);
  }

  void remove(std::shared_ptr<Entry> const& entry) {
    if (!std::exchange(entry->kept, false)) return;
    {
      auto& shard = shard_of(entry->key);
      std::lock_guard const lock(shard.mutex);
      shard.entries.erase(entry->key);
    }
    ties.untie(*entry);
    bytes -= entry->bytes;
    order.erase(entry->place);
  }

  void make_room() {
    while (bytes > most_bytes && !order.empty()) {
      auto const oldest = order.front();
      if (oldest->used_lately.exchange(false, std::memory_order_relaxed))
        order.splice(order.end(), order, order.begin());
      else
        remove(oldest);
    }
  }

  void remove_all() {
    while (!order.empty()) {
      remove(std::shared_ptr<Entry>(order.front()));
      ++evictions;
    }
  }

  void evict_one(DependencyKey key) {
    for (auto* const entry : ties.entries_of(key)) {
      remove(std::shared_ptr<Entry>(*entry->place));
      ++evictions;
    }
  }

  // Without locks:

  std::shared_ptr<Entry> make_entry(PageKey const& key, Response response);
  Reply reply_from(Entry const& entry, Variant const& variant, Encoding encoding, Conditions const& conditions) const;
  Reply plain_from(Entry const& entry, Variant const& compressed) const;
  void improve_later(std::shared_ptr<Entry> entry);
  void improve(std::shared_ptr<Entry> const& entry);
};

PageCache::PageCache(std::int64_t most_bytes, Clock const& clock, Transport transport, InBackground in_background)
    : state_(std::make_shared<State>(most_bytes, clock, transport, std::move(in_background))) {}
PageCache::~PageCache() = default;

namespace {

enum class Known : std::uint8_t { no, yes };

Known known_to_client(Entry const& entry, Conditions const& conditions) {
  if (!conditions.if_none_match.empty())
    return matching_tag(conditions.if_none_match, entry.content).empty() ? Known::no : Known::yes;
  if (conditions.if_modified_since.empty() || entry.last_modified == 0) return Known::no;
  auto const since = parse_http_date(conditions.if_modified_since);
  return since.ok() && seconds_of(*since) >= entry.last_modified ? Known::yes : Known::no;
}

Reply not_modified(Entry const& entry, Conditions const& conditions) {
  auto tag = matching_tag(conditions.if_none_match, entry.content);
  if (tag == "*") tag = {};
  return {.status = 304, .head = std::make_shared<std::string const>(not_modified_head(Caching::page, tag))};
}

}  // namespace

std::optional<PageCache::Found> PageCache::find(PageKey const& key, Encoding encoding, Conditions const& conditions) {
  auto& shard = state_->shard_of(key);
  bool const conditional = !conditions.if_none_match.empty() || !conditions.if_modified_since.empty();
  std::shared_ptr<Entry> entry;  // only when more than the bytes is needed
  Variant variant;
  bool stale = false;
  bool hot = false;
  {
    std::lock_guard const lock(shard.mutex);
    auto const found = shard.entries.find(key);
    if (found == shard.entries.end()) {
      ++shard.misses;
      return std::nullopt;
    }
    ++shard.hits;
    auto& kept = *found->second;
    variant = best_of(kept, encoding);
    kept.used_lately.store(true, std::memory_order_relaxed);
    hot = ++kept.uses == kHotUses && state_->in_background;
    if (kept.facts.soft) {
      auto const now = state_->clock.now();
      stale = now > kept.fresh_until && now > kept.asked_to_rebuild + kRebuildPatience;
      if (stale) kept.asked_to_rebuild = now;
    }
    if (conditional || hot || !variant) entry = found->second;
  }
  if (hot) state_->improve_later(entry);
  if (!entry || (variant && !conditional)) return Found{variant.reply(), stale};
  if (!variant) {
    std::lock_guard const lock(shard.mutex);
    variant = entry->variants[1];
  }
  return Found{state_->reply_from(*entry, variant, encoding, conditions), stale};
}

/// `variant` is plain, or compressed although the client wants it plain.
Reply PageCache::State::reply_from(Entry const& entry, Variant const& variant, Encoding encoding,
                                   Conditions const& conditions) const {
  if (known_to_client(entry, conditions) == Known::yes) return not_modified(entry, conditions);
  bool const compressed = entry.variants[0].head == nullptr;
  return encoding == Encoding::identity && compressed ? plain_from(entry, variant) : variant.reply();
}

Reply PageCache::State::plain_from(Entry const& entry, Variant const& compressed) const {
  auto text = gunzip(*compressed.body, entry.plain_bytes);
  if (!text.ok()) {
    log::error("{}", describe(text.error()));
    return finish(plain("The page is damaged.\n", 500), transport, Encoding::identity, {});
  }
  return make_variant(entry, transport, Encoding::identity, "i", std::move(*text)).reply();
}

std::uint64_t PageCache::moment() const { return state_->now.load(); }

namespace {

bool may_be_kept(Response const& response) {
  return response.status == 200 && response.caching == Caching::page && !response.file &&
         header_of(response, "Set-Cookie").empty();
}

}  // namespace

std::shared_ptr<Entry> PageCache::State::make_entry(PageKey const& key, Response response) {
  auto entry = std::make_shared<Entry>();
  auto const body = std::exchange(response.body, {});
  entry->key = {std::string(key.path), key.language};
  entry->content = content_name(body);
  entry->plain_bytes = body.size();
  if (auto const said = parse_http_date(header_of(response, "Last-Modified")); said.ok())
    entry->last_modified = seconds_of(*said);
  entry->fresh_until = clock.now() + kSoftAge;
  std::ranges::sort(response.depends_on);
  response.depends_on.erase(std::ranges::unique(response.depends_on).begin(), response.depends_on.end());
  response.depends_on.shrink_to_fit();
  entry->facts = std::move(response);
  if (worth_compressing(entry->facts.content_type, body.size()))
    entry->variants[1] = make_variant(*entry, transport, Encoding::gzip, "g1", gzip(body, Effort::quick));
  else
    entry->variants[0] = make_variant(*entry, transport, Encoding::identity, "i", body);
  entry->bytes = kEntryCost + static_cast<std::int64_t>(entry->key.path.size()) + entry->variants[0].bytes() +
                 entry->variants[1].bytes() +
                 kDependencyCost * static_cast<std::int64_t>(entry->facts.depends_on.size());
  return entry;
}

Reply PageCache::put(PageKey const& key, Encoding encoding, Conditions const& conditions, Response response,
                     std::uint64_t moment) {
  if (!may_be_kept(response)) return finish(std::move(response), state_->transport, encoding, conditions);
  auto const entry = state_->make_entry(key, std::move(response));
  auto const variant = best_of(*entry, encoding);
  auto reply = state_->reply_from(*entry, variant ? variant : entry->variants[1], encoding, conditions);
  if (entry->bytes <= state_->most_bytes / 4) {
    std::lock_guard const lock(state_->writers);
    if (!state_->touched_since(entry->facts.depends_on, moment)) {
      state_->keep(entry);
      state_->make_room();
    }
  }
  return reply;
}

void PageCache::State::improve_later(std::shared_ptr<Entry> entry) {
  std::weak_ptr<State> const self = weak_from_this();
  bool const accepted = in_background([self, entry] {
    if (auto const state = self.lock()) state->improve(entry);
  });
  if (accepted) return;
  std::lock_guard const lock(shard_of(entry->key).mutex);
  entry->uses = 0;  // asks again when it has been used as often once more
}

void PageCache::State::improve(std::shared_ptr<Entry> const& entry) {
  Variant first;
  {
    std::lock_guard const lock(shard_of(entry->key).mutex);
    first = entry->variants[1];
  }
  if (!first) return;
  auto const text = gunzip(*first.body, entry->plain_bytes);
  if (!text.ok()) return;
  auto const better = make_variant(*entry, transport, Encoding::gzip, "g6", gzip(*text, Effort::thorough));
  auto const best = make_variant(*entry, transport, Encoding::brotli, "b5", brotli(*text));
  std::lock_guard const writing(writers);
  if (!entry->kept) return;
  auto const growth = better.bytes() + best.bytes() - first.bytes();
  {
    std::lock_guard const lock(shard_of(entry->key).mutex);
    entry->variants[1] = better;
    entry->variants[2] = best;
  }
  entry->bytes += growth;
  bytes += growth;
  make_room();
}

void PageCache::evict(std::span<DependencyKey const> keys) {
  std::lock_guard const lock(state_->writers);
  auto const moment = ++state_->now;
  for (auto const key : keys) {
    state_->note_eviction(key, moment);
    if (key == kEveryPage)
      state_->remove_all();
    else
      state_->evict_one(key);
  }
}

void PageCache::clear() {
  constexpr DependencyKey everything[] = {kEveryPage};
  evict(everything);
}

CacheStats PageCache::stats() const {
  CacheStats stats;
  for (auto const& shard : state_->shards) {
    std::lock_guard const lock(shard.mutex);
    stats.hits += shard.hits;
    stats.misses += shard.misses;
    stats.entries += static_cast<std::int64_t>(shard.entries.size());
  }
  stats.evictions = state_->evictions.load();
  stats.bytes = state_->bytes.load();
  return stats;
}

}  // namespace courant::web
