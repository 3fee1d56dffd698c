#include "features/accounts/accounts.hpp"

#include "base/log.hpp"
#include "features/accounts/audit.hpp"
#include "features/accounts/pages.hpp"
#include "features/accounts/projection.hpp"
#include "features/accounts/sessions.hpp"
#include "features/accounts/sign_in_limit.hpp"
#include "features/accounts/sql.hpp"
#include "text/query.hpp"
#include "web/embedded.hpp"

namespace courant::accounts {

std::vector<store::Migration> migrations() { return web::migrations_of("accounts"); }

std::vector<std::string> tables_not_backed_up() { return {"account_sessions"}; }

namespace {

using web::Access;
using web::Method;

void add_routes(web::Router& routes) {
  // On workers although they need no rows: a page that is kept for others could hold no token for its form.
  routes.worker("/sign-up", Access::anyone, pages::show_sign_up).query = {"next"};
  routes.command(Method::post, "/sign-up", Access::anyone, pages::sign_up).limit = {20, 1h};
  routes.worker("/sign-in", Access::anyone, pages::show_sign_in).query = {"new", "next"};
  routes.command(Method::post, "/sign-in", Access::anyone, pages::sign_in).limit = {30, 10min};
  routes.command(Method::post, "/sign-out", Access::anyone, pages::sign_out);

  routes.worker("/account", Access::signed_in, pages::show_account).query = {"done"};
  routes.command(Method::post, "/account/name", Access::signed_in, pages::rename).limit = {10, 1h};
  routes.command(Method::post, "/account/sessions/end", Access::signed_in, pages::end_sessions);
  routes.worker("/account/password", Access::signed_in, pages::show_password);
  routes.command(Method::post, "/account/password", Access::signed_in, pages::change_password).limit = {10, 1h};
  routes.worker("/account/confirm", Access::signed_in, pages::show_confirm).query = {"next"};
  routes.command(Method::post, "/account/confirm", Access::signed_in, pages::confirm).limit = {20, 10min};

  routes.worker("/api/v1/viewer", Access::anyone, pages::show_viewer);
  routes.worker("/admin/audit", Access::administrator, pages::show_audit).query = {"before"};
}

Done end_old_sessions(store::Store& store, Clock const& clock) {
  auto const now = clock.now();
  return store.write([&](store::Transaction& transaction) -> Done {
    TRY(sql::delete_sessions_before(transaction, now - kIdleSession, now - kLongestSession));
    return {};
  });
}

/// Whoever rewrites the whole chain must rewrite the logs of every day, too.
Done log_audit_head(store::Store& store) {
  auto const head =
      TRY(store::read_value(store, [](store::Connection& connection) { return audit::sql::head(connection); }));
  log::info("the audit log's head is entry {} with hash {}", head.position, head.hash);
  return {};
}

}  // namespace

Done install(web::Site& site) {
  auto& ground = site.ground();
  auto& cache = site.keep<SessionCache>();
  site.keep<SignInLimit>();
  site.keep<pages::ViewerLinks>();

  site.set_session_source([&ground, &cache](std::string_view token) {
    return viewer_with_token(ground.store, cache, ground.clock, token);
  });
  auto const head =
      TRY(store::read_value(ground.store, [](store::Connection& connection) { return journal::head(connection); }));
  ground.journal.follow("accounts", head, [&cache](journal::Event const& event) { cache.apply(event); });
  ground.jobs.every("accounts.end_old_sessions", 1h,
                    [&ground] { return end_old_sessions(ground.store, ground.clock); });
  ground.jobs.every("accounts.log_audit_head", 24h, [&ground] { return log_audit_head(ground.store); });

  add_routes(site.routes());
  site.slots().fill<web::Frame>(web::kMastheadAccount, pages::masthead);
  return {};
}

void add_viewer_link(web::Site& site, ViewerLink link) {
  site.get<pages::ViewerLinks>().links.push_back(std::move(link));
}

std::optional<web::Response> ask_for_password(web::WorkerContext const& context, std::string_view path) {
  if (context.viewer() && signed_in_recently(*context.viewer(), context.now())) return std::nullopt;
  return web::see_other("/account/confirm?next=" + text::percent_encode(path));
}

}  // namespace courant::accounts
