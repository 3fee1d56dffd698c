// Finished pages by a closed key, evicted by what they show. See DESIGN "Page cache".
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "web/catalogue.hpp"
#include "web/door.hpp"
#include "web/response.hpp"

namespace courant::web {

/// The whole key; nothing else of a request may ever enter it. Later issues add edition and colour scheme here.
struct PageKey {
  std::string_view path;     ///< canonical path, with those query parameters that the route declares
  Language language = Language::zh_hans;
};

enum class Encoding : std::uint8_t { identity, gzip, brotli };

struct CacheStats {
  std::int64_t hits = 0, misses = 0, evictions = 0, entries = 0, bytes = 0;
};

class PageCache {
 public:
  explicit PageCache(std::int64_t most_bytes, Clock const& clock);
  ~PageCache();

  struct Found {
    Reply reply;        ///< 200, or 304 when `if_none_match` names the page
    bool stale = false; ///< soft and older than it should be: this caller is the one who should rebuild it
  };
  /// On I/O threads; never blocks beyond a shard's short lock.
  std::optional<Found> find(PageKey const& key, Encoding encoding, std::string_view if_none_match);

  /// Note this before rendering; put() refuses a page one of whose keys was evicted since.
  [[nodiscard]] std::uint64_t moment() const;
  /// Compresses, keeps (unless refused) and returns the reply for this client.
  Reply put(PageKey const& key, Encoding encoding, std::string_view if_none_match, Response response, std::uint64_t moment);

  void evict(std::span<DependencyKey const> keys);
  void clear();
  [[nodiscard]] CacheStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace courant::web
