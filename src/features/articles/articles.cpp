#include "features/articles/articles.hpp"

#include "features/accounts/accounts.hpp"
#include "features/articles/derive.hpp"
#include "features/articles/follow.hpp"
#include "features/articles/old_paths.hpp"
#include "features/articles/pages.hpp"
#include "web/embedded.hpp"
#include "web/site.hpp"

namespace courant::articles {
namespace {

using web::Access;
using web::Method;

constexpr std::int64_t kMostFormBytes = 4 << 20;  // the longest text in a form's encoding, with everything around it

void add_reading(web::Router& routes) {
  routes.page("/a/{id}", pages::show_article);
  routes.page("/a/{id}/{slug}", pages::show_article);
  routes.page("/author/{handle}", pages::show_author).query = {"before"};
  routes.page("/tag/{tag}", pages::show_tag).query = {"before"};
  routes.page("/api/v1/articles/{id}", pages::show_json);
  routes.worker("/media/{blob}", Access::anyone, pages::show_media);
  routes.worker(std::string(kOldPathPattern), Access::anyone, pages::follow_old_path);
}

void add_writing(web::Router& routes, web::Settings const& settings) {
  routes.worker("/write", Access::author, pages::show_new);
  routes.worker("/write/{id}", Access::author, pages::show_edit).query = {"done"};
  routes.worker("/write/{id}/preview", Access::author, pages::show_preview);
  auto& save = routes.command(Method::post, "/write/{id}", Access::author, pages::save);
  save.limit = {120, 1h};
  save.most_body_bytes = kMostFormBytes;
  save.most_upload_bytes = settings.most_upload_bytes;
  routes.command(Method::post, "/write/{id}/withdraw", Access::author, pages::withdraw).limit = {60, 1h};
  routes.command(Method::post, "/write/{id}/undo", Access::author, pages::undo).limit = {60, 1h};
  routes.command(Method::post, "/write/{id}/delete", Access::author, pages::remove).limit = {60, 1h};
  routes.worker("/my/articles", Access::author, pages::show_mine).query = {"before"};
}

Done follow_the_journal(web::Site& site) {
  auto& ground = site.ground();
  auto& published = site.keep<Published>();
  auto& bodies = site.keep<Bodies>(static_cast<std::size_t>(site.settings().body_cache_bytes), site.settings().url);
  auto& follower = site.keep<Follower>(ground.store, published, bodies, site.pages());
  auto const loaded = TRY(published.load(ground.store));
  ground.journal.follow_with_rows("articles", loaded,
                                  [&follower](journal::Event const& event) { return follower.apply(event); });
  return {};
}

}  // namespace

std::vector<store::Migration> migrations() { return web::migrations_of("articles"); }

Done install(web::Site& site) {
  site.keep<ChannelsAbove>();
  TRY(follow_the_journal(site));
  handle_derivations(site);
  add_reading(site.routes());
  add_writing(site.routes(), site.settings());
  accounts::add_viewer_link(site, {"/write", "articles.write", Access::author});
  accounts::add_viewer_link(site, {"/my/articles", "articles.mine_title", Access::author});
  return {};
}

void set_channels(web::Site& site, ChannelSource source) { site.get<ChannelsAbove>().source = std::move(source); }

}  // namespace courant::articles
