#include "text/utf8.hpp"

#include <doctest/doctest.h>

using namespace courant::text;

TEST_CASE("well-formed text is recognised, ill-formed text repaired by maximal subparts") {
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("中文 é 😀"));
  CHECK_FALSE(is_utf8("\xC0\xAF"));          // overlong
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  // Unicode 15, table 3-11.
  Repaired const repaired = repair("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64");
  CHECK(repaired.text == "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  CHECK(repaired.replaced == 6);
  CHECK(repair("中").replaced == 0);
  CHECK(repair("中\xE4\xB8").text == "中\uFFFD");
}

TEST_CASE("characters are counted and cut whole") {
  CHECK(count_characters("中文 é😀") == 5);
  CHECK(count_text_characters(" 中文\t é😀\n") == 4);
  CHECK(first_characters("中文字", 2) == "中文");
  CHECK(first_characters("ab", 9) == "ab");
  CHECK(first_characters("😀x", 0).empty());
}

TEST_CASE("characters are written and read back") {
  for (char32_t const c : {U'a', U'é', U'中', U'😀', U'\U0010FFFF'}) {
    std::string text;
    append(text, c);
    CHECK(decode(text, 0).character == c);
    CHECK(decode(text, 0).bytes == text.size());
  }
  std::string text;
  append(text, 0xD800);
  append(text, 0x110000);
  CHECK(text == "\uFFFD\uFFFD");
}

TEST_CASE("white space of any kind is trimmed and collapsed") {
  CHECK(trim("\u3000 \uFEFF a b \u00A0\n") == "a b");
  CHECK(trim(" \t ").empty());
  CHECK(trim("\x80") == "\x80");
  CHECK(collapse_white_space("  a\u3000\n b  ") == "a b");
}

TEST_CASE("classes of characters") {
  CHECK(is_han(U'汉'));
  CHECK(is_han(U'𠀀'));
  CHECK_FALSE(is_han(U'か'));
  CHECK(is_kana(U'カ'));
  CHECK(is_hangul(U'한'));
  CHECK(is_forbidden(0x0B));
  CHECK(is_forbidden(0x85));
  CHECK(is_forbidden(0xFFFE));
  CHECK_FALSE(is_forbidden('\n'));
  CHECK(is_invisible_control(0x202E));
  CHECK_FALSE(is_invisible_control(U'中'));
}
