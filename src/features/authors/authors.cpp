#include "features/authors/authors.hpp"

#include "features/accounts/accounts.hpp"
#include "features/authors/events.hpp"
#include "features/authors/pages.hpp"
#include "web/embedded.hpp"

namespace courant::authors {

std::vector<store::Migration> migrations() { return web::migrations_of("authors"); }

namespace {

using web::Access;
using web::Method;

constexpr std::int64_t kMostPictureBytes = 10 << 20;

void add_routes(web::Router& routes) {
  routes.worker("/account/author", Access::author, pages::show_profile).query = {"done"};
  routes.command(Method::post, "/account/author", Access::author, pages::save_profile).limit = {30, 1h};
  auto& picture = routes.command(Method::post, "/account/author/picture", Access::author, pages::save_picture);
  picture.limit = {20, 1h};
  picture.most_upload_bytes = kMostPictureBytes;
  routes.command(Method::post, "/account/author/picture/remove", Access::author, pages::remove_picture);

  routes.page("/avatar/{author}/{blob}", pages::send_picture);
  routes.page("/api/v1/authors/{handle}", pages::show_json);
}

}  // namespace

Done install(web::Site& site) {
  auto& ground = site.ground();
  auto& projection = site.keep<Projection>(ground.store);
  auto const loaded = TRY(projection.load());
  ground.journal.follow_with_rows("authors", loaded, [&site, &projection](journal::Event const& event) -> Done {
    if (event.kind != kAuthorJoined && event.kind != kAuthorChanged) return {};
    TRY(projection.apply(event));
    web::DependencyKey const key = event.subject;
    site.pages().evict({&key, 1});
    return {};
  });
  add_routes(site.routes());
  accounts::add_viewer_link(site, {"/account/author", "authors.profile", Access::author});
  return {};
}

// --- The card -------------------------------------------------------------------------------------------------------

Result<web::TrustedHtml> author_card(Author const& author, CardNumbers const& numbers, web::PageContext const& page) {
  web::Model model;
  model.set("NAME", author.name).set("PATH", path_of(author));
  model.set("KIND", page.text("authors.kind_" + std::string(name_of(author.kind))));
  if (!author.bio.empty()) model.add("BIO").set("TEXT", author.bio);
  if (!author.field.empty()) model.add("FIELD").set("TEXT", author.field);
  if (!author.region.empty()) model.add("REGION").set("TEXT", author.region);
  if (auto const picture = avatar_path(author, 160); !picture.empty()) model.add("PICTURE").set("SOURCE", picture);
  if (numbers.articles) model.add("ARTICLES").set("COUNT", *numbers.articles);
  return page.render("authors/author_card.html", model);
}

namespace {

/// WebP is read by every browser of the last years and smaller; among equals the narrowest that is wide enough.
bool is_better(media::Variant const& a, media::Variant const& b, std::int32_t width) {
  auto const rank = [&](media::Variant const& variant) {
    bool const wide = variant.width >= width;
    return std::tuple(!wide, variant.format != media::Format::webp, variant.animated,
                      wide ? variant.width : -variant.width);
  };
  return rank(a) < rank(b);
}

}  // namespace

std::string avatar_path(Author const& author, std::int32_t width) {
  if (!author.avatar || author.avatar->variants.empty()) return {};
  auto const& variants = author.avatar->variants;
  auto const best = std::ranges::min_element(
      variants, [&](media::Variant const& a, media::Variant const& b) { return is_better(a, b, width); });
  return "/avatar/" + author.id.str() + "/" + best->blob.str();
}

}  // namespace courant::authors
