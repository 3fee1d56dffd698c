#include "net/chunked.hpp"

#include <doctest/doctest.h>

#include <string>

namespace courant::net {
namespace {

struct Decoded {
  ChunkDecoder::State state = ChunkDecoder::State::more;
  std::string body;
  std::string rest;
};

Decoded decode(std::string_view bytes, std::size_t piece) {
  Decoded decoded;
  ChunkDecoder decoder;
  for (std::size_t at = 0; at < bytes.size();) {
    auto input = bytes.substr(at, piece);
    while (!input.empty()) {
      auto const step = decoder.next(input);
      decoded.body.append(step.data);
      decoded.state = step.state;
      input.remove_prefix(step.taken);
      at += step.taken;
      if (step.state != ChunkDecoder::State::more) {
        decoded.rest = bytes.substr(at);
        return decoded;
      }
    }
  }
  return decoded;
}

}  // namespace

TEST_CASE("chunks become a body, however they are cut") {
  std::string_view const bytes = "5\r\nhello\r\n1;name=\"value\"\r\n \r\n0005\r\nworld\r\n0\r\nTrailer: x\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    auto const decoded = decode(bytes, piece);
    CAPTURE(piece);
    CHECK(decoded.state == ChunkDecoder::State::done);
    CHECK(decoded.body == "hello world");
    CHECK(decoded.rest == "GET /");
  }
  CHECK(decode("0\r\n\r\n", 5).state == ChunkDecoder::State::done);
  CHECK(decode("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", 100).body.size() == 20);
}

TEST_CASE("a body without its last chunk is not over") {
  CHECK(decode("5\r\nhello\r\n", 100).state == ChunkDecoder::State::more);
  CHECK(decode("5\r\nhello\r\n0\r\n", 100).state == ChunkDecoder::State::more);
}

TEST_CASE("chunks that two servers could read differently are refused") {
  using namespace std::string_literals;
  std::string const rows[] = {
      "\r\n",
      ";x\r\n",
      "x\r\n",
      "-1\r\n",
      "+5\r\nhello\r\n",
      "0x5\r\nhello\r\n",
      " 5\r\nhello\r\n",
      "5 \r\nhello\r\n",
      "5\t;x\r\nhello\r\n",
      "5\nhello\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhello!\r\n",
      "5\rhello\r\n",
      "5;a\nb\r\nhello\r\n",
      "5;a\rb\r\nhello\r\n",
      "5;\0\r\nhello\r\n"s,
      "fffffffffffffffff\r\n",
      "10000000000000000\r\n",
      "0000000000000000000000005\r\nhello\r\n",
      "5;" + std::string(5000, 'x') + "\r\nhello\r\n",
      "0\r\n folded: x\r\n\r\n",
      "0\r\n: nameless\r\n\r\n",
      "0\r\nX: y\nZ: y\r\n\r\n",
      "0\r\nX: " + std::string(5000, 'x') + "\r\n\r\n",
      "0\r\nX: \x01\r\n\r\n",
  };
  for (auto const& row : rows) {
    CAPTURE(row);
    CHECK(decode(row, row.size()).state == ChunkDecoder::State::bad);
    CHECK(decode(row, 1).state == ChunkDecoder::State::bad);
  }
}

TEST_CASE("extensions are limited over the whole body, not per chunk") {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "1;" + std::string(60, 'x') + "\r\ny\r\n";
  CHECK(decode(bytes, bytes.size()).state == ChunkDecoder::State::bad);
}

}  // namespace courant::net
