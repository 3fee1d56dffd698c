#include "net/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace courant::net {
namespace {

constexpr int kBacklog = 4096;

enum class Sharing { alone, shared };

Error socket_error(std::string const& doing, std::string const& where) {
  int const code = errno;
  auto detail = doing + " " + where + ": " + std::strerror(code);
  if (code == EADDRINUSE) return conflict("net.address_in_use", std::move(detail));
  return unavailable(std::move(detail), "net.cannot_listen");
}

struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
};

SocketName name_of(TcpPlace const& place) {
  SocketName name;
  if (place.address.is_ipv4()) {
    auto* in = reinterpret_cast<sockaddr_in*>(&name.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(place.port);
    std::memcpy(&in->sin_addr, place.address.bytes.data() + 12, 4);
    name.size = sizeof *in;
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&name.storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(place.port);
    std::memcpy(&in->sin6_addr, place.address.bytes.data(), 16);
    name.size = sizeof *in;
  }
  return name;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&storage)->sin_port
                                            : reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port);
}

Result<OwnedFile> listen_tcp(TcpPlace const& place, Sharing sharing) {
  auto const where = place.address.text() + " port " + std::to_string(place.port);
  auto const name = name_of(place);
  OwnedFile socket(::socket(name.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return socket_error("cannot make a socket for", where);
  int const on = 1;
  int const only_v6 = place.both_families ? 0 : 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == Sharing::shared) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (!place.address.is_ipv4()) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  // Accepted sockets inherit it: a reply goes out in one writev, so there is nothing to wait for.
  ::setsockopt(socket.get(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
  if (::bind(socket.get(), name.get(), name.size) != 0) return socket_error("cannot bind", where);
  if (::listen(socket.get(), kBacklog) != 0) return socket_error("cannot listen on", where);
  return socket;
}

Result<std::vector<OwnedFile>> listen_tcp_shared(TcpPlace& place, int count) {
  // Sockets with SO_REUSEPORT would share their port with another server of the same user, which would then get half
  // of the connections: so the first one binds without it.
  if (place.port != 0) TRY(listen_tcp(place, Sharing::alone));
  std::vector<OwnedFile> sockets;
  for (int i = 0; i < count; ++i) {
    sockets.push_back(TRY(listen_tcp(place, Sharing::shared)));
    if (place.port == 0) place.port = port_of(sockets.front().get());
  }
  return sockets;
}

Result<std::vector<OwnedFile>> listen_unix(UnixPlace const& place) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (place.path.size() >= sizeof name.sun_path)
    return invalid("net.bad_address", "socket path too long: " + place.path);
  std::memcpy(name.sun_path, place.path.data(), place.path.size());
  auto const* address = reinterpret_cast<sockaddr const*>(&name);

  // A socket file that nobody answers on is left from a crash.
  OwnedFile probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe) return socket_error("cannot make a socket for", place.path);
  if (::connect(probe.get(), address, sizeof name) == 0) return conflict("net.address_in_use", "in use: " + place.path);
  struct stat about{};
  if (errno == ECONNREFUSED && ::lstat(place.path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode))
    ::unlink(place.path.c_str());

  OwnedFile socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return socket_error("cannot make a socket for", place.path);
  if (::bind(socket.get(), address, sizeof name) != 0) return socket_error("cannot bind", place.path);
  // The proxy in front usually runs as another user of the same group.
  ::chmod(place.path.c_str(), 0660);
  if (::listen(socket.get(), kBacklog) != 0) return socket_error("cannot listen on", place.path);
  std::vector<OwnedFile> sockets;
  sockets.push_back(std::move(socket));
  return sockets;
}

}  // namespace

OwnedFile& OwnedFile::operator=(OwnedFile&& other) noexcept {
  if (this != &other) {
    if (file_ >= 0) ::close(file_);
    file_ = other.release();
  }
  return *this;
}

OwnedFile::~OwnedFile() {
  if (file_ >= 0) ::close(file_);
}

int OwnedFile::release() noexcept { return std::exchange(file_, -1); }

Result<Place> parse_place(std::string_view text) {
  auto const bad = [&] { return invalid("net.bad_address", "not an address with a port: " + std::string(text)); };
  if (text.starts_with("unix:")) {
    if (text.size() == 5) return bad();
    return Place(UnixPlace{std::string(text.substr(5))});
  }
  auto const colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  auto host = text.substr(0, colon);
  auto const digits = text.substr(colon + 1);
  TcpPlace place;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place.port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return bad();
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return bad();
  if (host == "localhost") host = "127.0.0.1";
  auto const address = Address::parse(host);
  if (!address) return bad();
  place.address = *address;
  place.both_families = host == "::";
  return Place(place);
}

Result<std::vector<OwnedFile>> listen_on(Place& place, int count) {
  if (auto* tcp = std::get_if<TcpPlace>(&place)) return listen_tcp_shared(*tcp, count);
  return listen_unix(std::get<UnixPlace>(place));
}

}  // namespace courant::net
