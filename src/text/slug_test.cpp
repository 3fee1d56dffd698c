#include "text/slug.hpp"

#include <doctest/doctest.h>

#include "text/utf8.hpp"

using namespace courant::text;

TEST_CASE("a slug keeps letters and digits of any script") {
  CHECK(slug("Hello, World! It's 2026") == "hello-world-its-2026");
  CHECK(slug("北京：冬奥会（2022）") == "北京-冬奥会-2022");
  CHECK(slug("Ｃａｆé ÀÉÎ") == "cafe-aei");
  CHECK(slug("！？…").empty());
  CHECK(slug("a/../b?c#d") == "a-b-c-d");
}

TEST_CASE("a slug is cut at a word, Han text anywhere") {
  CHECK(slug("alpha beta gamma delta", 13) == "alpha-beta");
  CHECK(count_characters(slug(std::string("长") + "标题标题标题标题标题", 6)) == 6);
  CHECK(slug("supercalifragilistic", 5) == "super");
}

TEST_CASE("handles are canonical or refused") {
  CHECK(*handle(" @Anna_Li-2 ") == "anna_li-2");
  CHECK(*handle("张三") == "张三");
  CHECK(handle("a").error().message == "text.handle_too_short");
  CHECK(handle(std::string(31, 'a')).error().message == "text.handle_too_long");
  for (std::string_view const bad : {"_a", "a_", "a__b", "a b", "café", "раураl", "a.b", "a\u200Bb"}) {
    CHECK(handle(bad).error().message == "text.handle_characters");
  }
  CHECK(handle("Admin").error().message == "text.handle_reserved");
}
