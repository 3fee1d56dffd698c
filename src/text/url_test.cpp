#include "text/url.hpp"

#include <doctest/doctest.h>

using namespace courant;
using namespace courant::text;

namespace {
std::string normal(std::string_view text) {
  Result<Url> const url = Url::parse(text);
  return url ? url->str() : url.error().message;
}
std::string resolved(std::string_view text) {
  Result<Url> const url = Url::parse(text, *Url::parse("https://example.com/a/b?q#f"));
  return url ? url->str() : url.error().message;
}
std::string own(std::string_view text) {
  Result<std::string> const path = parse_own_path(text);
  return path ? *path : path.error().message;
}
}  // namespace

TEST_CASE("addresses come out in normal form") {
  CHECK(normal("HTTP://Example.COM:80/a/./b/../c%7e?x=1 2#ü") == "http://example.com/a/c%7e?x=1%202#%C3%BC");
  CHECK(normal("https://example.com") == "https://example.com/");
  CHECK(normal("https:\\\\example.com\\a") == "https://example.com/a");
  CHECK(normal("https://例子.中国/路") == "https://xn--fsqu00a.xn--fiqs8s/%E8%B7%AF");
  CHECK(normal("http://[::1]:8080/") == "http://[::1]:8080/");
  CHECK(normal("https://e.com/a%zz\"'<>") == "https://e.com/a%25zz%22%27%3C%3E");
  CHECK(normal("mailto:a@example.com?subject=x y") == "mailto:a@example.com?subject=x%20y");
  CHECK(normal("https://e.com/%2e%2E/../x") == "https://e.com/x");
}

TEST_CASE("what is no plain web address is refused") {
  CHECK(normal("javascript:alert(1)") == "text.url_scheme");
  CHECK(normal("data:text/html,x") == "text.url_scheme");
  CHECK(normal("java\nscript:x") == "text.url_control");
  CHECK(normal("https://e.com/\x01/") == "text.url_control");
  CHECK(normal("https://user:pw@e.com/") == "text.url_credentials");
  CHECK(normal("https:///") == "text.url_host");
  CHECK(normal("https://e..com/") == "text.url_host");
  CHECK(normal("https://a b/") == "text.url_host");
  CHECK(normal("http://0x7f.1/") == "text.url_host");
  CHECK(normal("http://127.1/") == "text.url_host");
  CHECK(normal("http://127.0.0.1/") == "http://127.0.0.1/");
  CHECK(normal("https://e.com:99999/") == "text.url_port");
  CHECK(normal("/x") == "text.url_relative");
  CHECK(normal("  ") == "text.url_empty");
  CHECK(normal("https://e.com/" + std::string(5000, 'x')) == "text.url_too_long");
}

TEST_CASE("parts of an address can be asked for") {
  Url const url = *Url::parse("https://example.com:8443/p/q?a=b#c");
  CHECK(url.host() == "example.com");
  CHECK(url.port() == 8443);
  CHECK(url.path() == "/p/q");
  CHECK(url.query() == "a=b");
  CHECK(url.fragment() == "c");
  CHECK(url.origin() == "https://example.com:8443");
  CHECK(Url::parse("http://[2001:DB8::1]/")->host() == "2001:db8::1");
  CHECK(Url::parse("https://e.com/")->port() == 443);
}

TEST_CASE("relative addresses are resolved as RFC 3986 section 5.4 says") {
  CHECK(resolved("c") == "https://example.com/a/c");
  CHECK(resolved("../c?x#y") == "https://example.com/c?x#y");
  CHECK(resolved("/c") == "https://example.com/c");
  CHECK(resolved("//other.com/c") == "https://other.com/c");
  CHECK(resolved("?x") == "https://example.com/a/b?x");
  CHECK(resolved("#x") == "https://example.com/a/b?q#x");
  CHECK(resolved("") == "https://example.com/a/b?q");
  CHECK(resolved("javascript:x") == "text.url_scheme");
}

TEST_CASE("an own path never leaves this site") {
  CHECK(own("/a/1?x=//y#z") == "/a/1?x=//y#z");
  CHECK(own("/a/./b/../c") == "/a/c");
  CHECK(own("//evil.com") == "text.url_own_path");
  CHECK(own("/\\evil.com") == "text.url_own_path");
  CHECK(own("/.//evil.com") == "text.url_own_path");
  CHECK(own("/a/../../x") == "text.url_own_path");
  CHECK(own("https://e.com/") == "text.url_own_path");
  CHECK(own("/a\nb") == "text.url_control");
  CHECK(own("/中") == "/%E4%B8%AD");
}
