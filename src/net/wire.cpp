#include "net/wire.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace courant::net {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;        // the largest TLS record (RFC 8446 section 5.1)
constexpr std::int64_t kMostAtOnce = 1 << 20;          // so that one reader of a large file does not hold the core
thread_local std::array<char, kRecordBytes> t_record;  // gathers the parts of one record; never kept between calls

Moved socket_outcome(ssize_t result) {
  if (result > 0) return {Io::done, static_cast<std::size_t>(result)};
  if (result == 0) return {Io::ended};
  return {Io::failed};
}

}  // namespace

Io Wire::shake_hands() {
  ERR_clear_error();
  int const result = SSL_do_handshake(session_.get());
  if (result == 1) return Io::done;
  return outcome(result, SSL_get_error(session_.get(), result)).io;
}

Moved Wire::read(std::span<char> into) {
  if (session_) {
    ERR_clear_error();
    int const result = SSL_read(session_.get(), into.data(), static_cast<int>(into.size()));
    return outcome(result, result > 0 ? SSL_ERROR_NONE : SSL_get_error(session_.get(), result));
  }
  for (;;) {
    auto const result = ::recv(socket_, into.data(), into.size(), 0);
    if (result < 0 && errno == EINTR) continue;
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Io::wait_read};
    return socket_outcome(result);
  }
}

Moved Wire::write(std::span<iovec const> parts) {
  if (!session_) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    for (;;) {
      auto const result = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
      if (result < 0 && errno == EINTR) continue;
      if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Io::wait_write};
      return result > 0 ? socket_outcome(result) : Moved{Io::failed};
    }
  }
  // One record of head and body together. After a record that did not go out whole OpenSSL wants the same bytes again:
  // the parts then begin at the same place, so gathering gives them.
  std::size_t gathered = 0;
  for (auto const& part : parts) {
    auto const bytes = std::min(part.iov_len, kRecordBytes - gathered);
    std::memcpy(t_record.data() + gathered, part.iov_base, bytes);
    gathered += bytes;
  }
  ERR_clear_error();
  int const result = SSL_write(session_.get(), t_record.data(), static_cast<int>(gathered));
  return outcome(result, result > 0 ? SSL_ERROR_NONE : SSL_get_error(session_.get(), result));
}

Moved Wire::send_file(int file, std::int64_t offset, std::int64_t length) {
  if (session_) {
    std::array<char, kRecordBytes> text;
    auto const wanted = static_cast<std::size_t>(std::min<std::int64_t>(length, text.size()));
    auto const got = ::pread(file, text.data(), wanted, offset);
    // A file that was cut short while it is sent cannot be finished.
    if (got < static_cast<ssize_t>(wanted)) return {Io::failed};
    iovec const part{text.data(), wanted};
    return write(std::span(&part, 1));
  }
  off_t position = offset;
  for (;;) {
    auto const result = ::sendfile(socket_, file, &position, static_cast<std::size_t>(std::min(length, kMostAtOnce)));
    if (result < 0 && errno == EINTR) continue;
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {Io::wait_write};
    return result > 0 ? socket_outcome(result) : Moved{Io::failed};
  }
}

bool Wire::has_pending() const noexcept { return session_ && SSL_has_pending(session_.get()) == 1; }

void Wire::end_sending() noexcept {
  if (session_ && !broken_ && SSL_is_init_finished(session_.get())) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  ::shutdown(socket_, SHUT_WR);
}

Moved Wire::outcome(long result, int reason) noexcept {
  if (result > 0) return {Io::done, static_cast<std::size_t>(result)};
  switch (reason) {
    case SSL_ERROR_WANT_READ:
      return {Io::wait_read};
    case SSL_ERROR_WANT_WRITE:
      return {Io::wait_write};
    case SSL_ERROR_ZERO_RETURN:
      return {Io::ended};
    default:
      broken_ = true;  // OpenSSL forbids SSL_shutdown after a fatal error
      return {Io::failed};
  }
}

}  // namespace courant::net
