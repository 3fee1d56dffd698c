// The operator's own listener: /healthz, /readyz, /metrics (Prometheus text). Loopback by default, never the public
// one.
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "store/store.hpp"
#include "web/door.hpp"
#include "web/site.hpp"

namespace courant::app {

/// What net counts, handed in so that this file does not know the wire.
struct WireCounts {
  std::int64_t connections = 0;
  std::int64_t requests = 0;
  std::int64_t refused = 0;
  std::int64_t bytes_sent = 0;
};

class Operations final : public web::Door {
 public:
  Operations(web::Site& site, std::function<WireCounts()> wire);

  /// False from the moment a stop begins, so that a balancer sends nobody any more.
  void set_accepting(bool accepting) { accepting_ = accepting; }

  std::variant<web::Reply, web::NeedsWorker> answer_now(web::Request& request) override;
  web::Reply answer(web::Request& request) override;
  web::BodyRules body_rules(web::Request const&) override { return {}; }
  web::Reply refusal(int status) override;

  /// The whole /metrics text.
  [[nodiscard]] std::string metrics() const;
  /// Empty when ready; else why not.
  [[nodiscard]] std::string unready_because() const;

 private:
  web::Site& site_;
  std::function<WireCounts()> wire_;
  std::atomic<bool> accepting_{true};
};

}  // namespace courant::app
