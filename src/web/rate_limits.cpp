#include "web/rate_limits.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace courant::web {

std::string client_network(std::string_view address) {
  in6_addr six{};
  if (inet_pton(AF_INET6, std::string(address).c_str(), &six) != 1) return std::string(address);
  auto const* const bytes = six.s6_addr;
  constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(bytes, kMapped, sizeof kMapped) == 0)
    return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  return fmt::format("{:02x}{:02x}:{:02x}{:02x}:{:02x}{:02x}:{:02x}{:02x}", bytes[0], bytes[1], bytes[2], bytes[3],
                     bytes[4], bytes[5], bytes[6], bytes[7]);
}

namespace {

double refilled(double tokens, Duration passed, RateLimit const& limit) {
  double const rate = limit.count / static_cast<double>(limit.per.count());
  return std::min<double>(limit.count, tokens + rate * static_cast<double>(std::max<std::int64_t>(0, passed.count())));
}

}  // namespace

RateLimits::Bucket& RateLimits::bucket_of(std::string const& name, RateLimit const& limit, Time now) {
  if (auto const found = buckets_.find(name); found != buckets_.end()) return found->second;
  constexpr Duration kSweepEvery{1'000'000};
  if (buckets_.size() >= most_ && now - swept_ >= kSweepEvery) {
    swept_ = now;
    std::erase_if(buckets_, [&](auto const& each) {
      auto const& bucket = each.second;
      return refilled(bucket.tokens, now - bucket.filled, bucket.limit) >= bucket.limit.count;
    });
  }
  Bucket const full{static_cast<double>(limit.count), now, limit};
  if (buckets_.size() >= most_) return buckets_.try_emplace("everybody else", full).first->second;
  return buckets_.emplace(name, full).first->second;
}

std::optional<Duration> RateLimits::take(std::string const& name, RateLimit const& limit) {
  if (limit.count <= 0) return std::nullopt;
  auto const now = clock_.now();
  std::lock_guard const lock(mutex_);
  auto& bucket = bucket_of(name, limit, now);
  bucket.tokens = refilled(bucket.tokens, now - bucket.filled, limit);
  bucket.filled = now;
  if (bucket.tokens >= 1.0) {
    bucket.tokens -= 1.0;
    return std::nullopt;
  }
  double const microseconds = (1.0 - bucket.tokens) * static_cast<double>(limit.per.count()) / limit.count;
  return Duration{static_cast<std::int64_t>(std::ceil(microseconds))};
}

}  // namespace courant::web
