#include "web/catalogue.hpp"

#include <doctest/doctest.h>

#include "web/embedded.hpp"

using namespace courant;
using namespace courant::web;

TEST_CASE("a text is found by key and language and its names are filled in") {
  auto const catalogue =
      Catalogue::from_json(R"({"zh-Hans": {"a.b": "{n} 条 {who}"}, "en": {"a.b": "{who}: {n}"}})").value();
  CHECK(catalogue.text(Language::en, "a.b", {{"n", "3"}, {"who", "<x>"}}) == "<x>: 3");
  CHECK(catalogue.text(Language::zh_hans, "a.b", {{"n", "3"}}) == "3 条 {who}");
  CHECK(catalogue.text(Language::en, "a.none") == "a.none");
  CHECK(catalogue.find(Language::en, "a.none") == nullptr);
}

TEST_CASE("a key that one language lacks is refused") {
  auto const refused = Catalogue::from_json(R"({"zh-Hans": {"a.b": "x"}, "en": {"a.b": "x", "a.c": "y"}})");
  REQUIRE(!refused.ok());
  CHECK(refused.error().detail.find("a.c is missing in zh-Hans") != std::string::npos);
}

TEST_CASE("texts whose names differ between languages are refused") {
  auto const refused = Catalogue::from_json(R"({"zh-Hans": {"a.b": "{count}"}, "en": {"a.b": "{number}"}})");
  REQUIRE(!refused.ok());
  CHECK(refused.error().detail.find("a.b has other {names}") != std::string::npos);
}

TEST_CASE("the catalogue of this program is whole") {
  auto const whole = Catalogue::from_json(embedded_file("messages.json"));
  CHECK_MESSAGE(whole.ok(), (whole.ok() ? "" : whole.error().detail));
}

TEST_CASE("the language that a reader likes best is chosen") {
  auto const best = [](std::string_view header) { return preferred_language(header, Language::zh_hans); };
  CHECK(best("") == Language::zh_hans);
  CHECK(best("en") == Language::en);
  CHECK(best("en-GB,en;q=0.9,zh;q=0.8") == Language::en);
  CHECK(best("fr, de;q=0.9") == Language::zh_hans);
  CHECK(best("zh-CN,zh;q=0.9,en;q=0.8") == Language::zh_hans);
  CHECK(best("zh;q=0.2, EN-us;q=0.75") == Language::en);
  CHECK(best("en;q=0, zh;q=0.1") == Language::zh_hans);
  CHECK(best("en;q=") == Language::zh_hans);
  CHECK(best(",,,;;;q=q=1.") == Language::zh_hans);
  CHECK(language_tagged("zh-Hans") == Language::zh_hans);
  CHECK(!language_tagged("zh"));
  CHECK(tag_of(Language::en) == "en");
}
