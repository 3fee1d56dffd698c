#include "text/language.hpp"

#include <doctest/doctest.h>

using namespace courant::text;

TEST_CASE("the language is told from characters") {
  CHECK(guess_language("国务院今天发布了关于发展经济的新规定，记者从会议上获悉。") == "zh-Hans");
  CHECK(guess_language("國務院今天發佈了關於發展經濟的新規定，記者從會議上獲悉。") == "zh-Hant");
  CHECK(guess_language("今日の天気は晴れです。明日も晴れるでしょう。") == "ja");
  CHECK(guess_language("오늘 날씨가 좋습니다") == "ko");
  CHECK(guess_language("The council said on Monday that it will not change the plan.") == "en");
  CHECK(guess_language("iPhone 17 Pro Max 发布会") == "zh-Hans");
  CHECK(guess_language("Съешь же ещё этих мягких булок") == "und");
  CHECK(guess_language("123 …").size() == 3);
}
