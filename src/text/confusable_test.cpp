#include "text/confusable.hpp"

#include <doctest/doctest.h>

namespace courant::text {

TEST_CASE("look-alikes share a key") {
  CHECK(look_alike_key("paypal") == look_alike_key("раураl"));  // Cyrillic р а у р а
  CHECK(look_alike_key("PayPal") == look_alike_key("pay.pa1"));
  CHECK(look_alike_key("Zoo") == look_alike_key("z00"));
  CHECK(look_alike_key("ｃａｆé") == look_alike_key("Cafe"));
  CHECK(look_alike_key("新华社") == look_alike_key("新 华 社"));
  CHECK(look_alike_key("ab\u200Bc") == look_alike_key("abc"));
}

TEST_CASE("names that people tell apart keep different keys") {
  CHECK(look_alike_key("mail") != look_alike_key("mall"));
  CHECK(look_alike_key("新华社") != look_alike_key("新华网"));
  CHECK(look_alike_key("alice") != look_alike_key("alicia"));
  CHECK(look_alike_key("a") != look_alike_key(""));
}

TEST_CASE("a key is its own key, and any bytes have one") {
  for (auto const* text : {"Modern", "раураl", "\xff\xfe", "", "ß", "İstanbul", "0O1l"})
    CHECK(look_alike_key(look_alike_key(text)) == look_alike_key(text));
}

TEST_CASE("scripts that no language mixes are noticed") {
  CHECK(mixes_scripts("pаypal"));  // one Cyrillic а
  CHECK_FALSE(mixes_scripts("paypal"));
  CHECK_FALSE(mixes_scripts("小明abc"));
  CHECK_FALSE(mixes_scripts("さくらA桜"));
  CHECK_FALSE(mixes_scripts("김철수tv"));
  CHECK_FALSE(mixes_scripts("Иван"));
}

}  // namespace courant::text
