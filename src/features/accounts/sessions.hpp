// From a cookie to a person. A session is opened by a token of 256 random bits that only the browser has; the database
// keeps its SHA-256, which names the session and opens nothing.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "features/accounts/account.hpp"
#include "features/accounts/projection.hpp"
#include "store/store.hpp"
#include "web/viewer.hpp"

namespace courant::accounts {

/// 43 characters of base64url.
[[nodiscard]] std::string new_token();
/// Hexadecimal SHA-256 of a token: the session's name.
[[nodiscard]] std::string token_hash(std::string_view token);
/// What forms of this session carry: HMAC-SHA-256 under the token, so that it needs no row and dies with the session.
[[nodiscard]] std::string csrf_token(std::string_view token);

[[nodiscard]] web::Viewer viewer_of(Account const& account, std::string_view token, Time signed_in_at);

/// Who holds `token` now; nullopt when nobody does. Notes that the session is in use, at most hourly, without waiting
/// for the write. Runs on workers.
Result<std::optional<web::Viewer>> viewer_with_token(store::Store& store, SessionCache& cache, Clock const& clock,
                                                     std::string_view token);

}  // namespace courant::accounts
