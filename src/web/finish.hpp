// Makes a Response that is not kept into bytes.
#pragma once
#include "web/door.hpp"
#include "web/head.hpp"
#include "web/page_cache.hpp"

namespace courant::web {

/// `encoding` must be identity for what holds a secret beside a visitor's words, or its size would tell the secret
/// (BREACH).
[[nodiscard]] Reply finish(Response response, Transport transport, Encoding encoding, Conditions const& conditions);

}  // namespace courant::web
