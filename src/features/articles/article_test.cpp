#include "features/articles/article.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace courant::articles {
namespace {

Draft good_draft() {
  Draft draft;
  draft.title = "河上的新桥";
  draft.channel = {7};
  draft.tags = {"桥梁", "城市"};
  draft.body = "第一段。\n\n第二段。";
  return draft;
}

bool complains(std::vector<Complaint> const& complaints, std::string_view field, std::string_view message) {
  return std::ranges::any_of(complaints, [&](auto const& c) { return c.field == field && c.message == message; });
}

TEST_CASE("a good draft has no complaints") { CHECK(complaints_about(good_draft(), Purpose::publish).empty()); }

TEST_CASE("every fault of a draft is told at once, each with its field") {
  Draft draft = good_draft();
  draft.title = std::string(Limits::kTitle + 1, 'x');
  draft.summary = std::string(Limits::kSummary + 1, 'x');
  draft.tags = {std::string(Limits::kTag + 1, 'x')};
  draft.source_address = "javascript:alert(1)";
  draft.body = " \n ";
  draft.channel = {};
  auto const complaints = complaints_about(draft, Purpose::publish);
  CHECK(complains(complaints, "title", "articles.title_too_long"));
  CHECK(complains(complaints, "summary", "articles.summary_too_long"));
  CHECK(complains(complaints, "tags", "articles.tag_too_long"));
  CHECK(complains(complaints, "source_address", "articles.source_address_wrong"));
  CHECK(complains(complaints, "body", "articles.body_empty"));
  CHECK(complains(complaints, "channel", "articles.channel_missing"));
  CHECK(complaints.size() == 6);
}

TEST_CASE("titles are counted in characters and not in bytes") {
  Draft draft = good_draft();
  draft.title.clear();
  for (std::size_t i = 0; i < Limits::kTitle; ++i) draft.title += "桥";
  CHECK(complaints_about(draft, Purpose::publish).empty());
  draft.title += "桥";
  CHECK(complains(complaints_about(draft, Purpose::publish), "title", "articles.title_too_long"));
}

TEST_CASE("a draft without body and channel can be saved but not published") {
  Draft draft = good_draft();
  draft.body.clear();
  draft.channel = {};
  CHECK(complaints_about(draft, Purpose::save).empty());
  CHECK(complaints_about(draft, Purpose::publish).size() == 2);
}

TEST_CASE("tags are one when they fold to the same word") {
  CHECK(tidied_tags({" #Go ", "go", "ＧＯ", "", "数据库"}) == std::vector<std::string>{"Go", "数据库"});
}

TEST_CASE("cleaning removes what runs and says so") {
  Draft draft = good_draft();
  draft.format = Format::html;
  draft.body = "<p onclick=\"x()\">读我</p><script>alert(1)</script>";
  auto const composed = compose(draft, "https://news.example");
  REQUIRE(composed.ok());
  CHECK(composed->html == "<p>读我</p>\n");
  CHECK(composed->characters == 2);
  CHECK(composed->removed.size() == 2);
}

TEST_CASE("Markdown, HTML and text become the same paragraphs") {
  for (auto const format : {Format::markdown, Format::html, Format::text}) {
    Draft draft = good_draft();
    draft.format = format;
    draft.body = format == Format::html ? "<p>一</p><p>二</p>" : "一\n\n二";
    auto const composed = compose(draft, "https://news.example");
    REQUIRE(composed.ok());
    std::string html = composed->html;
    std::erase(html, '\n');
    CHECK(html == "<p>一</p><p>二</p>");
    CHECK(composed->summary.starts_with("一"));
    CHECK(composed->slug == "河上的新桥");
    CHECK(composed->language == "zh-Hans");
  }
}

TEST_CASE("picture:1 names a picture in Markdown, HTML and text, and nothing else is touched") {
  struct {
    Format format;
    char const* body;
  } const cases[] = {{Format::markdown, "看\n\n![桥](picture:1)\n\n这是 picture:2 的说明"},
                     {Format::html, "<p>看</p><p><img src=\"picture:1\" alt=\"桥\"></p><p>picture:2</p>"},
                     {Format::text, "看\n\n![桥](picture:1)\n\npicture:2"}};
  for (auto const& one : cases) {
    Draft draft = good_draft();
    draft.format = one.format;
    draft.body = one.body;
    auto const composed = compose(draft, "https://news.example");
    REQUIRE(composed.ok());
    CHECK(composed->pictures == std::vector<std::int64_t>{1});
    CHECK(composed->html.find("<img src=\"/media/picture/1\" alt=\"桥\"") != std::string::npos);
    CHECK(composed->html.find("picture:2") != std::string::npos);
  }
}

TEST_CASE("a body of which nothing is left cannot be published") {
  Draft draft = good_draft();
  draft.format = Format::html;
  draft.body = "<script>alert(1)</script>";
  auto const composed = compose(draft, "https://news.example");
  REQUIRE(!composed.ok());
  CHECK(complains(composed.error().complaints, "body", "articles.body_nothing_left"));
}

TEST_CASE("a body nested too deeply is a complaint about the body") {
  Draft draft = good_draft();
  draft.format = Format::html;
  for (int i = 0; i < 5'000; ++i) draft.body += "<b>";
  auto const composed = compose(draft, "https://news.example");
  REQUIRE(!composed.ok());
  REQUIRE(composed.error().complaints.size() == 1);
  CHECK(composed.error().complaints[0].field == "body");
}

TEST_CASE("who may see and change an article") {
  CHECK(may_see(State::published, Relation::stranger));
  CHECK(!may_see(State::draft, Relation::stranger));
  CHECK(!may_see(State::withdrawn, Relation::stranger));
  CHECK(may_see(State::draft, Relation::own));
  CHECK(may_see(State::draft, Relation::desk));

  Article article;
  CHECK(may_change(article, Relation::own).ok());
  CHECK(may_change(article, Relation::desk).ok());
  CHECK(may_change(article, Relation::stranger).error().kind == ErrorKind::missing);
  article.state = State::published;
  CHECK(may_change(article, Relation::stranger).error().kind == ErrorKind::forbidden);
}

TEST_CASE("which steps an article may take from each state") {
  Article article;
  auto const allowed = [&](State state) {
    article.state = state;
    return std::array{may_publish(article).ok(), may_withdraw(article).ok(), may_undo_withdrawal(article).ok(),
                      may_delete_draft(article).ok()};
  };
  CHECK(allowed(State::draft) == std::array{true, false, false, true});
  CHECK(allowed(State::published) == std::array{true, true, false, false});
  CHECK(allowed(State::withdrawn) == std::array{false, false, true, false});
}

TEST_CASE("addresses are percent-encoded") {
  CHECK(path_of(Id<Article>{17}, "桥") == "/a/17/%E6%A1%A5");
  CHECK(path_of(Id<Article>{17}, "") == "/a/17");
  CHECK(path_of_tag("a/b") == "/tag/a%2Fb");
}

TEST_CASE("a picture reference is read back exactly") {
  CHECK(referenced_picture(picture_reference(12)) == 12);
  for (auto const* other :
       {"/media/picture/", "/media/picture/0", "/media/picture/1x", "/media/picture/-1", "/media/1", "picture/1"})
    CHECK(referenced_picture(other) == 0);
}

}  // namespace
}  // namespace courant::articles
