// Random bytes, hashes, passwords: the face of libsodium.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::crypto {

/// Must be called once before anything else here; error broken when the system has no randomness.
Done set_up();

[[nodiscard]] std::string random_bytes(std::size_t count);
/// A random token of `bytes` bytes as base64url without padding.
[[nodiscard]] std::string random_token(std::size_t bytes = 32);
[[nodiscard]] std::uint64_t random_number();

using Digest = std::array<unsigned char, 32>;
[[nodiscard]] Digest sha256(std::string_view data);
/// Keyed hash (HMAC-SHA-256, RFC 2104); the key may have any length.
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view data);
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string hex(Digest const& digest);
[[nodiscard]] std::string base64url(std::string_view bytes);
[[nodiscard]] Result<std::string> base64url_decode(std::string_view text);
/// Compares in time that depends on the lengths only.
[[nodiscard]] bool same(std::string_view a, std::string_view b);

/// Incremental SHA-256, for streams.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view data);
  [[nodiscard]] Digest finish();

 private:
  alignas(8) std::array<unsigned char, 128> state_;
};

/// Argon2id (RFC 9106) with the library's interactive limits: 64 MiB, about 60 ms. At most two run at once in the
/// process; further callers wait, so that sign-ins cannot exhaust memory. Error: unavailable.
[[nodiscard]] Result<std::string> hash_password(std::string_view password);
[[nodiscard]] bool password_matches(std::string_view hash, std::string_view password);

/// Fast non-cryptographic 64-bit hash for tables and cache keys (xxh-like mixing); not stable across versions.
[[nodiscard]] std::uint64_t quick_hash(std::string_view data) noexcept;

}  // namespace courant::crypto
