#include "features/articles/show.hpp"

#include <doctest/doctest.h>

#include "features/articles/old_paths.hpp"

namespace courant::articles {
namespace {

media::BlobName blob(char digit) { return *media::BlobName::parse(std::string(64, digit)); }

ArticlePicture picture(std::int64_t number, std::string alt, std::string caption) {
  ArticlePicture picture;
  picture.number = number;
  picture.alt = std::move(alt);
  picture.caption = std::move(caption);
  picture.picture.variants = {{media::Format::jpeg, 320, 240, false, blob('1'), 10},
                              {media::Format::jpeg, 960, 720, false, blob('2'), 20},
                              {media::Format::webp, 320, 240, false, blob('3'), 10},
                              {media::Format::avif, 960, 720, false, blob('4'), 10}};
  return picture;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST_CASE("a picture alone in its paragraph becomes a figure with its caption") {
  auto const html = shown_html("<p>一</p>\n<p><img src=\"/media/picture/1\" alt=\"\"></p>\n<p>二</p>\n",
                               {picture(1, "桥", "河上 <新> 桥")});
  CHECK(contains(html, "<p>一</p>\n<figure><picture>"));
  CHECK(contains(html, "</picture><figcaption>河上 &lt;新&gt; 桥</figcaption></figure>\n<p>二</p>"));
  CHECK(contains(html, "alt=\"桥\""));
}

TEST_CASE("a picture is offered as AVIF, WebP and JPEG, with its size, so that nothing jumps") {
  auto const html = picture_markup(picture(1, "", "").picture, "a \"b\" <c>", Loading::lazy);
  auto const avif = html.find("image/avif"), webp = html.find("image/webp"), image = html.find("<img");
  CHECK(avif < webp);
  CHECK(webp < image);
  CHECK(contains(html, "/media/" + std::string(64, '1') + " 320w, /media/" + std::string(64, '2') + " 960w"));
  CHECK(contains(html, "width=\"960\" height=\"720\""));
  CHECK(contains(html, "alt=\"a &quot;b&quot; &lt;c&gt;\""));
  CHECK(contains(html, "loading=\"lazy\""));
}

TEST_CASE("only the first picture loads at once") {
  auto const html =
      shown_html("<p><img src=\"/media/picture/1\" alt=\"\"></p>\n<p><img src=\"/media/picture/2\" alt=\"\"></p>\n",
                 {picture(1, "", ""), picture(2, "", "")});
  auto const first = html.find("<img"), second = html.find("<img", first + 1);
  CHECK(!contains(std::string_view(html).substr(first, second - first), "loading"));
  CHECK(contains(std::string_view(html).substr(second), "loading=\"lazy\""));
}

TEST_CASE("words written in the text go before the picture's own") {
  auto const html = shown_html("<p>看 <img src=\"/media/picture/1\" alt=\"文中\"> 这里</p>\n", {picture(1, "桥", "")});
  CHECK(contains(html, "alt=\"文中\""));
  CHECK(!contains(html, "<figure>"));
}

TEST_CASE("a reference to no picture vanishes") {
  CHECK(shown_html("<p>看<img src=\"/media/picture/9\" alt=\"\">这里</p>\n", {}) == "<p>看这里</p>\n");
}

TEST_CASE("feeds get plain images and absolute addresses, and the words of the text stay as they are") {
  auto const html = feed_html(
      "<p><a href=\"/a/1\">一</a> <code>href=\"/a/1\"</code> <a href=\"https://x.example/\">二</a></p>\n"
      "<p><img src=\"/media/picture/1\" alt=\"\"></p>\n",
      {picture(1, "桥", "")}, "https://news.example");
  CHECK(contains(html, "<a href=\"https://news.example/a/1\">一</a>"));
  CHECK(contains(html, "<code>href=\"/a/1\"</code>"));
  CHECK(contains(html, "<a href=\"https://x.example/\">"));
  CHECK(contains(html, "src=\"https://news.example/media/" + std::string(64, '2') + "\""));
  CHECK(!contains(html, "<picture"));
}

TEST_CASE("old addresses are one however they are encoded, and trackers do not hide them") {
  CHECK(old_path_key("/2019/%E4%BD%A0%e5%a5%bd/") == "/2019/你好");
  CHECK(old_path_key("/2019/你好") == "/2019/你好");
  CHECK(old_path_key("/?p=17") == "/?p=17");
  CHECK(old_path_key("/a?") == "/a");
  CHECK(old_path_keys("/2019/x/", "") == std::vector<std::string>{"/2019/x"});
  CHECK(old_path_keys("/", "utm=1&p=17") == std::vector<std::string>{"/?utm=1&p=17", "/?utm=1", "/?p=17"});
  CHECK(old_path_keys("/", "").empty());
  CHECK(old_path_keys("/x", std::string(5'000, '&')).size() <= 9);
}

}  // namespace
}  // namespace courant::articles
