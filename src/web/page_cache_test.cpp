#include "web/page_cache.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

#include "web/testing_ground.hpp"

using namespace courant;
using namespace courant::web;
using web::testing::body_of;
using web::testing::field_of;

namespace {

constexpr DependencyKey kArticle = 1000;

Response page_with(std::string body, std::vector<DependencyKey> keys = {kArticle}) {
  Response response;
  response.caching = Caching::page;
  response.body = std::move(body);
  response.depends_on = std::move(keys);
  return response;
}

std::string long_text(std::string_view word, int times = 400) {
  std::string text;
  for (int i = 0; i < times; ++i) text += fmt::format("<p>{} {}</p>\n", word, i);
  return text;
}

struct Cache {
  ManualClock clock{Time{1'700'000'000'000'000}};
  std::vector<std::function<void()>> tasks;
  PageCache pages{1 << 20, clock, Transport::http, [this](std::function<void()> task) {
                    tasks.push_back(std::move(task));
                    return true;
                  }};

  Reply put(std::string_view path, Response response, Encoding encoding = Encoding::gzip) {
    return pages.put({path, Language::en}, encoding, {}, std::move(response), pages.moment());
  }
  std::optional<PageCache::Found> find(std::string_view path, Encoding encoding = Encoding::gzip,
                                       Conditions conditions = {}) {
    return pages.find({path, Language::en}, encoding, conditions);
  }
};

}  // namespace

TEST_CASE("a kept page comes back in the encoding that was asked for") {
  Cache cache;
  auto const text = long_text("hello");
  CHECK(!cache.find("/a/1"));
  auto const first = cache.put("/a/1", page_with(text));
  CHECK(first.status == 200);
  CHECK(field_of(first, "Content-Encoding") == "gzip");
  auto const again = cache.find("/a/1");
  REQUIRE(again);
  CHECK(again->reply.body == first.body);
  CHECK(gunzip(*again->reply.body, text.size()).value() == text);
  auto const plain = cache.find("/a/1", Encoding::identity);
  REQUIRE(plain);
  CHECK(body_of(plain->reply) == text);
  CHECK(field_of(plain->reply, "Content-Encoding").empty());
  CHECK(field_of(plain->reply, "Content-Length") == std::to_string(text.size()));
  CHECK(field_of(plain->reply, "Vary") == "Accept-Encoding, Accept-Language, Cookie");
}

TEST_CASE("languages are pages of their own") {
  Cache cache;
  cache.put("/a/1", page_with(long_text("hello")));
  CHECK(!cache.pages.find({"/a/1", Language::zh_hans}, Encoding::gzip, {}));
}

TEST_CASE("every encoding has its own strong ETag and all of them are known again") {
  Cache cache;
  cache.put("/a/1", page_with(long_text("hello")));
  auto const gzip = field_of(cache.find("/a/1")->reply, "ETag");
  auto const plain = field_of(cache.find("/a/1", Encoding::identity)->reply, "ETag");
  CHECK(gzip != plain);
  for (auto const& tag : {gzip, plain, "W/" + gzip, "\"other\", " + gzip, std::string("*")}) {
    CAPTURE(tag);
    auto const found = cache.find("/a/1", Encoding::gzip, {tag, {}});
    CHECK(found->reply.status == 304);
    CHECK(found->reply.body == nullptr);
  }
  CHECK(cache.find("/a/1", Encoding::gzip, {"\"other\"", {}})->reply.status == 200);
  cache.put("/a/1", page_with(long_text("changed")));
  CHECK(cache.find("/a/1", Encoding::gzip, {gzip, {}})->reply.status == 200);
}

TEST_CASE("If-Modified-Since counts for pages that say when they changed") {
  Cache cache;
  auto response = page_with(long_text("feed"));
  response.headers.emplace_back("Last-Modified", http_date(Time{1'600'000'000'000'000}));
  cache.put("/feed", std::move(response));
  CHECK(cache.find("/feed", Encoding::gzip, {{}, http_date(Time{1'600'000'000'000'000})})->reply.status == 304);
  CHECK(cache.find("/feed", Encoding::gzip, {{}, http_date(Time{1'599'999'999'000'000})})->reply.status == 200);
  CHECK(cache.find("/feed", Encoding::gzip, {{}, "yesterday"})->reply.status == 200);
}

TEST_CASE("an event evicts every page that shows what it touches, at once") {
  Cache cache;
  cache.put("/a/1", page_with(long_text("one"), {1001, 2001, kEveryPage}));
  cache.put("/a/2", page_with(long_text("two"), {1002, 2001, kEveryPage}));
  cache.put("/author/x", page_with(long_text("x"), {2001, 1001, 1002}));
  DependencyKey const first[] = {1001};
  cache.pages.evict(first);
  CHECK(!cache.find("/a/1"));
  CHECK(!cache.find("/author/x"));
  CHECK(cache.find("/a/2"));
  DependencyKey const author[] = {2001};
  cache.pages.evict(author);
  CHECK(!cache.find("/a/2"));
  CHECK(cache.pages.stats().entries == 0);
  CHECK(cache.pages.stats().bytes == 0);
}

TEST_CASE("what stands in every page's frame evicts every page") {
  Cache cache;
  for (int i = 0; i < 50; ++i)
    cache.put(fmt::format("/a/{}", i), page_with(long_text("x", 20), {1000 + i, kEveryPage}));
  DependencyKey const keys[] = {kEveryPage};
  cache.pages.evict(keys);
  CHECK(cache.pages.stats().entries == 0);
  CHECK(cache.pages.stats().bytes == 0);
}

TEST_CASE("a page made before an eviction is not kept after it") {
  Cache cache;
  auto const moment = cache.pages.moment();
  DependencyKey const keys[] = {kArticle};
  cache.pages.evict(keys);  // while the page was being made from the old state
  auto const reply = cache.pages.put({"/a/1", Language::en}, Encoding::gzip, {}, page_with(long_text("old")), moment);
  CHECK(reply.status == 200);  // who asked gets it: the request began before the event
  CHECK(!cache.find("/a/1"));
  cache.put("/a/1", page_with(long_text("new")));
  CHECK(cache.find("/a/1"));
}

TEST_CASE("a page made before more evictions than are remembered is not kept") {
  Cache cache;
  auto const moment = cache.pages.moment();
  for (DependencyKey key = 10'000; key < 30'000; ++key) cache.pages.evict(std::span(&key, 1));
  cache.pages.put({"/a/1", Language::en}, Encoding::gzip, {}, page_with(long_text("old")), moment);
  CHECK(!cache.find("/a/1"));
}

TEST_CASE("cached bytes hold no cookie, and only whole good pages are kept") {
  Cache cache;
  auto with_cookie = page_with(long_text("x"));
  with_cookie.headers.emplace_back("set-cookie", "session=secret");
  cache.put("/a/1", std::move(with_cookie));
  CHECK(!cache.find("/a/1"));
  auto missing = page_with(long_text("x"));
  missing.status = 404;
  cache.put("/a/2", std::move(missing));
  CHECK(!cache.find("/a/2"));
  auto private_page = page_with(long_text("x"));
  private_page.caching = Caching::none;
  CHECK(field_of(cache.put("/a/3", std::move(private_page)), "Cache-Control") == "no-store");
  CHECK(!cache.find("/a/3"));
}

TEST_CASE("one caller rebuilds a soft page that is old, the others get it meanwhile") {
  Cache cache;
  auto soft = page_with(long_text("list"), {kArticleLists});
  soft.soft = true;
  cache.put("/", std::move(soft));
  cache.clock.advance(29s);
  CHECK(!cache.find("/")->stale);
  cache.clock.advance(2s);
  CHECK(cache.find("/")->stale);
  CHECK(!cache.find("/")->stale);  // somebody is at it
  cache.clock.advance(6s);
  CHECK(cache.find("/")->stale);  // nothing came of it: somebody else tries
}

TEST_CASE("a hot page is compressed better once, in the background") {
  Cache cache;
  auto const text = long_text("hot");
  cache.put("/", page_with(text));
  for (int i = 0; i < 100; ++i) (void)cache.find("/");
  REQUIRE(cache.tasks.size() == 1);
  CHECK(field_of(cache.find("/", Encoding::brotli)->reply, "Content-Encoding") == "gzip");
  auto const before = cache.find("/")->reply;
  cache.tasks[0]();
  auto const after = cache.find("/")->reply;
  CHECK(after.body->size() < before.body->size());
  CHECK(gunzip(*after.body, text.size()).value() == text);
  auto const brotli = cache.find("/", Encoding::brotli)->reply;
  CHECK(field_of(brotli, "Content-Encoding") == "br");
  CHECK(brotli.body->size() < after.body->size());
  CHECK(cache.find("/", Encoding::gzip, {field_of(before, "ETag"), {}})->reply.status == 304);
  DependencyKey const keys[] = {kArticle};
  cache.pages.evict(keys);
  CHECK(cache.pages.stats().bytes == 0);
}

TEST_CASE("a hot page that is gone before its better compression stays gone") {
  Cache cache;
  cache.put("/", page_with(long_text("hot")));
  for (int i = 0; i < 100; ++i) (void)cache.find("/");
  DependencyKey const keys[] = {kArticle};
  cache.pages.evict(keys);
  for (auto& task : cache.tasks) task();
  CHECK(!cache.find("/"));
  CHECK(cache.pages.stats().bytes == 0);
}

TEST_CASE("the budget holds: pages that are not read go first") {
  Cache cache;
  std::string noise;
  for (int i = 0; i < 8000; ++i) noise += static_cast<char>('!' + crypto::random_number() % 90);
  cache.put("/popular", page_with(noise + "popular"));
  for (int i = 0; i < 1000; ++i) {
    cache.put(fmt::format("/a/{}", i), page_with(noise + std::to_string(i), {1000 + i}));
    (void)cache.find("/popular");
  }
  CHECK(cache.pages.stats().bytes <= 1 << 20);
  CHECK(cache.pages.stats().entries > 50);
  CHECK(cache.find("/popular"));
  CHECK(!cache.find("/a/0"));
}

TEST_CASE("one page cannot push out all the others") {
  Cache cache;
  std::string noise;
  for (int i = 0; i < 600'000; ++i) noise += static_cast<char>('!' + crypto::random_number() % 90);
  CHECK(cache.put("/huge", page_with(noise)).status == 200);
  CHECK(!cache.find("/huge"));
}

TEST_CASE("readers, writers and evictions at once leave nothing stale and nothing counted twice") {
  // Writers publish versions of a page: the version goes up, then the page is evicted. After an eviction nobody may
  // find an older version than the one that was current before the eviction.
  ManualClock clock{Time{1}};
  PageCache pages{1 << 20, clock};
  constexpr int kPages = 8;
  std::array<std::atomic<int>, kPages> version{};
  std::array<std::atomic<int>, kPages> announced{};
  std::atomic<bool> stop{false};
  std::atomic<int> stale{0};
  auto const address = [](int i) { return fmt::format("/a/{}", i); };
  auto const read = [&] {
    for (int n = 0; !stop; ++n) {
      int const i = n % kPages;
      int const least = announced[static_cast<std::size_t>(i)];
      auto const path = address(i);
      auto const found = pages.find({path, Language::en}, Encoding::identity, {});
      if (found) {
        if (std::stoi(*found->reply.body) < least) ++stale;
        continue;
      }
      auto const moment = pages.moment();
      pages.put({path, Language::en}, Encoding::identity, {},
                page_with(std::to_string(version[static_cast<std::size_t>(i)].load()), {100 + i}), moment);
    }
  };
  std::thread first(read);
  std::thread second(read);
  for (int n = 0; n < 4000; ++n) {
    auto const i = static_cast<std::size_t>(n % kPages);
    int const now = ++version[i];
    DependencyKey const key = 100 + static_cast<DependencyKey>(i);
    pages.evict(std::span(&key, 1));
    announced[i] = now;
  }
  stop = true;
  first.join();
  second.join();
  CHECK(stale == 0);
  pages.clear();
  CHECK(pages.stats().bytes == 0);
  CHECK(pages.stats().entries == 0);
}
