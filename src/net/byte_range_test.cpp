#include "net/byte_range.hpp"

#include <doctest/doctest.h>

#include <string>

namespace courant::net {
namespace {

std::string ask(std::string_view range, std::int64_t size = 1000, std::string_view if_range = {},
                web::Method method = web::Method::get) {
  web::Request request;
  request.method = method;
  request.headers.push_back({"Range", range});
  if (!if_range.empty()) request.headers.push_back({"If-Range", if_range});
  auto const answer = byte_range(request, size, "\"tag\"");
  switch (answer.answer) {
    case ByteRange::Answer::whole:
      return "whole";
    case ByteRange::Answer::unsatisfiable:
      return "416";
    case ByteRange::Answer::part:
      break;
  }
  return std::to_string(answer.first) + "+" + std::to_string(answer.length);
}

}  // namespace

TEST_CASE("one range is answered with its part") {
  CHECK(ask("bytes=0-0") == "0+1");
  CHECK(ask("bytes=0-499") == "0+500");
  CHECK(ask("Bytes=500-") == "500+500");
  CHECK(ask("bytes=-1") == "999+1");
  CHECK(ask("bytes=-5000") == "0+1000");
  CHECK(ask("bytes=900-5000") == "900+100");
  CHECK(ask("bytes=0-99999999999999999999999999") == "0+1000");
  CHECK(ask("bytes= 5-6 ") == "5+2");
}

TEST_CASE("a range behind the end cannot be satisfied") {
  CHECK(ask("bytes=1000-") == "416");
  CHECK(ask("bytes=99999999999999999999999999-") == "416");
  CHECK(ask("bytes=-0") == "416");
  CHECK(ask("bytes=0-", 0) == "416");
  CHECK(ask("bytes=1000-1001, 2000-") == "416");
}

TEST_CASE("several ranges are answered with the whole") {
  CHECK(ask("bytes=0-1,5-6") == "whole");
  CHECK(ask("bytes=0-1,2000-") == "whole");
}

TEST_CASE("what is malformed or of another unit is ignored") {
  for (auto const* range : {"bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2-3", "bytes=--1", "items=0-1",
                            "bytes", "bytes=0-1,x", "0-1", "bytes 0-1", "bytes=+1-2"}) {
    CAPTURE(range);
    CHECK(ask(range) == "whole");
  }
}

TEST_CASE("If-Range must match strongly, and only GET has ranges") {
  CHECK(ask("bytes=0-1", 1000, "\"tag\"") == "0+2");
  CHECK(ask("bytes=0-1", 1000, "\"other\"") == "whole");
  CHECK(ask("bytes=0-1", 1000, "W/\"tag\"") == "whole");
  CHECK(ask("bytes=0-1", 1000, "Sun, 22 Nov 2026 15:04:05 GMT") == "whole");
  CHECK(ask("bytes=0-1", 1000, {}, web::Method::head) == "whole");
}

}  // namespace courant::net
