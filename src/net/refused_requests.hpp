// Requests that must be refused: the table that the tests of head and server walk. Test code only.
#pragma once
#include <string>
#include <vector>

namespace courant::net {

struct RefusedRequest {
  std::string why;
  std::string bytes;
  int status;
};

inline std::vector<RefusedRequest> refused_requests() {
  using namespace std::string_literals;
  std::string const get = "GET / HTTP/1.1\r\nHost: a\r\n";
  std::string const post = "POST / HTTP/1.1\r\nHost: a\r\n";
  std::string many_headers = get;
  for (int i = 0; i < 101; ++i) many_headers += "X-" + std::to_string(i) + ": y\r\n";
  return {
      // Content-Length and Transfer-Encoding
      {"length and chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"length 0 and chunked", post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"two lengths, the same", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"two lengths, differing", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
      {"two lengths, other case", post + "Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello", 400},
      {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {"length with a plus", post + "Content-Length: +5\r\n\r\nhello", 400},
      {"length with a minus", post + "Content-Length: -5\r\n\r\nhello", 400},
      {"length in hex", post + "Content-Length: 0x5\r\n\r\nhello", 400},
      {"length with text", post + "Content-Length: 5 bytes\r\n\r\nhello", 400},
      {"length with a fraction", post + "Content-Length: 5.0\r\n\r\nhello", 400},
      {"empty length", post + "Content-Length:\r\n\r\nhello", 400},
      {"length over 64 bits", post + "Content-Length: 18446744073709551621\r\n\r\nhello", 400},
      {"length over 63 bits", post + "Content-Length: 9223372036854775813\r\n\r\nhello", 400},
      {"length in other digits", post + "Content-Length: \xd9\xa5\r\n\r\nhello", 400},
      {"a coding we do not know", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"chunked under another coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked before another coding", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
      {"chunked twice in a list", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked in two headers", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunked and identity in two headers",
       post + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
      {"nearly chunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"chunked in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501},
      {"chunked with a parameter", post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 501},
      {"chunked after a vertical tab",
       post + "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunked after a comma", post + "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", 501},
      {"empty coding", post + "Transfer-Encoding:\r\n\r\n", 501},
      {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      // Header lines
      {"space before the colon", get + "X-Thing : y\r\n\r\n", 400},
      {"tab before the colon", get + "X-Thing\t: y\r\n\r\n", 400},
      {"space before the colon of a framing header", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {"folded line with a space", get + "X-Thing: y\r\n more\r\n\r\n", 400},
      {"folded line with a tab", get + "X-Thing: y\r\n\tmore\r\n\r\n", 400},
      {"first header line folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"a line without a colon", get + "X-Thing\r\n\r\n", 400},
      {"a line without a name", get + ": y\r\n\r\n", 400},
      {"a space in the name", get + "X Thing: y\r\n\r\n", 400},
      {"a slash in the name", get + "X/Thing: y\r\n\r\n", 400},
      {"a letter beyond ASCII in the name", get + "X-Th\xc3\xafng: y\r\n\r\n", 400},
      {"NUL in the name", get + "X\0Thing: y\r\n\r\n"s, 400},
      {"NUL in the value", get + "X-Thing: y\0z\r\n\r\n"s, 400},
      {"DEL in the value", get + "X-Thing: y\x7f\r\n\r\n", 400},
      {"escape in the value", get + "X-Thing: \x1b[31m\r\n\r\n", 400},
      {"bare line feed ends a header", get + "X-Thing: y\nX-Other: z\r\n\r\n", 400},
      {"bare line feeds everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare line feed ends the head", get + "\n", 400},
      {"bare carriage return in the value", get + "X-Thing: y\rX-Other: z\r\n\r\n", 400},
      {"bare carriage return before the end", get + "X-Thing: y\r\r\n\r\n", 400},
      {"bare carriage return in the name", get + "X-\rThing: y\r\n\r\n", 400},
      {"too many headers", many_headers + "\r\n", 431},
      {"a head that is too long", get + "X: " + std::string(16 * 1024, 'x') + "\r\n\r\n", 431},
      {"an expectation that we do not know", post + "Expect: miracles\r\nContent-Length: 1\r\n\r\nx", 417},
      // Host
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts, the same", get + "Host: a\r\n\r\n", 400},
      {"two hosts, differing", get + "Host: b\r\n\r\n", 400},
      {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"a space in the host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"a path in the host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"a user in the host", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
      {"a list of hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      // Request line
      {"absolute-form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute-form of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"authority-form", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400},
      {"asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a target without slash", "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a tab in the target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"DEL in the target", "GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a bell in the target", "GET /a\x07 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"bytes beyond ASCII in the target", "GET /\xe4\xb8\xad HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"bare carriage return in the target", "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tabs for spaces", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n", 400},
      {"HTTP/0.9 with a version", "GET / HTTP/0.9\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
      {"a version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"another protocol", "GET / ICAP/1.1\r\nHost: a\r\n\r\n", 400},
      {"brackets in the method", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NUL in the method", "G\0T / HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"a colon in the method", "GET: / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"the hello of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      {"a request line that is too long", "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
  };
}

}  // namespace courant::net
