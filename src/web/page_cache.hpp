// Finished pages by a closed key, evicted by what they show. See DESIGN "Page cache".
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "web/catalogue.hpp"
#include "web/compress.hpp"
#include "web/door.hpp"
#include "web/head.hpp"
#include "web/response.hpp"

namespace courant::web {

/// The whole key; nothing else of a request may ever enter it. Later issues add edition and colour scheme here.
struct PageKey {
  std::string_view path;  ///< canonical path, with those query parameters that the route declares
  Language language = Language::zh_hans;

  friend bool operator==(PageKey const&, PageKey const&) = default;
};

/// What a client already has (RFC 9110 section 13.1).
struct Conditions {
  std::string_view if_none_match;
  std::string_view if_modified_since;  ///< looked at only when the other is empty
};

struct CacheStats {
  std::int64_t hits = 0, misses = 0, evictions = 0, entries = 0, bytes = 0;
};

inline constexpr Duration kSoftAge{30'000'000};  ///< lists and counters may be so old

class PageCache {
 public:
  /// `in_background` runs a task of about a millisecond somewhere else (false: not now); empty: hot pages stay as they
  /// were first compressed.
  using InBackground = std::function<bool(std::function<void()>)>;
  PageCache(std::int64_t most_bytes, Clock const& clock, Transport transport = Transport::http,
            InBackground in_background = {});
  ~PageCache();
  PageCache(PageCache const&) = delete;
  PageCache& operator=(PageCache const&) = delete;

  struct Found {
    Reply reply;         ///< 200, or 304 when the conditions name the page
    bool stale = false;  ///< soft and older than it should be: this caller is the one who should rebuild it
  };
  /// On I/O threads; never blocks beyond a shard's short lock.
  std::optional<Found> find(PageKey const& key, Encoding encoding, Conditions const& conditions);

  /// Note this before rendering; put() refuses a page one of whose keys was evicted since.
  [[nodiscard]] std::uint64_t moment() const;
  /// Compresses, keeps (unless refused) and returns the reply for this client. Kept is only a 200 of Caching::page
  /// without Set-Cookie.
  Reply put(PageKey const& key, Encoding encoding, Conditions const& conditions, Response response,
            std::uint64_t moment);

  /// Forgets every page tied to one of the keys. Call it after what the pages show has changed: a page made from the
  /// old state is then refused by put().
  void evict(std::span<DependencyKey const> keys);
  void clear();
  [[nodiscard]] CacheStats stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace courant::web
