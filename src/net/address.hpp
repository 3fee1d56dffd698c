// Internet addresses and networks: who a client is, and which proxies are believed.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "web/request.hpp"

namespace courant::net {

/// An IPv4 or IPv6 address; IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so that a mapped address and
/// its plain form are the same client.
struct Address {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(Address const&, Address const&) = default;

  /// "192.0.2.1", "2001:db8::1", nothing around it. nullopt for anything else, a zone or a port included.
  static std::optional<Address> parse(std::string_view text);
  [[nodiscard]] bool is_ipv4() const noexcept;
  /// 127.0.0.0/8 and ::1.
  [[nodiscard]] bool is_loopback() const noexcept;
  /// The canonical text (RFC 5952); IPv4 in dots.
  [[nodiscard]] std::string text() const;
  /// What limits count as one client: the whole IPv4 address, the /64 of an IPv6 address.
  [[nodiscard]] Address limited_as() const noexcept;
};

/// A CIDR block (RFC 4632).
struct Network {
  Address base;
  int prefix_bits = 128;  ///< of the 128-bit form

  /// "10.0.0.0/8", "2001:db8::/32", or a single address. Error: invalid.
  static Result<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(Address const& address) const noexcept;
};

/// The list of `net.trusted_proxies`. The word "unix" trusts whoever connects to a Unix socket.
class TrustedProxies {
 public:
  /// Error: invalid, with the entry that is neither an address nor a network.
  static Result<TrustedProxies> parse(std::span<std::string const> entries);

  [[nodiscard]] bool trusts(Address const& address) const noexcept;
  [[nodiscard]] bool trusts_unix_sockets() const noexcept { return unix_sockets_; }

 private:
  std::vector<Network> networks_;
  bool unix_sockets_ = false;
};

/// What a trusted proxy says about the client it speaks for.
struct Forwarded {
  std::optional<Address> client;  ///< the right-most address of X-Forwarded-For that is not a trusted proxy
  bool https = false;             ///< X-Forwarded-Proto of the nearest proxy
};

/// Reads the headers that a *trusted* peer sent; never call it for another. What stands left of the first entry that
/// is not a trusted proxy may be forged and is not read. An entry that is no address ends the search: the client is
/// then the last trusted address before it, or nullopt for the peer itself.
[[nodiscard]] Forwarded forwarded(std::span<web::HeaderField const> headers, TrustedProxies const& proxies);

}  // namespace courant::net

template <>
struct std::hash<courant::net::Address> {
  std::size_t operator()(courant::net::Address const& address) const noexcept;
};
