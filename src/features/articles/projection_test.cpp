#include "features/articles/projection.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

namespace courant::articles {
namespace {

Article article(std::int64_t id, std::int64_t published_at) {
  Article article;
  article.id = {id};
  article.author = {12};
  article.channel = {101};
  article.state = State::published;
  article.version = 1;
  article.title = "题目 " + std::to_string(id);
  article.slug = "题目-" + std::to_string(id);
  article.summary = "摘要";
  article.language = "zh-Hans";
  article.tags = {"桥", "City"};
  article.published_at = Time{published_at};
  return article;
}

std::vector<std::int64_t> ids(Screen const& screen) {
  std::vector<std::int64_t> out;
  for (auto const& card : screen.cards) out.push_back(card.id.value);
  return out;
}

TEST_CASE("a card is what was taken") {
  Published published;
  Article taken = article(7, 1'000);
  taken.corrected_at = Time{2'000};
  taken.cover = {std::string(64, 'c'), 320, 200};
  published.take(taken);
  auto const card = published.find({7});
  REQUIRE(card);
  CHECK(card->title == taken.title);
  CHECK(card->slug == taken.slug);
  CHECK(card->summary == taken.summary);
  CHECK(card->language == "zh-Hans");
  CHECK(card->tags == taken.tags);
  CHECK(card->corrected_at == taken.corrected_at);
  CHECK(card->cover.blob == taken.cover.blob);
  CHECK(card->cover.width == 320);
  CHECK(card->author == taken.author);
  CHECK(card->channel == taken.channel);
}

TEST_CASE("lists go from the newest to the oldest and are paged without gap or double") {
  Published published;
  for (std::int64_t id = 1; id <= 10; ++id) published.take(article(id, id / 2));  // two share each time
  std::vector<std::int64_t> all;
  std::optional<Place> before;
  for (;;) {
    auto const screen = published.latest(before, 3);
    for (auto const id : ids(screen)) all.push_back(id);
    if (!screen.more) break;
    before = Place::of(screen.cards.back());
  }
  CHECK(all == std::vector<std::int64_t>{10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  CHECK(ids(published.of_author({12}, std::nullopt, 2)) == std::vector<std::int64_t>{10, 9});
  CHECK(ids(published.of_channel({101}, std::nullopt, 2)) == std::vector<std::int64_t>{10, 9});
  CHECK(published.of_channel({102}, std::nullopt, 2).cards.empty());
  CHECK(published.count_of(Id<Author>{12}) == 10);
}

TEST_CASE("a place survives being written and read, and nonsense is no place") {
  Place const place{{1'700'000'000'000'000}, {17}};
  CHECK(Place::parse(place.str()) == place);
  CHECK(Place::parse(Place{{-5}, {17}}.str()) == Place{{-5}, {17}});
  for (auto const* text : {"", "-", "1", "1-", "-1", "1-0", "1-x", "x-1", "1-2-3"}) CHECK(!Place::parse(text));
}

TEST_CASE("tags are found however they are written") {
  Published published;
  published.take(article(1, 1));
  CHECK(published.of_tag("CITY", std::nullopt, 5).cards.size() == 1);
  CHECK(published.tag_written("ｃｉｔｙ") == "City");
  CHECK(!published.tag_written("village"));
  Article newer = article(2, 2);
  newer.tags = {"CITY"};
  published.take(newer);
  CHECK(published.tag_written("city") == "CITY");
  CHECK(published.find({1})->tags == std::vector<std::string>{"桥", "City"});
}

TEST_CASE("an article with one tag in two spellings stands once under it, also after it is withdrawn") {
  Published published;
  Article twice = article(1, 1);
  twice.tags = {"go", "Go"};
  published.take(twice);
  CHECK(published.of_tag("go", std::nullopt, 5).cards.size() == 1);
  twice.version = 2;
  twice.state = State::withdrawn;
  published.take(twice);
  CHECK(published.of_tag("go", std::nullopt, 5).cards.empty());
}

TEST_CASE("what is withdrawn is in no list and known as withdrawn; what is restored comes back to its place") {
  Published published;
  for (std::int64_t id = 1; id <= 3; ++id) published.take(article(id, id));
  Article second = article(2, 2);
  second.version = 2;
  second.state = State::withdrawn;
  published.take(second);
  CHECK(!published.find({2}));
  CHECK(published.is_withdrawn({2}));
  CHECK(ids(published.latest(std::nullopt, 9)) == std::vector<std::int64_t>{3, 1});
  CHECK(published.in_order_of_ids(0, 9).size() == 2);
  CHECK(published.places() == 3);
  second.version = 3;
  second.state = State::published;
  published.take(second);
  CHECK(ids(published.latest(std::nullopt, 9)) == std::vector<std::int64_t>{3, 2, 1});
}

TEST_CASE("an older version than the known one changes nothing") {
  Published published;
  Article newer = article(1, 1);
  newer.version = 5;
  newer.title = "新";
  published.take(newer);
  Article older = article(1, 1);
  older.version = 4;
  older.state = State::withdrawn;
  published.take(older);
  CHECK(published.find({1})->title == "新");
}

TEST_CASE("drafts are never taken") {
  Published published;
  Article draft = article(1, 1);
  draft.state = State::draft;
  published.take(draft);
  CHECK(!published.find({1}));
  CHECK(!published.is_withdrawn({1}));
  CHECK(published.count() == 0);
}

TEST_CASE("a hidden article is shown again only by a newer row") {
  Published published;
  published.take(article(1, 1));
  published.hide({1}, 1);
  CHECK(!published.find({1}));
  published.take(article(1, 1));
  CHECK(!published.find({1}));
  Article newer = article(1, 1);
  newer.version = 2;
  published.take(newer);
  CHECK(published.find({1}));
}

TEST_CASE("a change of channel moves the article from list to list") {
  Published published;
  published.take(article(1, 1));
  Article moved = article(1, 1);
  moved.version = 2;
  moved.channel = {102};
  published.take(moved);
  CHECK(published.of_channel({101}, std::nullopt, 5).cards.empty());
  CHECK(published.of_channel({102}, std::nullopt, 5).cards.size() == 1);
  CHECK(published.count_of(Id<Channel>{101}) == 0);
}

TEST_CASE("readers see whole articles while others change") {
  Published published;
  for (std::int64_t id = 1; id <= 50; ++id) published.take(article(id, id));
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  auto const read = [&] {
    while (!done)
      for (auto const& card : published.latest(std::nullopt, 20).cards)
        if (card.title != "题目 " + std::to_string(card.id.value) || card.tags.size() != 2) ++torn;
  };
  std::thread first(read), second(read);
  for (int round = 2; round < 100; ++round) {
    for (std::int64_t id = 1; id <= 50; ++id) {
      Article changed = article(id, (id * round) % 97);
      changed.version = round;
      if ((id + round) % 3 == 0) changed.state = State::withdrawn;
      published.take(changed);
    }
  }
  done = true;
  first.join();
  second.join();
  CHECK(torn == 0);
}

TEST_CASE("an article costs at most 600 bytes of memory") {
  Published published;
  constexpr int kArticles = 20'000;
  for (int id = 1; id <= kArticles; ++id) {
    Article typical = article(id, id);
    typical.title = "中国科学家在量子计算领域取得重要进展 " + std::to_string(id);
    typical.slug = "中国科学家在量子计算领域取得重要进展-" + std::to_string(id);
    typical.summary.clear();
    for (int i = 0; i < 90; ++i) typical.summary += "量";
    typical.author = {id % 300 + 1};
    typical.channel = {101 + id % 11};
    typical.tags = {"标签" + std::to_string(id % 500), "科技"};
    published.take(typical);
  }
  CHECK(published.bytes() / kArticles <= 600);
}

}  // namespace
}  // namespace courant::articles
