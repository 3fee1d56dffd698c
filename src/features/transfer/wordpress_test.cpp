#include "features/transfer/wordpress.hpp"

#include <doctest/doctest.h>

#include "text/utf8.hpp"

using namespace courant;
using transfer::wordpress_to_html;

TEST_CASE("blank lines part paragraphs and single newlines break lines") {
  CHECK(wordpress_to_html("one\ntwo\n\nthree").html == "<p>one<br>\ntwo</p>\n<p>three</p>\n");
  CHECK(wordpress_to_html("a\r\n\r\nb").html == "<p>a</p>\n<p>b</p>\n");
}

TEST_CASE("blocks are left as they are, with text around them in paragraphs") {
  CHECK(wordpress_to_html("before\n<ul>\n<li>x</li>\n</ul>\nafter").html.find("<p>before</p>") != std::string::npos);
  CHECK(wordpress_to_html("<pre>a\n\n  b</pre>").html == "<pre>a\n\n  b</pre>\n");
  CHECK(wordpress_to_html("<pre>never closed\n\nx").html == "<pre>never closed\n\nx\n");
}

TEST_CASE("bodies of the block editor are left alone") {
  std::string const body = "<!-- wp:paragraph -->\n<p>x</p>\n<!-- /wp:paragraph -->";
  CHECK(wordpress_to_html(body).html == body);
}

TEST_CASE("a caption becomes a figure, and every character of its shortcode is accounted for") {
  std::string const body =
      R"([caption id="a" width="3" caption="A bridge"]<a href="/x"><img src="/b.jpg"></a>[/caption] [caption]<img src="/c.jpg"> By hand[/caption])";
  auto const made = wordpress_to_html(body);
  CHECK(made.html.find("<figure><a href=\"/x\"><img src=\"/b.jpg\"></a><figcaption>A bridge</figcaption></figure>") !=
        std::string::npos);
  CHECK(made.html.find("<figcaption> By hand</figcaption>") != std::string::npos);
  REQUIRE(made.removed.size() == 1);
  CHECK(made.removed[0].count == 2);
  // Both shortcodes and their ends, less the caption that was kept.
  auto const tags =
      text::count_text_characters(R"([caption id="a" width="3" caption="A bridge"][/caption][caption][/caption])");
  CHECK(made.removed[0].characters == tags - text::count_text_characters("A bridge"));
}

TEST_CASE("a gallery goes and is reported; brackets that mean nothing to us stay") {
  auto const made =
      wordpress_to_html("[gallery ids=\"1,2\"]\n\n[note] stays, [gallery] goes, [caption without end stays");
  CHECK(made.html.find("[note] stays,  goes, [caption without end stays") != std::string::npos);
  REQUIRE(made.removed.size() == 1);
  CHECK(made.removed[0].name == "[gallery]");
  CHECK(made.removed[0].count == 2);
}
