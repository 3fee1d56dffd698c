#include "text/plain.hpp"

#include <doctest/doctest.h>

#include "text/excerpt.hpp"
#include "text/html_check.hpp"
#include "text/utf8.hpp"

using namespace courant::text;

TEST_CASE("blank lines part paragraphs, single newlines break lines") {
  CHECK(plain_to_html("one\ntwo\n\n\nthree <4>", Paragraphs::guess) == "<p>one<br>\ntwo</p>\n<p>three &lt;4&gt;</p>\n");
}

TEST_CASE("indented Chinese lines are paragraphs, even with blank lines between some") {
  CHECK(plain_to_html("　　第一段。\r\n　　第二段。\r\n\r\n　　第三段。") ==
        "<p>第一段。</p>\n<p>第二段。</p>\n<p>第三段。</p>\n");
  CHECK(plain_to_html("第一段。\n第二段。") == "<p>第一段。</p>\n<p>第二段。</p>\n");
}

TEST_CASE("hard-wrapped Latin text stays one paragraph") {
  std::string const line(70, 'x');
  CHECK(plain_to_html(line + "\n" + line + "\n" + line + "\n" + line) ==
        "<p>" + line + "<br>\n" + line + "<br>\n" + line + "<br>\n" + line + "</p>\n");
}

TEST_CASE("no character is lost but white space, and the sanitizer leaves the result alone") {
  for (std::string_view const text : {"a & b\u2028c\x0C"
                                      "d",
                                      "　　中　文\n\n\n1 <  \t 2", "", "\n\n", "x\xFFy"}) {
    for (Paragraphs const paragraphs : {Paragraphs::guess, Paragraphs::blank_line, Paragraphs::every_line}) {
      std::string const html = plain_to_html(text, paragraphs);
      std::string const repaired = repair(std::string(text)).text;
      CHECK(count_text_characters(collapse_white_space(html_to_plain(html))) ==
            count_text_characters(collapse_white_space(repaired)));
      CHECK(sanitize(html)->html == html);
    }
  }
}
