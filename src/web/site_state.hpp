// What a Site is made of. Only site.cpp and answering.cpp look inside.
#pragma once
#include <mutex>

#include "web/assets.hpp"
#include "web/idempotency.hpp"
#include "web/rate_limits.hpp"
#include "web/site.hpp"

namespace courant::web {

struct Site::State {
  Settings settings;
  Ground ground;
  Transport transport;
  Assets assets;
  Catalogue catalogue;
  Templates templates;
  PageCache pages;
  Router router;
  Slots slots;
  SessionSource sessions;
  RateLimits limits;
  Idempotency idempotency;
  std::once_flag compiled;

  /// The routes, once the first request is there and no feature adds any more.
  Router const& routes() {
    std::call_once(compiled, [&] { router.compile(); });
    return router;
  }
};

}  // namespace courant::web
