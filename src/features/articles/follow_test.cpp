#include "features/articles/follow.hpp"

#include <doctest/doctest.h>

#include "features/articles/articles.hpp"
#include "features/articles/test_store.hpp"
#include "web/testing_ground.hpp"

namespace courant::articles {
namespace {

using store::testing::require;
using testing::Desk;

/// A page in the cache that is tied to one key.
struct TiedPage {
  TiedPage(web::PageCache& pages, std::string path, web::DependencyKey key) : pages(pages), path(std::move(path)) {
    web::Response response;
    response.body = "<p>page</p>";
    response.caching = web::Caching::page;
    response.depends_on = {key};
    (void)pages.put({this->path}, web::Encoding::identity, {}, std::move(response), pages.moment());
    REQUIRE(is_there());
  }
  [[nodiscard]] bool is_there() const { return pages.find({path}, web::Encoding::identity, {}).has_value(); }

  web::PageCache& pages;
  std::string path;
};

journal::Event event(std::string_view kind, Article const& article, Id<Channel> channel_before) {
  journal::Event event;
  event.kind = kind;
  event.subject = article.id.value;
  event.version = article.version;
  event.numbers = {article.author.value, article.channel.value, channel_before.value, 0};
  return event;
}

Article published_article() {
  Article article;
  article.id = {17};
  article.author = {12};
  article.channel = {101};
  article.state = State::published;
  article.version = 3;
  article.title = "题目";
  article.tags = {"桥"};
  return article;
}

TEST_CASE("a withdrawal hides the article even while the database is away, and says that it is") {
  web::testing::NoStore away;
  ManualClock clock{Time{1}};
  web::PageCache pages(1 << 20, clock);
  Bodies bodies(1 << 20, "https://news.example");
  Published published;
  Article article = published_article();
  published.take(article);
  Follower follower(away, published, bodies, pages);
  TiedPage const page(pages, "/a/17", 17);

  article.version = 4;
  auto const applied = follower.apply(event(kWithdrawn, article, article.channel));
  REQUIRE(!applied.ok());
  CHECK(applied.error().kind == ErrorKind::unavailable);
  CHECK(!published.find({17}));
  CHECK(!page.is_there());
}

TEST_CASE("a correction into another channel evicts the pages of both, and of old and new tags") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  Draft draft = desk.draft("题目");
  draft.tags = {"旧标签"};
  auto const saved = require(desk.create(id, draft));
  auto const live = require(desk.publish(id, saved.version, draft));
  web::PageCache pages(1 << 20, desk.clock);
  Bodies bodies(1 << 20, "https://news.example");
  Published published;
  require(published.load(*desk.store));
  Follower follower(*desk.store, published, bodies, pages);

  draft.channel = {102};
  draft.tags = {"新标签"};
  require(desk.publish(id, live.version, draft, "换了频道"));
  TiedPage const before(pages, "/channel/before", list_of(Id<Channel>{101}));
  TiedPage const after(pages, "/channel/after", list_of(Id<Channel>{102}));
  TiedPage const old_tag(pages, "/tag/old", list_of_tag("旧标签"));
  TiedPage const new_tag(pages, "/tag/new", list_of_tag("新标签"));
  TiedPage const front(pages, "/", web::kArticleLists);
  TiedPage const other(pages, "/channel/other", list_of(Id<Channel>{103}));
  require(follower.apply(event(kCorrected, desk.article(id), {101})));
  for (auto const* const page : {&before, &after, &old_tag, &new_tag, &front}) CHECK(!page->is_there());
  CHECK(other.is_there());
  CHECK(published.find(id)->channel == Id<Channel>{102});
}

TEST_CASE("more sizes of a picture evict the article's own page and no list") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  auto const saved = require(desk.create(id, desk.draft("题目")));
  require(desk.add_picture(id));
  require(desk.publish(id, saved.version, desk.draft("题目", "![](picture:1)")));
  web::PageCache pages(1 << 20, desk.clock);
  Bodies bodies(1 << 20, "https://news.example");
  Published published;
  require(published.load(*desk.store));
  auto const before = require(bodies.load(*desk.store, id));
  CHECK(before->html.find("image/avif") == std::string::npos);

  media::Variant const avif{media::Format::avif, 640, 480, false, *media::BlobName::parse(std::string(64, 'd')), 500};
  auto const kept = require(store::write_value(*desk.store, [&](store::Transaction& transaction) {
    return keep_variants(transaction, desk.tools, id, 1, {avif});
  }));
  CHECK(kept.event);
  TiedPage const own(pages, "/a/1", id.value);
  TiedPage const front(pages, "/", web::kArticleLists);
  Follower follower(*desk.store, published, bodies, pages);
  require(follower.apply(event(kPicturesDerived, desk.article(id), {101})));
  CHECK(!own.is_there());
  CHECK(front.is_there());
  CHECK(!bodies.find(id, 1));
  CHECK(require(bodies.load(*desk.store, id))->html.find("image/avif") != std::string::npos);
}

}  // namespace
}  // namespace courant::articles
