#include "net/head.hpp"

#include <doctest/doctest.h>

#include <string>

#include "net/refused_requests.hpp"

namespace courant::net {
namespace {

struct Read {
  int refusal = -1;  // -1: incomplete
  web::Request request;
  HeadFacts facts;
};

/// Gives the bytes in pieces of `piece`, as a network may.
Read read_in_pieces(std::string_view bytes, std::size_t piece) {
  Read read;
  HeadScan scan;
  for (std::size_t end = std::min(piece, bytes.size());; end = std::min(end + piece, bytes.size())) {
    auto const state = scan.look(bytes.substr(0, end));
    if (state == HeadScan::State::refused) {
      read.refusal = scan.refusal();
      return read;
    }
    if (state == HeadScan::State::complete) {
      read.refusal = read_head(bytes.substr(scan.begin(), scan.end() - scan.begin()), read.request, read.facts);
      return read;
    }
    if (end == bytes.size()) return read;
  }
}

Read read_whole(std::string_view bytes) { return read_in_pieces(bytes, bytes.size()); }

}  // namespace

TEST_CASE("a plain request is read into views") {
  std::string_view const bytes =
      "GET /a/1/title?edition=2&x HTTP/1.1\r\nHost: news.example\r\nCookie: a=b\r\nUser-Agent:  me \r\n\r\n";
  for (std::size_t const piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    auto const read = read_in_pieces(bytes, piece);
    REQUIRE(read.refusal == 0);
    CHECK(read.request.method == web::Method::get);
    CHECK(read.facts.method == "GET");
    CHECK(read.request.target == "/a/1/title?edition=2&x");
    CHECK(read.request.path == "/a/1/title");
    CHECK(read.request.query == "edition=2&x");
    REQUIRE(read.request.headers.size() == 3);
    CHECK(read.request.headers[2].name == "User-Agent");
    CHECK(read.request.headers[2].value == "me");
    CHECK(read.facts.keep_alive);
    CHECK(read.facts.framing == Framing::none);
    CHECK(read.request.headers[0].value.data() >= bytes.data());
    CHECK(read.request.headers[0].value.data() < bytes.data() + bytes.size());
  }
}

TEST_CASE("every method has its name") {
  using web::Method;
  std::pair<std::string, Method> const methods[] = {
      {"GET", Method::get},     {"HEAD", Method::head},  {"POST", Method::post},       {"PUT", Method::put},
      {"PATCH", Method::patch}, {"DELETE", Method::del}, {"OPTIONS", Method::options}, {"PURGE", Method::other}};
  for (auto const& [name, method] : methods) {
    auto const bytes = name + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    auto const read = read_whole(bytes);
    CAPTURE(name);
    CHECK(read.refusal == 0);
    CHECK(read.request.method == method);
  }
}

TEST_CASE("keep-alive follows version and Connection") {
  struct Row {
    std::string_view head;
    bool keep_alive;
  } const rows[] = {{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
                    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
                    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, Close\r\n\r\n", false},
                    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
                    {"GET / HTTP/1.0\r\n\r\n", false},
                    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true}};
  for (auto const& row : rows) {
    CAPTURE(row.head);
    auto const read = read_whole(row.head);
    REQUIRE(read.refusal == 0);
    CHECK(read.facts.keep_alive == row.keep_alive);
  }
}

TEST_CASE("the body's framing is told by one header") {
  auto const counted = read_whole("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0042\r\nExpect: 100-Continue\r\n\r\n");
  REQUIRE(counted.refusal == 0);
  CHECK(counted.facts.framing == Framing::length);
  CHECK(counted.facts.length == 42);
  CHECK(counted.facts.expects_continue);
  auto const chunked = read_whole("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n");
  REQUIRE(chunked.refusal == 0);
  CHECK(chunked.facts.framing == Framing::chunked);
  auto const empty = read_whole("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(empty.refusal == 0);
  CHECK(empty.facts.framing == Framing::none);
}

TEST_CASE("one empty line before the request line is forgiven") {
  CHECK(read_whole("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").refusal == 0);
  CHECK(read_in_pieces("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 1).refusal == 0);
  CHECK(read_whole("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").refusal == 400);
  CHECK(read_whole("\r\n\xff").refusal == 400);
  CHECK(read_in_pieces("\r\n\xff", 1).refusal == 400);
}

TEST_CASE("what two servers could read differently is refused, whole or byte by byte") {
  for (auto const& row : refused_requests()) {
    CAPTURE(row.why);
    CHECK(read_whole(row.bytes).refusal == row.status);
    CHECK(read_in_pieces(row.bytes, 1).refusal == row.status);
  }
}

TEST_CASE("a head that does not end is incomplete until it is too long") {
  CHECK(read_whole("GET / HTTP/1.1\r\nHost: a\r\n").refusal == -1);
  CHECK(read_whole("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kMostHeadBytes, 'x')).refusal == 431);
  CHECK(read_whole("GET /" + std::string(kMostRequestLineBytes, 'x')).refusal == 414);
}

}  // namespace courant::net
