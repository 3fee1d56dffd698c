// Idempotency keys of the API (draft-ietf-httpapi-idempotency-key-header): the same key gets the same answer, and the
// command runs once. In memory: a restart forgets them, as the API's documentation says.
#pragma once
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/result.hpp"
#include "base/time.hpp"
#include "web/door.hpp"

namespace courant::web {

/// Safe from any thread. Answers are kept for a day, within a budget of bytes; the oldest go first.
class Idempotency {
 public:
  explicit Idempotency(Clock const& clock, std::size_t most_bytes = 8 << 20) : clock_(clock), most_bytes_(most_bytes) {}

  /// The kept answer, or nullopt: run the command, then call finish() or abandon(). `request` names what was asked; the
  /// same key with another request is an error. Errors: conflict web.idempotency_in_progress, invalid
  /// web.idempotency_other_request.
  Result<std::optional<Reply>> begin(std::string const& key, std::string const& request);
  void finish(std::string const& key, Reply const& reply);
  /// The command was not carried out: the key may be tried again.
  void abandon(std::string const& key);

 private:
  struct Kept {
    std::string request;
    std::optional<Reply> reply;  // nullopt while it runs
    Time at;
    std::list<std::string>::iterator place;
  };

  Clock const& clock_;
  std::size_t const most_bytes_;
  std::mutex mutex_;
  std::unordered_map<std::string, Kept> kept_;
  std::list<std::string> order_;
  std::size_t bytes_ = 0;

  void forget_old();
  void forget(std::string const& key);
};

}  // namespace courant::web
