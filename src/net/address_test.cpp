#include "net/address.hpp"

#include <doctest/doctest.h>

namespace courant::net {
namespace {

TrustedProxies proxies(std::vector<std::string> entries) {
  auto parsed = TrustedProxies::parse(entries);
  REQUIRE(parsed.ok());
  return *parsed;
}

std::string client_of(std::vector<web::HeaderField> headers, TrustedProxies const& trusted) {
  auto const said = forwarded(headers, trusted);
  return said.client ? said.client->text() : "the peer";
}

}  // namespace

TEST_CASE("addresses are read and written in one form") {
  CHECK(Address::parse("192.0.2.1")->text() == "192.0.2.1");
  CHECK(Address::parse("::ffff:192.0.2.1")->text() == "192.0.2.1");
  CHECK(Address::parse("2001:DB8:0:0::1")->text() == "2001:db8::1");
  for (auto const* bad :
       {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "fe80::1%eth0", "localhost", "[::1]"})
    CHECK_FALSE(Address::parse(bad));
}

TEST_CASE("networks contain their addresses only") {
  auto const ten = *Network::parse("10.0.0.0/8");
  CHECK(ten.contains(*Address::parse("10.255.0.1")));
  CHECK_FALSE(ten.contains(*Address::parse("11.0.0.1")));
  auto const odd = *Network::parse("192.0.2.128/25");
  CHECK(odd.contains(*Address::parse("192.0.2.200")));
  CHECK_FALSE(odd.contains(*Address::parse("192.0.2.100")));
  auto const six = *Network::parse("2001:db8::/33");
  CHECK(six.contains(*Address::parse("2001:db8:7fff::1")));
  CHECK_FALSE(six.contains(*Address::parse("2001:db8:8000::1")));
  CHECK(Network::parse("::1")->contains(*Address::parse("::1")));
  for (auto const* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x/8", "::/129", ""})
    CHECK_FALSE(Network::parse(bad).ok());
}

TEST_CASE("limits count an IPv6 client by its /64") {
  CHECK(Address::parse("2001:db8:1:2:3:4:5:6")->limited_as() == Address::parse("2001:db8:1:2::9")->limited_as());
  CHECK(Address::parse("2001:db8:1:3::1")->limited_as() != Address::parse("2001:db8:1:2::1")->limited_as());
  CHECK(Address::parse("192.0.2.1")->limited_as() != Address::parse("192.0.2.2")->limited_as());
}

TEST_CASE("the client is the right-most address that is not a trusted proxy") {
  auto const trusted = proxies({"10.0.0.0/8", "2001:db8::5"});
  CHECK(client_of({{"X-Forwarded-For", "203.0.113.7"}}, trusted) == "203.0.113.7");
  CHECK(client_of({{"x-forwarded-for", "1.1.1.1, 203.0.113.7, 10.1.2.3"}}, trusted) == "203.0.113.7");
  CHECK(client_of({{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.7,2001:db8::5"}}, trusted) ==
        "203.0.113.7");
  CHECK(client_of({{"X-Forwarded-For", "[2001:db8::9]:4711"}}, trusted) == "2001:db8::9");
  CHECK(client_of({{"X-Forwarded-For", "203.0.113.7:4711"}}, trusted) == "203.0.113.7");
  CHECK(client_of({{"X-Forwarded-For", "10.0.0.1, 10.0.0.2"}}, trusted) == "10.0.0.1");
  CHECK(client_of({}, trusted) == "the peer");
}

TEST_CASE("what is no address ends the search") {
  auto const trusted = proxies({"10.0.0.0/8"});
  CHECK(client_of({{"X-Forwarded-For", "203.0.113.7, unknown"}}, trusted) == "the peer");
  CHECK(client_of({{"X-Forwarded-For", "203.0.113.7, <script>, 10.0.0.9"}}, trusted) == "10.0.0.9");
  CHECK(client_of({{"X-Forwarded-For", "203.0.113.7,"}}, trusted) == "the peer");
}

TEST_CASE("the scheme is what the nearest proxy says") {
  auto const trusted = proxies({"10.0.0.0/8"});
  auto const https = [&](std::string_view value) {
    std::vector<web::HeaderField> const headers{{"X-Forwarded-Proto", value}};
    return forwarded(headers, trusted).https;
  };
  CHECK(https("https"));
  CHECK(https("HTTPS"));
  CHECK(https("http, https"));
  CHECK_FALSE(https("https, http"));
  CHECK_FALSE(https("http"));
}

TEST_CASE("a list with something else in it is refused") {
  CHECK_FALSE(TrustedProxies::parse(std::vector<std::string>{"10.0.0.0/8", "proxy.example"}).ok());
  CHECK(proxies({"unix"}).trusts_unix_sockets());
  CHECK_FALSE(proxies({"10.0.0.0/8"}).trusts_unix_sockets());
}

}  // namespace courant::net
