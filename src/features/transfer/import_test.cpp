// Whole imports on both engines, on files written here and, where COURANT_TEST_DATA names them, on real exports.
#include "features/transfer/import.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "features/accounts/accounts.hpp"
#include "features/articles/articles.hpp"
#include "features/articles/sql.hpp"
#include "features/authors/authors.hpp"
#include "features/channels/channels.hpp"
#include "features/transfer/jsonl.hpp"
#include "features/transfer/transfer.hpp"
#include "features/transfer/wxr.hpp"
#include "journal/journal.hpp"
#include "store/testing.hpp"

using namespace courant;
namespace st = store::testing;
using transfer::Outcome;

namespace {

std::vector<store::Migration> steps() {
  std::vector<store::Migration> all;
  for (auto&& some : {journal::migrations(), accounts::migrations(), authors::migrations(), articles::migrations(),
                      channels::migrations(), transfer::migrations()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

text::XmlSource source_of(std::string text) {
  auto const held = std::make_shared<std::pair<std::string, std::size_t>>(std::move(text), 0);
  return [held](std::span<char> buffer) -> Result<std::size_t> {
    auto const count = std::min(buffer.size(), held->first.size() - held->second);
    std::copy_n(held->first.begin() + static_cast<std::ptrdiff_t>(held->second), count, buffer.begin());
    held->second += count;
    return count;
  };
}

std::string read_file(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A database and imports into it.
struct World {
  explicit World(st::Database const& database) : store(database.open(steps())) {}

  Done run(std::unique_ptr<transfer::Reader> reader, transfer::Run how = transfer::Run::write) {
    auto report = st::require(
        transfer::Report::open(scratch.path() / "report.jsonl",
                               [](std::string_view key, MessageArguments const&) { return std::string(key); }));
    transfer::ImportPlan plan;
    plan.run = how;
    auto done = transfer::import_items(*reader, {*store, ids, clock}, plan, report);
    totals = report.totals();
    lines.clear();
    std::ifstream file(scratch.path() / "report.jsonl");
    for (std::string line; std::getline(file, line);) lines.push_back(st::require(json::parse(line)).as_object());
    return done;
  }
  Done run_jsonl(std::string text, transfer::Run how = transfer::Run::write) {
    return run(transfer::read_jsonl(source_of(std::move(text)), "test"), how);
  }
  Done run_wxr(std::string text) { return run(transfer::read_wxr(source_of(std::move(text)))); }

  std::int64_t count_articles() {
    static store::Statement<std::tuple<>, std::tuple<std::int64_t>> const kCount{"SELECT COUNT(*) FROM articles"};
    return std::get<0>(*st::require(
        store::read_value(*store, [&](store::Connection& connection) { return kCount.first(connection, {}); })));
  }

  void check_account() const {
    for (auto const& line : lines) {
      auto const* const characters = line.if_contains("characters");
      if (characters == nullptr) continue;
      auto const& c = characters->as_object();
      CHECK(c.at("in").to_number<std::int64_t>() + c.at("added").to_number<std::int64_t>() ==
            c.at("stored").to_number<std::int64_t>() + c.at("reported").to_number<std::int64_t>());
    }
  }

  ManualClock clock{Time{1'790'000'000'000'000}};
  IdSource ids{clock, 1};
  st::ScratchDirectory scratch;
  std::unique_ptr<store::Store> store;
  transfer::Totals totals;
  std::vector<json::Object> lines;
};

std::string jsonl_of(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += json::write(json::Object{{"id", std::to_string(i)},
                                     {"title", "第 " + std::to_string(i) + " 篇"},
                                     {"body", "<p>正文。</p>"},
                                     {"author", "甲"},
                                     {"time", "2020-01-01"}}) +
            "\n";
  return text;
}

constexpr std::string_view kWxr = R"(<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:body="http://purl.org/rss/1.0/modules/content/" xmlns:ex="http://wordpress.org/export/1.2/excerpt/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:word="http://wordpress.org/export/1.2/"><channel>
<title>Old blog</title><link>https://old.example</link>
<word:author><word:author_login>mira</word:author_login><word:author_display_name><![CDATA[Mira Holm]]></word:author_display_name></word:author>
<item><title>First</title><link>https://old.example/2019/first/</link><dc:creator>mira</dc:creator>
 <body:encoded><![CDATA[Hello & <b>world</b><script>alert(1)</script>

Second.]]></body:encoded><word:post_id>7</word:post_id><word:post_date_gmt>2019-03-04 05:06:07</word:post_date_gmt>
 <word:status>publish</word:status><word:post_type>post</word:post_type><category domain="post_tag">harbour</category>
 <word:comment><word:comment_content>Nice</word:comment_content></word:comment></item>
<item><title>Not yet</title><dc:creator>mira</dc:creator><body:encoded>Draft</body:encoded><word:post_id>8</word:post_id>
 <word:status>draft</word:status><word:post_type>post</word:post_type></item>
<item><title>pic.jpg</title><word:post_id>9</word:post_id><word:post_type>attachment</word:post_type></item>
<item><title></title><word:post_id>10</word:post_id><word:post_type>post</word:post_type><word:status>publish</word:status></item>
</channel></rss>)";

}  // namespace

TEST_CASE("a WordPress export arrives with authors, drafts, old addresses, and a report of what stayed behind") {
  auto const database = st::either_engine();
  World world(*database);
  st::require(world.run_wxr(std::string(kWxr)));
  CHECK(world.totals.of(Outcome::created) == 2);
  CHECK(world.totals.drafts == 1);
  CHECK(world.totals.of(Outcome::skipped) == 2);
  CHECK(world.count_articles() == 2);
  world.check_account();
  auto const first = std::find_if(world.lines.begin(), world.lines.end(), [](auto const& line) {
    return line.contains("title") && line.at("title") == "First";
  });
  REQUIRE(first != world.lines.end());
  CHECK(first->at("left_behind").as_object().at("comments") == 1);
  CHECK(first->at("removed").as_array().at(0).as_object().at("name") == "script");
  CHECK(first->at("characters").as_object().at("reported") == 8);  // alert(1)
}

TEST_CASE("an import run twice changes nothing the second time") {
  auto const database = st::either_engine();
  World world(*database);
  st::require(world.run_jsonl(jsonl_of(150)));
  CHECK(world.totals.of(Outcome::created) == 150);
  st::require(world.run_jsonl(jsonl_of(150)));
  CHECK(world.totals.of(Outcome::already_there) == 150);
  CHECK(world.totals.of(Outcome::created) == 0);
  CHECK(world.count_articles() == 150);
}

TEST_CASE("a dry run reports all and writes nothing") {
  World world(*st::sqlite());
  st::require(world.run_jsonl(jsonl_of(20), transfer::Run::dry));
  CHECK(world.totals.of(Outcome::would_create) == 20);
  CHECK(world.count_articles() == 0);
}

TEST_CASE("a bad line is named with its place and the rest goes on") {
  World world(*st::sqlite());
  st::require(world.run_jsonl(
      "{\"title\":\"a\",\"body\":\"x\"}\nnot "
      "json\n\n[1]\n{\"title\":\"b\",\"body\":\"y\",\"colour\":1}\n{\"title\":\"c\",\"body\":\"z\","
      "\"time\":\"soon\"}\n{\"title\":\"d\",\"body\":\"w\"}\n{\"title\":5,\"body\":\"v\"}\n{\"title\":\"e\"}"));
  CHECK(world.totals.of(Outcome::created) == 2);
  CHECK(world.totals.of(Outcome::failed) == 6);
  std::vector<std::int64_t> bad;
  for (auto const& line : world.lines)
    if (line.contains("outcome") && line.at("outcome") == "failed")
      bad.push_back(line.at("line").to_number<std::int64_t>());
  CHECK(bad == std::vector<std::int64_t>{2, 4, 5, 6, 8, 9});
}

TEST_CASE("an export that breaks off in the middle keeps what came before and says where") {
  World world(*st::sqlite());
  auto const done = world.run_wxr(std::string(kWxr.substr(0, kWxr.find("<item><title>pic"))));
  CHECK_FALSE(done.ok());
  CHECK(world.count_articles() == 2);
  auto const says_so = [](auto const& line) { return line.contains("outcome") && line.at("outcome") == "broken off"; };
  CHECK(std::any_of(world.lines.begin(), world.lines.end(), says_so));
}

TEST_CASE("what is no export is refused with a sentence") {
  World world(*st::sqlite());
  CHECK(world.run_wxr("<html><body>hello</body></html>").error().message == "transfer.not_wxr");
  CHECK_FALSE(world.run_wxr("").ok());
  CHECK_FALSE(world.run_wxr(std::string("\x89PNG\r\n\x1a\n\0\0", 10)).ok());
}

TEST_CASE("real WordPress exports arrive whole or are named in the report") {
  auto const* const data = std::getenv("COURANT_TEST_DATA");
  if (data == nullptr || !std::filesystem::exists(std::filesystem::path(data) / "import/wxr.tar.zst")) {
    MESSAGE("skipped: COURANT_TEST_DATA names no folder with import/wxr.tar.zst");
    return;
  }
  st::ScratchDirectory folder;
  auto const unpack = "zstd -dcq '" + (std::filesystem::path(data) / "import/wxr.tar.zst").string() +
                      "' | tar xf - -C '" + folder.path().string() + "'";
  REQUIRE(std::system(unpack.c_str()) == 0);
  World world(*st::sqlite());
  std::int64_t created = 0, files = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.path().extension() != ".xml") continue;
    auto const done = world.run_wxr(read_file(entry.path()));
    CAPTURE(entry.path());
    if (!done.ok()) CHECK(done.error().kind == ErrorKind::invalid);
    world.check_account();
    CHECK(world.totals.characters_in + world.totals.characters_added ==
          world.totals.characters_stored + world.totals.characters_reported);
    created += world.totals.of(Outcome::created);
    ++files;
  }
  CHECK(files == 33);
  CHECK(created > 300);
  CHECK(created == world.count_articles());
}
