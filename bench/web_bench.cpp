// What a request costs without the wire: a cached article page, the same on two threads, a conditional request, and a
// page of about 40 KB that is not in the cache (rendered, put into its frame, compressed, kept). Prints a table; not a
// test.
#include <fmt/format.h>

#include <ctime>
#include <thread>

#include "base/log.hpp"
#include "web/context.hpp"
#include "web/testing_ground.hpp"

using namespace courant;
using namespace courant::web;
using web::testing::Ask;
using web::testing::TestGround;

namespace {

std::string paragraphs(std::size_t bytes) {
  // Words in changing order, so that it compresses about as prose does.
  constexpr std::string_view kWords[] = {"潮汐", "月亮",    "港口",  "the",  "evening", "reel", "天气",
                                         "预报", "machine", "quiet", "水位", "of",      "and",  "projector"};
  std::string text;
  std::uint64_t state = 1;
  while (text.size() < bytes) {
    text += "<p>";
    for (int i = 0; i < 60; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text += kWords[(state >> 33) % std::size(kWords)];
      text += static_cast<char>(state >> 60 == 0 ? ',' : ' ');
    }
    text += "</p>\n";
  }
  return text;
}

/// Of the processor, all threads together: wall time would measure the machine's other work too.
double nanoseconds_of_processor() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class F>
double nanoseconds_each(int times, F&& act) {
  auto const from = nanoseconds_of_processor();
  for (int i = 0; i < times; ++i) act(i);
  return (nanoseconds_of_processor() - from) / times;
}

void say(std::string_view what, double nanoseconds) { fmt::print("{:<58} {:>10.0f} ns\n", what, nanoseconds); }

struct Browser : Ask {
  explicit Browser(std::string target) : Ask(Method::get, std::move(target)) {
    with("Host", "localhost:8080").with("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36");
    with("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
        .with("Accept-Encoding", "gzip, deflate");
    with("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8").with("Cookie", "lang=zh-Hans; script=1");
  }
};

}  // namespace

int main() {
  if (!crypto::set_up().ok()) return 1;
  log::set_up(log::Level::error, log::Style::plain);
  TestGround ground;
  auto const files = web::testing::own_files();
  auto opened = Site::open(ground.settings(), ground.ground(), files);
  if (!opened.ok()) {
    fmt::print("{}\n", describe(opened.error()));
    return 1;
  }
  auto& site = **opened;
  auto const body = paragraphs(36'000);
  site.routes().page("/a/{id}/{slug}", [&](Request const&, PageContext& page) -> Result<Response> {
    auto response = TRY(page.page({.title = "Title", .canonical = "/a/1/x"}, {body}));
    for (DependencyKey key = 1000; key < 1030; ++key) response.depends_on.push_back(key);
    return response;
  });
  constexpr auto kPath = "/a/912381045263826944/%E6%BD%AE%E6%B1%90%E8%A1%A8";

  Browser browser(kPath);
  auto const first = std::get<Reply>(site.answer_now(browser.request()));
  fmt::print("page: {} bytes gzip\n", first.body->size());
  constexpr int kHits = 1'000'000;
  say("cached hit, one thread", nanoseconds_each(kHits, [&](int) { (void)site.answer_now(browser.request()); }));

  auto const on_two = nanoseconds_each(1, [&](int) {
    std::thread other([&] {
      Browser second(kPath);
      for (int i = 0; i < kHits; ++i) (void)site.answer_now(second.request());
    });
    for (int i = 0; i < kHits; ++i) (void)site.answer_now(browser.request());
    other.join();
  });
  say("cached hit, two threads on one page", on_two / (2.0 * kHits));

  Browser known(kPath);
  known.with("If-None-Match", web::testing::field_of(first, "ETag"));
  say("304 from the cache", nanoseconds_each(kHits, [&](int) { (void)site.answer_now(known.request()); }));

  Browser strange(std::string(kPath) + "?utm_source=feed");
  say("cached hit with a strange parameter (address made anew)",
      nanoseconds_each(kHits / 10, [&](int) { (void)site.answer_now(strange.request()); }));

  say("miss: 36 KB body in its frame, gzip-1, kept", nanoseconds_each(2000, [&](int i) {
        Browser miss(fmt::format("/a/{}/x", i));
        (void)site.answer_now(miss.request());
      }));
  DependencyKey const keys[] = {1000};
  say("eviction of one of 30 keys, per page tied to it",
      nanoseconds_each(1, [&](int) { site.pages().evict(keys); }) / 2000);
  return 0;
}
