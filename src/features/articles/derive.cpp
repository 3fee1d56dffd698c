#include "features/articles/derive.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "features/articles/commands.hpp"
#include "features/articles/sql.hpp"

namespace courant::articles {
namespace {

constexpr std::string_view kDerive = "articles.derive_avif";

struct Which {
  Id<Article> id;
  std::int64_t number = 0;
};

Result<Which> read(std::string_view payload) {
  auto const value = TRY(json::parse(payload));
  auto const* const object = value.if_object();
  auto const* const number = object ? object->if_contains("number") : nullptr;
  if (!number || !number->is_int64()) return broken("a derivation job without a picture");
  auto const id = Id<Article>::parse(json::string_or_empty(*object, "article"));
  if (!id) return broken("a derivation job without an article");
  return Which{*id, number->as_int64()};
}

Done derive(web::Ground& ground, Which which) {
  auto const pictures = TRY(store::read_value(
      ground.store, [&](store::Connection& connection) { return sql::pictures(connection, which.id); }));
  auto const picture = std::ranges::find(pictures, which.number, &ArticlePicture::number);
  if (picture == pictures.end()) return {};  // the draft was deleted meanwhile
  auto const variants = TRY(ground.pictures.derive(picture->picture, media::Format::avif));
  auto const kept = store::write_value(ground.store, [&](store::Transaction& transaction) {
    return keep_variants(transaction, {ground.ids, ground.clock}, which.id, which.number, variants);
  });
  if (!kept.ok() && kept.error().kind != ErrorKind::missing) return kept.error();
  return {};
}

}  // namespace

Done derive_later(store::Transaction& transaction, jobs::Jobs& jobs, Clock const& clock, Id<Article> id,
                  std::int64_t number) {
  json::Object payload;
  payload["article"] = id.str();
  payload["number"] = number;
  TRY(jobs.enqueue(transaction, kDerive, json::write(payload), clock.now()));
  return {};
}

void handle_derivations(web::Site& site) {
  auto& ground = site.ground();
  ground.jobs.handle(std::string(kDerive),
                     [&ground](std::string_view payload) -> Done { return derive(ground, TRY(read(payload))); });
}

}  // namespace courant::articles
