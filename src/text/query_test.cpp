#include "text/query.hpp"

#include <doctest/doctest.h>

using namespace courant;
using namespace courant::text;

TEST_CASE("percent encoding and decoding undo each other") {
  CHECK(percent_encode("a b/中~") == "a%20b%2F%E4%B8%AD~");
  CHECK(*percent_decode("a%20b%2f%E4%B8%AD+") == "a b/中+");
  for (std::string_view const bad : {"%", "%1", "%zz", "a%00b"})
    CHECK(percent_decode(bad).error().message == "text.percent_encoding");
}

TEST_CASE("a form is read in the order sent") {
  Fields const fields = *parse_form("tag=a&title=%E4%B8%AD+x&&tag=b&empty=&bare");
  CHECK(fields.size() == 5);
  CHECK(fields.get("title") == "中 x");
  CHECK(fields.all("tag") == std::vector<std::string_view>{"a", "b"});
  CHECK(fields.has("empty"));
  CHECK(fields.get("bare").empty());
  CHECK_FALSE(fields.find("nothing").has_value());
  CHECK(write_query(fields) == "tag=a&title=%E4%B8%AD+x&tag=b&empty=&bare=");
}

TEST_CASE("limits and bad encodings are refused") {
  QueryLimits const limits{20, 2, 4, 6};
  CHECK(parse_form("a=1&b=2", limits).ok());
  CHECK(parse_form("a=1&b=2&c=3", limits).error().message == "text.query_too_many");
  CHECK(parse_form("aaaaa=1", limits).error().message == "text.query_too_long");
  CHECK(parse_form("a=1234567", limits).error().message == "text.query_too_long");
  CHECK(parse_form(std::string(21, 'a'), limits).error().message == "text.query_too_long");
  CHECK(parse_form("a=%FF").error().message == "text.query_encoding");
  CHECK(parse_form("a=%0").error().message == "text.query_encoding");
  CHECK(parse_query("a=%00").error().message == "text.query_encoding");
}
