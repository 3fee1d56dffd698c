// A small Door for a listener of its own: /healthz, /readyz, /metrics. Keep that listener on loopback or behind a
// firewall.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "web/door.hpp"

namespace courant::net {

struct StatusAnswer {
  int status = 200;
  std::string text;
  std::string content_type = "text/plain; charset=utf-8";
};

class StatusDoor final : public web::Door {
 public:
  enum class Where : std::uint8_t {
    io_thread,  ///< answers in microseconds and asks nobody: still true when every worker is stuck
    worker,     ///< may look into the database
  };

  /// Before the server starts. `path` as in "/healthz"; GET and HEAD.
  void add(std::string path, Where where, std::function<StatusAnswer()> answer);

  std::variant<web::Reply, web::NeedsWorker> answer_now(web::Request& request) override;
  web::Reply answer(web::Request& request) override;
  web::BodyRules body_rules(web::Request const&) override { return {}; }
  web::Reply refusal(int status) override;

 private:
  struct Page {
    Where where;
    std::function<StatusAnswer()> answer;
  };
  std::map<std::string, Page, std::less<>> pages_;
};

}  // namespace courant::net
