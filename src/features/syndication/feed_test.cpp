#include "features/syndication/feed.hpp"

#include <doctest/doctest.h>

#include <map>

#include "features/syndication/sitemap.hpp"
#include "text/xml.hpp"

namespace courant::syndication {
namespace {

Feed feed() {
  Feed feed;
  feed.title = "新闻 & <更多>";
  feed.description = "每天的新闻";
  feed.page_address = "https://news.example/";
  feed.own_address = "https://news.example/feed.rss?content=summary&x=1";
  feed.language = "zh-Hans";
  Entry entry;
  entry.id = "https://news.example/a/17";
  entry.address = "https://news.example/a/17/%E6%A1%A5";
  entry.title = "<script>alert(1)</script> \x01 ]]> & \xff";
  entry.summary = "摘要 <b>";
  entry.html = "<p>正文 &amp; ]]&gt;</p>";
  entry.language = "zh-Hans";
  entry.author_name = "安妮 \"<A>\"";
  entry.author_address = "https://news.example/author/anne";
  entry.tags = {"桥 & 河"};
  entry.published_at = Time{1'700'000'000'000'000};
  entry.changed_at = Time{1'700'000'100'000'000};
  feed.entries = {entry, entry};
  return feed;
}

/// Every element's texts, by name; fails the test when the document is not well-formed by the strict rules.
std::multimap<std::string, std::string> texts_of(std::string const& document) {
  text::XmlOptions options;
  options.tolerance = text::XmlOptions::Tolerance::strict;
  auto reader = text::XmlReader::of(document, options);
  std::multimap<std::string, std::string> texts;
  std::vector<std::string> open;
  for (;;) {
    auto const event = reader.next();
    REQUIRE_MESSAGE(event.ok(), (event.ok() ? "" : describe(event.error())));
    auto const& e = **event;
    if (e.kind == text::XmlEvent::Kind::done) return texts;
    if (e.kind == text::XmlEvent::Kind::start) {
      open.push_back(e.name);
      for (auto const& [name, value] : e.attributes) texts.emplace(e.name + "@" + name, value);
      texts.emplace(e.name, "");
    } else if (e.kind == text::XmlEvent::Kind::end) {
      open.pop_back();
    } else if (!open.empty()) {
      auto const last = std::prev(texts.upper_bound(open.back()));
      last->second += e.text;
    }
  }
}

std::string first(std::multimap<std::string, std::string> const& texts, std::string const& name) {
  auto const found = texts.find(name);
  return found == texts.end() ? "(none)" : found->second;
}

TEST_CASE("an RSS feed is well-formed whatever its texts hold, and says what was meant") {
  auto const texts = texts_of(write_rss(feed()));
  CHECK(first(texts, "rss@version") == "2.0");
  CHECK(texts.count("item") == 2);
  CHECK(first(texts, "guid") == "https://news.example/a/17");
  CHECK(first(texts, "pubDate") == "Tue, 14 Nov 2023 22:13:20 +0000");
  CHECK(first(texts, "content:encoded") == "<p>正文 &amp; ]]&gt;</p>");
  CHECK(first(texts, "dc:creator") == "安妮 \"<A>\"");
  CHECK(first(texts, "category") == "桥 & 河");
  CHECK(first(texts, "atom:link@href") == "https://news.example/feed.rss?content=summary&x=1");
  CHECK(first(texts, "lastBuildDate") == "Tue, 14 Nov 2023 22:15:00 +0000");
}

TEST_CASE("an Atom feed is well-formed whatever its texts hold, and has all that RFC 4287 wants") {
  auto const texts = texts_of(write_atom(feed()));
  CHECK(first(texts, "feed@xmlns") == "http://www.w3.org/2005/Atom");
  CHECK(texts.count("entry") == 2);
  CHECK(texts.count("id") == 3);
  CHECK(texts.count("updated") == 3);
  CHECK(texts.count("author") == 2);
  CHECK(first(texts, "content@type") == "html");
  CHECK(first(texts, "content") == "<p>正文 &amp; ]]&gt;</p>");
  CHECK(first(texts, "entry@xml:lang") == "zh-Hans");
  CHECK(first(texts, "published") == "2023-11-14T22:13:20Z");
}

TEST_CASE("a feed without entries is still a feed") {
  Feed empty = feed();
  empty.entries.clear();
  CHECK(first(texts_of(write_atom(empty)), "updated") == "1970-01-01T00:00:00Z");
  CHECK(texts_of(write_rss(empty)).count("item") == 0);
}

TEST_CASE("a summary feed has no bodies") {
  Feed brief = feed();
  for (auto& entry : brief.entries) entry.html.clear();
  CHECK(texts_of(write_rss(brief)).count("content:encoded") == 0);
  CHECK(texts_of(write_atom(brief)).count("content") == 0);
  CHECK(texts_of(write_atom(brief)).count("summary") == 2);
}

TEST_CASE("a sitemap is well-formed and says when each address changed, if that is known") {
  auto const texts = texts_of(write_sitemap(
      {{"https://news.example/?a=1&b=2", {}}, {"https://news.example/a/17", Time{1'700'000'000'000'000}}}));
  CHECK(texts.count("url") == 2);
  CHECK(texts.count("lastmod") == 1);
  CHECK(first(texts, "loc") == "https://news.example/?a=1&b=2");
  CHECK(texts_of(write_sitemap_index({{"https://news.example/sitemap/0.xml", {}}})).count("sitemap") == 1);
}

TEST_CASE("a sitemap has one name") {
  CHECK(sitemap_number("0.xml") == 0);
  CHECK(sitemap_number("12.xml") == 12);
  for (auto const* name :
       {"", ".xml", "00.xml", "01.xml", "1", "1.XML", "-1.xml", "1x.xml", "99999999999999999999.xml"})
    CHECK(!sitemap_number(name));
}

TEST_CASE("robots are led to the sitemap and kept from the desks") {
  auto const robots = write_robots("https://news.example");
  CHECK(robots.find("Sitemap: https://news.example/sitemap.xml\n") != std::string::npos);
  CHECK(robots.find("Disallow: /write\n") != std::string::npos);
}

}  // namespace
}  // namespace courant::syndication
