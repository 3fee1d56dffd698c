#include "text/fold.hpp"

#include <doctest/doctest.h>

using namespace courant::text;

TEST_CASE("width, case and accents fold away") {
  CHECK(fold("Ｃａｆé") == fold("cafe"));
  CHECK(fold("STRASSE") == fold("straße"));
  CHECK(fold(" A\u200B b\u3000c ") == "a b c");
  CHECK(fold("ﾊﾝｶｸ") == fold("ハンカク"));
  CHECK(fold(fold("e\u0001\u0301")) == fold("e\u0001\u0301"));  // a control kept letter and mark apart
  CHECK(fold("हिन्दी") != fold("हनद"));                          // marks that are part of letters stay
}

TEST_CASE("a name is made presentable and stays itself") {
  CHECK(clean_name("  Anna\u202E\u0007  Li ") == "Anna Li");
  CHECK(clean_name("e\u0301") == "é");
  CHECK(clean_name("👨‍👩‍👧") == "👨‍👩‍👧");
  CHECK(clean_name("a\u200Db\u200C") == "ab");
  CHECK(clean_name("x\xFF") == "x\uFFFD");
}

TEST_CASE("lower case and normal form") {
  CHECK(lower_case("ÄÖ中A") == "äö中a");
  CHECK(normalize("A\u030A") == "Å");
}
