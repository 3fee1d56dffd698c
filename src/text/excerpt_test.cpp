#include "text/excerpt.hpp"

#include <doctest/doctest.h>

#include "text/html.hpp"
#include "text/utf8.hpp"

using namespace courant::text;

TEST_CASE("the text of clean HTML is laid out in lines") {
  std::string const html =
      sanitize(
          "<h1>T</h1><p>a <b>b</b>&amp;c<br>d</p><ul><li>1<li>2</ul><table><tr><td>x<td>y</table><pre>\np\n q</pre>"
          "<ruby>漢<rp>(<rt>kan<rp>)</ruby>")
          ->html;
  CHECK(html_to_plain(html) == "T\na b&c\nd\n1\n2\nx y\np\n q\n漢kan");
}

TEST_CASE("an excerpt ends at a sentence, else at a word") {
  CHECK(excerpt("短文。", 10) == "短文。");
  CHECK(excerpt("第一句话结束了。第二句话很长很长很长很长。", 10) == "第一句话结束了。");
  CHECK(excerpt("没有句号的一大段文字一直写下去", 8) == "没有句号的一大段…");
  CHECK(excerpt("One two three four five", 12) == "One two…");
  CHECK(excerpt("It costs 3.14 dollars today and more", 20) == "It costs 3.14…");
  CHECK(excerpt("He said “yes.” Then he left the room.", 18) == "He said “yes.”");
  CHECK(excerpt("逗号前，逗号后还有很多字", 4) == "逗号前…");
  CHECK(excerpt("Supercalifragilistic", 5) == "Super…");
  CHECK(html_excerpt("<p>第一句。</p>\n<p>第二句更长。</p>\n", 5) == "第一句。");
}

TEST_CASE("an excerpt never exceeds its limit by more than the ellipsis") {
  std::string const text = "Mixed 中英文 text，with many 标点。And more! ";
  for (std::size_t limit = 1; limit < 40; ++limit)
    CHECK(count_characters(excerpt(text + text + text, limit)) <= limit + 1);
}

TEST_CASE("length and reading time") {
  Length const length = measure("Hello, it's 中文 3 words-joined。");
  CHECK(length.cjk == 2);
  CHECK(length.words == 4);
  CHECK(length.characters == 26);
  CHECK(reading_minutes({}) == 1);
  CHECK(reading_minutes({400, 400, 0}) == 1);
  CHECK(reading_minutes({801, 801, 0}) == 3);
  CHECK(reading_minutes({0, 400, 230}) == 2);
}
