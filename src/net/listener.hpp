// Sockets that listen. Each core gets its own on the same address, and the kernel spreads the connections.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"

namespace courant::net {

struct TcpPlace {
  Address address;
  std::uint16_t port = 0;
  bool both_families = false;  ///< [::] takes IPv4 too
};
struct UnixPlace {
  std::string path;
};
using Place = std::variant<TcpPlace, UnixPlace>;

/// Reads Endpoint::address. Error: invalid.
Result<Place> parse_place(std::string_view text);

/// A file descriptor that is closed with its owner.
class OwnedFile {
 public:
  OwnedFile() = default;
  explicit OwnedFile(int file) : file_(file) {}
  OwnedFile(OwnedFile&& other) noexcept : file_(other.release()) {}
  OwnedFile& operator=(OwnedFile&& other) noexcept;
  ~OwnedFile();
  [[nodiscard]] int get() const noexcept { return file_; }
  [[nodiscard]] int release() noexcept;
  explicit operator bool() const noexcept { return file_ >= 0; }

 private:
  int file_ = -1;
};

/// `count` listening, non-blocking sockets on one address; a Unix socket has only one, whatever the count. Port 0 is
/// replaced by the port that was taken. A second server on the same address fails here, although the sockets share
/// their port among themselves. Errors: conflict (in use), unavailable.
Result<std::vector<OwnedFile>> listen_on(Place& place, int count);

}  // namespace courant::net
