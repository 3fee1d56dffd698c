#include "features/accounts/sign_in_limit.hpp"

#include "base/crypto.hpp"

namespace courant::accounts {
namespace {
constexpr std::size_t kMostKept = 100'000;
}

SignInLimit::SignInLimit() : salt_(crypto::random_bytes(16)) {}

std::optional<int> SignInLimit::take_try(std::string_view login_key, Time now) {
  std::scoped_lock lock(mutex_);
  if (tries_.size() >= kMostKept) forget_old(now);
  auto& tries = tries_[key_of(login_key)];
  if (now >= tries.until) tries = {0, now + kWindow};
  if (tries.count >= kMostTries) return std::nullopt;
  return ++tries.count;
}

void SignInLimit::note_success(std::string_view login_key) {
  std::scoped_lock lock(mutex_);
  tries_.erase(key_of(login_key));
}

// When even the live ones are too many (somebody tries a hundred thousand names), all are let go: the limit by client
// is what holds such a one.
void SignInLimit::forget_old(Time now) {
  std::erase_if(tries_, [&](auto const& entry) { return now >= entry.second.until; });
  if (tries_.size() >= kMostKept) tries_.clear();
}

std::uint64_t SignInLimit::key_of(std::string_view login_key) const {
  return crypto::quick_hash(salt_ + std::string(login_key));
}

}  // namespace courant::accounts
