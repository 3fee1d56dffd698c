#include "web/idempotency.hpp"

namespace courant::web {
namespace {

constexpr Duration kKeep{86'400'000'000};

std::size_t bytes_of(std::string const& key, Reply const& reply) {
  return key.size() + 200 + (reply.head ? reply.head->size() : 0) + (reply.body ? reply.body->size() : 0);
}

}  // namespace

Result<std::optional<Reply>> Idempotency::begin(std::string const& key, std::string const& request) {
  std::lock_guard const lock(mutex_);
  forget_old();
  auto const found = kept_.find(key);
  if (found == kept_.end()) {
    kept_[key] = {request, std::nullopt, clock_.now(), order_.insert(order_.end(), key)};
    return std::optional<Reply>{};
  }
  if (found->second.request != request) return invalid("web.idempotency_other_request");
  if (!found->second.reply) return conflict("web.idempotency_in_progress");
  return found->second.reply;
}

void Idempotency::finish(std::string const& key, Reply const& reply) {
  std::lock_guard const lock(mutex_);
  auto const found = kept_.find(key);
  if (found == kept_.end()) return;
  found->second.reply = reply;
  bytes_ += bytes_of(key, reply);
  forget_old();
}

void Idempotency::abandon(std::string const& key) {
  std::lock_guard const lock(mutex_);
  forget(key);
}

void Idempotency::forget_old() {
  auto const now = clock_.now();
  for (auto each = order_.begin(); each != order_.end();) {
    auto const& kept = kept_.at(*each);
    bool const old = now - kept.at > kKeep;
    if (!old && bytes_ <= most_bytes_) return;
    auto const key = *each++;
    if (kept.reply) forget(key);  // one that runs is not forgotten, or it could run twice
  }
}

void Idempotency::forget(std::string const& key) {
  auto const found = kept_.find(key);
  if (found == kept_.end()) return;
  if (found->second.reply) bytes_ -= bytes_of(key, *found->second.reply);
  order_.erase(found->second.place);
  kept_.erase(found);
}

}  // namespace courant::web
