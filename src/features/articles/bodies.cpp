#include "features/articles/bodies.hpp"

#include <algorithm>

#include "features/articles/show.hpp"
#include "features/articles/sql.hpp"

namespace courant::articles {
namespace {

constexpr std::int32_t kCardWidth = 1200;  // pixels: what other sites ask for in cards

}  // namespace

std::size_t ShownBody::bytes() const {
  constexpr std::size_t kEntry = 200;  // list and table nodes
  return sizeof(ShownBody) + kEntry + html.capacity() + feed_html.capacity() + summary.capacity() + source.capacity() +
         source_address.capacity() + correction_note.capacity() + picture_path.capacity();
}

ShownBody shown(Article const& article, Body body, std::vector<ArticlePicture> const& pictures,
                std::string_view site_url) {
  ShownBody shown;
  shown.version = article.version;
  shown.html = shown_html(body.html, pictures);
  std::string feed = feed_html(body.html, pictures, site_url);
  if (feed != shown.html) shown.feed_html = std::move(feed);
  shown.summary = article.summary;
  shown.source = std::move(body.source);
  shown.source_address = std::move(body.source_address);
  shown.correction_note = std::move(body.correction_note);
  shown.characters = body.characters;
  auto const first = std::ranges::find_if(pictures, &ArticlePicture::live);
  if (first != pictures.end()) {
    if (auto const* variant = plain_variant(first->picture, kCardWidth)) {
      shown.picture_path = media_path(variant->blob.str());
      shown.picture_width = variant->width;
      shown.picture_height = variant->height;
    }
  }
  return shown;
}

BodyPointer Bodies::find(Id<Article> id, std::int64_t version) {
  std::scoped_lock lock(mutex_);
  auto const found = by_id_.find(id);
  if (found == by_id_.end() || found->second->body->version < version) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->body;
}

Result<BodyPointer> Bodies::load(store::Store& store, Id<Article> id) {
  std::uint64_t before = 0;
  {
    std::scoped_lock lock(mutex_);
    before = forgotten_;
  }
  BodyPointer body;
  TRY(store.snapshot([&](store::Connection& connection) -> Done {
    auto const article = TRY(sql::find(connection, id));
    auto stored = TRY(sql::body(connection, id));
    if (!article || !stored) return missing("articles.no_such_article");
    auto const pictures = TRY(sql::pictures(connection, id));
    body = std::make_shared<ShownBody const>(shown(*article, std::move(*stored), pictures, site_url_));
    return {};
  }));
  std::scoped_lock lock(mutex_);
  if (forgotten_ == before) keep(id, body);
  return body;
}

void Bodies::forget(Id<Article> id) {
  std::scoped_lock lock(mutex_);
  ++forgotten_;
  if (auto const found = by_id_.find(id); found != by_id_.end()) drop(found->second);
}

std::size_t Bodies::bytes() const {
  std::scoped_lock lock(mutex_);
  return bytes_;
}

void Bodies::keep(Id<Article> id, BodyPointer body) {
  if (auto const found = by_id_.find(id); found != by_id_.end()) drop(found->second);
  bytes_ += body->bytes();
  entries_.push_front({id, std::move(body)});
  by_id_.emplace(id, entries_.begin());
  while (bytes_ > most_bytes_ && entries_.size() > 1) drop(std::prev(entries_.end()));
}

void Bodies::drop(Entries::iterator entry) {
  bytes_ -= entry->body->bytes();
  by_id_.erase(entry->id);
  entries_.erase(entry);
}

}  // namespace courant::articles
