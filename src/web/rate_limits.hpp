// Token buckets in memory: so many at once, refilled evenly over the time.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"

namespace courant::web {

/// So many requests by one client (IPv4 /32, IPv6 /64) or account within the time; {0}: no limit of its own.
struct RateLimit {
  int count = 0;
  Duration per{60'000'000};
};

/// "192.0.2.7" as it is, "2001:db8:1:2:3::4" as its /64 "2001:db8:1:2"; an IPv4 address inside IPv6 as that IPv4
/// address.
[[nodiscard]] std::string client_network(std::string_view address);

/// Safe from any thread. Holds at most `most` buckets; when there are more, those that are full again are forgotten,
/// and if none is, strangers share one bucket.
class RateLimits {
 public:
  explicit RateLimits(Clock const& clock, std::size_t most = 100'000) : clock_(clock), most_(most) {}

  /// Takes one token from the bucket; how long to wait when it is empty.
  [[nodiscard]] std::optional<Duration> take(std::string const& bucket, RateLimit const& limit);

 private:
  struct Bucket {
    double tokens;
    Time filled;
    RateLimit limit;
  };

  Clock const& clock_;
  std::size_t const most_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
  Time swept_;

  Bucket& bucket_of(std::string const& name, RateLimit const& limit, Time now);
};

}  // namespace courant::web
