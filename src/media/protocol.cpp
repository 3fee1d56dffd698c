#include "media/protocol.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace courant::media {
namespace {

constexpr std::size_t kMaxDescriptors = 2;

using Steady = std::chrono::steady_clock;

bool wait_readable(int socket, std::optional<Duration> within) {
  auto const until = Steady::now() + within.value_or(Duration(0));
  for (;;) {
    int milliseconds = -1;
    if (within) {
      auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
      milliseconds = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
    }
    pollfd one{socket, POLLIN, 0};
    auto const ready = ::poll(&one, 1, milliseconds);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

void take_descriptors(msghdr& header, std::span<Descriptor> wanted) {
  for (auto* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    auto const count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      Descriptor descriptor(number);
      if (i < wanted.size()) wanted[i] = std::move(descriptor);
    }
  }
}

}  // namespace

bool send_bytes(int socket, std::span<std::byte const> bytes, std::span<int const> descriptors) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxDescriptors)> control = {};
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    auto const length = std::min(descriptors.size(), kMaxDescriptors) * sizeof(int);
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(length);
    auto* first = CMSG_FIRSTHDR(&header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(length);
    std::memcpy(CMSG_DATA(first), descriptors.data(), length);
  }
  ssize_t sent = -1;
  do {
    sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

Received receive_bytes(int socket, std::span<std::byte> bytes, std::span<Descriptor> descriptors,
                       std::optional<Duration> within) {
  if (within && !wait_readable(socket, within)) return Received::late;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMaxDescriptors)> control = {};
  iovec part{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {  // without room for them the kernel drops descriptors that nobody asked for
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
  ssize_t got = -1;
  do {
    got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got > 0) take_descriptors(header, descriptors);
  if (got != static_cast<ssize_t>(bytes.size()) || (header.msg_flags & MSG_TRUNC) != 0) return Received::closed;
  return Received::message;
}

}  // namespace courant::media
