#include "features/accounts/sessions.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "features/accounts/sql.hpp"

namespace courant::accounts {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenLength = 43;  // 32 bytes as base64url without padding

void note_use(store::Store& store, SessionCache& cache, std::string const& hash, Time now) {
  cache.set_last_seen(hash, now);
  store.submit([hash, now](store::Transaction& transaction) { return sql::set_last_seen(transaction, hash, now); },
               [](Done done) {
                 // The session stays good either way; the next request after the hour tries again on the next node.
                 if (!done.ok()) log::warn("a session's last use was not noted: {}", describe(done.error()));
               });
}

web::Viewer note_and_return(store::Store& store, SessionCache& cache, std::string const& hash, KeptSession session,
                            Time now) {
  if (now - session.last_seen_at >= kLastSeenStep) note_use(store, cache, hash, now);
  return std::move(session.viewer);
}

}  // namespace

std::string new_token() { return crypto::random_token(kTokenBytes); }

std::string token_hash(std::string_view token) { return crypto::hex(crypto::sha256(token)); }

std::string csrf_token(std::string_view token) {
  auto const digest = crypto::hmac_sha256(token, "courant csrf 1");
  return crypto::base64url({reinterpret_cast<char const*>(digest.data()), digest.size()});
}

web::Viewer viewer_of(Account const& account, std::string_view token, Time signed_in_at) {
  web::Viewer viewer;
  viewer.account = account.id;
  viewer.role = account.role;
  viewer.name = account.name;
  viewer.session = token_hash(token);
  viewer.csrf_token = csrf_token(token);
  viewer.signed_in_at = signed_in_at;
  viewer.suspended = account.state == AccountState::suspended;
  return viewer;
}

Result<std::optional<web::Viewer>> viewer_with_token(store::Store& store, SessionCache& cache, Clock const& clock,
                                                     std::string_view token) {
  if (token.size() != kTokenLength) return std::optional<web::Viewer>{};
  auto const hash = token_hash(token);
  auto const now = clock.now();
  if (auto kept = cache.find(hash); kept && !session_over(kept->viewer.signed_in_at, kept->last_seen_at, now))
    return std::optional(note_and_return(store, cache, hash, std::move(*kept), now));

  // Unknown here, or over as far as this node knows: another node may have seen it since.
  auto const moment = cache.moment();
  auto const open = TRY(store::read_value(
      store, [&](store::Connection& connection) { return sql::session_with_hash(connection, hash); }));
  if (!open || session_over(open->session.signed_in_at, open->session.last_seen_at, now))
    return std::optional<web::Viewer>{};
  KeptSession session{viewer_of(open->account, token, open->session.signed_in_at), open->session.last_seen_at};
  cache.keep(hash, session, moment);
  return std::optional(note_and_return(store, cache, hash, std::move(session), now));
}

}  // namespace courant::accounts
