#include "net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "net/words.hpp"

namespace courant::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

// Proxies write "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" and "[2001:db8::1]:4711".
std::optional<Address> parse_entry(std::string_view entry) {
  entry = trimmed(entry);
  if (entry.starts_with('[')) {
    auto const end = entry.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return Address::parse(entry.substr(1, end - 1));
  }
  if (std::count(entry.begin(), entry.end(), ':') == 1) entry = entry.substr(0, entry.find(':'));
  return Address::parse(entry);
}

std::string_view last_of_list(std::string_view& list) {
  auto const comma = list.rfind(',');
  auto const last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return last;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.empty() || text.size() > 45) return std::nullopt;
  char copy[46] = {};
  std::memcpy(copy, text.data(), text.size());
  Address address;
  if (inet_pton(AF_INET6, copy, address.bytes.data()) == 1) return address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
  if (inet_pton(AF_INET, copy, address.bytes.data() + kMappedPrefix.size()) == 1) return address;
  return std::nullopt;
}

bool Address::is_ipv4() const noexcept { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin()); }

bool Address::is_loopback() const noexcept {
  if (is_ipv4()) return bytes[12] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; }) && bytes[15] == 1;
}

std::string Address::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  if (is_ipv4())
    inet_ntop(AF_INET, bytes.data() + kMappedPrefix.size(), out, sizeof out);
  else
    inet_ntop(AF_INET6, bytes.data(), out, sizeof out);
  return out;
}

Address Address::limited_as() const noexcept {
  if (is_ipv4()) return *this;
  Address network = *this;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), 0);
  return network;
}

Result<Network> Network::parse(std::string_view text) {
  auto const slash = text.find('/');
  auto const base = Address::parse(text.substr(0, slash));
  if (!base) return invalid("net.bad_network", "not an address or network: " + std::string(text));
  Network network{*base, 128};
  if (slash == std::string_view::npos) return network;
  auto const bits = text.substr(slash + 1);
  int prefix = -1;
  auto const [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
  bool const dotted = text.find('.') != std::string_view::npos;
  if (error != std::errc{} || end != bits.data() + bits.size() || prefix < 0 || prefix > (dotted ? 32 : 128))
    return invalid("net.bad_network", "bad prefix length: " + std::string(text));
  network.prefix_bits = dotted ? kMappedBits + prefix : prefix;
  return network;
}

bool Network::contains(Address const& address) const noexcept {
  int const whole = prefix_bits / 8;
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole, address.bytes.begin())) return false;
  int const rest = prefix_bits % 8;
  if (rest == 0) return true;
  auto const mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((base.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
}

Result<TrustedProxies> TrustedProxies::parse(std::span<std::string const> entries) {
  TrustedProxies proxies;
  for (auto const& entry : entries) {
    if (entry == "unix")
      proxies.unix_sockets_ = true;
    else
      proxies.networks_.push_back(TRY(Network::parse(entry)));
  }
  return proxies;
}

bool TrustedProxies::trusts(Address const& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](auto const& network) { return network.contains(address); });
}

Forwarded forwarded(std::span<web::HeaderField const> headers, TrustedProxies const& proxies) {
  Forwarded said;
  for (auto const& header : headers) {
    if (!same_word(header.name, "x-forwarded-proto")) continue;
    auto list = header.value;  // the nearest proxy wrote last
    said.https = same_word(trimmed(last_of_list(list)), "https");
  }
  // Several header lines are one list in their order (RFC 9110 section 5.3); read it from the right.
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (!same_word(header->name, "x-forwarded-for")) continue;
    auto list = header->value;
    while (!list.empty()) {
      auto const address = parse_entry(last_of_list(list));
      if (!address) return said;
      said.client = address;
      if (!proxies.trusts(*address)) return said;
    }
  }
  return said;
}

}  // namespace courant::net

std::size_t std::hash<courant::net::Address>::operator()(courant::net::Address const& address) const noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, address.bytes.data(), sizeof halves);
  return static_cast<std::size_t>((halves[0] * 0x9E3779B97F4A7C15ULL) ^ (halves[1] * 0xC2B2AE3D27D4EB4FULL) >> 3);
}
