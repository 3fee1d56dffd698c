#include "text/xml_write.hpp"

#include <doctest/doctest.h>

using namespace courant::text;

TEST_CASE("text and attributes are escaped for HTML and XML") {
  CHECK(escape_text("a<b & \"c\">") == "a&lt;b &amp; \"c\"&gt;");
  CHECK(escape_attribute("a<b & \"c\" 'd'\n") == "a&lt;b &amp; &quot;c&quot; &#39;d&#39;&#10;");
}

TEST_CASE("what XML forbids is taken out") {
  std::string const text = std::string("a") + '\0' + "b\v" + "c\xFF\t\n\uFFFE";
  CHECK(strip_xml_forbidden(text) == "abc\uFFFD\t\n");
}

TEST_CASE("character references are resolved as HTML does") {
  CHECK(unescape("&lt;&amp;&#x4E2D;&#25991;&nbsp;&hellip;") == "<&中文\u00A0…");
  CHECK(unescape("&notit; &notin; &amp &unknown; &; & &#; &#x110000; &#150;") ==
        "¬it; ∉ & &unknown; &; & &#; \uFFFD –");
  CHECK(unescape("&NotEqualTilde;") == "≂̸");
}
