// What is not a page: the API's JSON, media, and addresses from former sites.
#include <filesystem>

#include "base/json.hpp"
#include "features/articles/old_paths.hpp"
#include "features/articles/pages.hpp"
#include "features/articles/sql.hpp"
#include "features/articles/structured_data.hpp"

namespace courant::articles {

Result<std::string> feed_body(web::PageContext& page, Card const& card) {
  auto const body = TRY(body_of(page, card));
  return body->feed_html.empty() ? body->html : body->feed_html;
}

namespace pages {
namespace {

/// User media never runs in this site's name, whatever a browser takes it for (SECURITY "Files").
constexpr std::string_view kMediaPolicy = "sandbox; default-src 'none'";

bool is_public(sql::BlobClaim const& claim) { return claim.state == State::published && claim.live; }

bool may_see(sql::BlobClaim const& claim, Actor const& actor) {
  return is_public(claim) || relation_of(actor, claim.author) != Relation::stranger;
}

Answer send_blob(web::PageContext& page, media::BlobName const& name, std::string content_type, bool for_everybody) {
  auto const path = page.site().ground().blobs.path(name);
  std::error_code error;
  auto const bytes = std::filesystem::file_size(path, error);
  if (error) return missing("articles.no_such_picture_file");
  web::Response response;
  response.content_type = std::move(content_type);
  response.headers.emplace_back("Content-Security-Policy", kMediaPolicy);
  // Feeds are read elsewhere, and their pictures with them; a draft's picture is for this site's pages alone.
  if (for_everybody) response.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  response.file = web::FileBody{path, static_cast<std::int64_t>(bytes), "\"" + name.str() + "\""};
  response.caching = for_everybody ? web::Caching::revalidate : web::Caching::none;
  return response;
}

/// The path without its trailing slash, when one of our own pages answers there.
std::optional<std::string> without_slash(web::PageContext& page, std::string_view path) {
  if (path.size() < 2 || !path.ends_with('/')) return std::nullopt;
  path.remove_suffix(1);
  auto const match = page.site().routes().find(web::Method::get, path);
  if (!match.route || match.route->pattern == kOldPathPattern) return std::nullopt;
  return std::string(path);
}

}  // namespace

Answer show_json(web::Request const& request, web::PageContext& page) {
  auto const id = Id<Article>::parse(request.part("id"));
  if (!id) return missing("articles.no_such_article");
  auto const card = page.get<Published>().find(*id);
  if (!card) return missing("articles.no_such_article");
  auto const body = TRY(body_of(page, *card));
  auto response = web::json(json::write(public_json(page, *card, *body)));
  response.caching = web::Caching::page;
  response.depends_on = {card->id.value, card->author.value, card->channel.value, web::kEveryPage};
  return response;
}

Answer show_media(web::Request const& request, web::WorkerContext& page) {
  auto const name = media::BlobName::parse(request.part("blob"));
  if (!name) return missing("articles.no_such_picture_file");
  auto const claims = TRY(store::read_value(
      page.store(), [&](store::Connection& connection) { return sql::claims_on(connection, name->str()); }));
  for (auto const& claim : claims)
    if (is_public(claim)) return send_blob(page, *name, claim.content_type, true);
  Actor const actor = actor_of(page);
  for (auto const& claim : claims)
    if (may_see(claim, actor)) return send_blob(page, *name, claim.content_type, false);
  return missing("articles.no_such_picture_file");
}

Answer follow_old_path(web::Request const& request, web::WorkerContext& page) {
  if (auto path = without_slash(page, request.path)) return web::moved(std::move(*path));
  auto path = TRY(find_old_path(page.store(), page.get<Published>(), request.path, request.query));
  if (!path) return missing();
  return web::moved(std::move(*path));
}

}  // namespace pages
}  // namespace courant::articles
