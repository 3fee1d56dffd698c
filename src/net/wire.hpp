// A connected, non-blocking socket, plain or under TLS: bytes in and out without waiting.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <span>

#include "net/tls.hpp"

namespace courant::net {

enum class Io : std::uint8_t {
  done,        ///< `bytes` were moved, at least one
  wait_read,   ///< nothing moved: try again when the socket is readable
  wait_write,  ///< nothing moved: try again when it is writable
  ended,       ///< the other side has closed
  failed,      ///< the connection is broken
};

struct Moved {
  Io io = Io::done;
  std::size_t bytes = 0;
};

/// Does not own the socket: Asio's descriptor does.
class Wire {
 public:
  Wire() = default;
  explicit Wire(int socket, TlsSession session = nullptr) : socket_(socket), session_(std::move(session)) {}

  [[nodiscard]] bool secured() const noexcept { return session_ != nullptr; }
  /// Goes on with the TLS handshake; done when it is over.
  Io shake_hands();
  Moved read(std::span<char> into);
  /// Writes as much of the parts as goes at once.
  Moved write(std::span<iovec const> parts);
  /// Sends `length` bytes of `file` from `offset`, as many as go at once: the kernel does it on a plain socket.
  Moved send_file(int file, std::int64_t offset, std::int64_t length);
  /// Whether TLS holds bytes that the socket will not announce.
  [[nodiscard]] bool has_pending() const noexcept;
  /// Says that nothing more will be sent.
  void end_sending() noexcept;

 private:
  Moved outcome(long result, int reason) noexcept;

  int socket_ = -1;
  TlsSession session_;
  bool broken_ = false;
};

}  // namespace courant::net
