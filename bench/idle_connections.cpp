// Opens many connections, sends one request on each, reads its reply, and then keeps them idle: for measuring what an
// idle connection costs the server.
//
//     idle_connections HOST PORT PATH COUNT [tls]   prints "ready" and stays until it is told to end
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(char const* what) {
  std::perror(what);
  std::exit(1);
}

struct Client {
  int socket = -1;
  SSL* session = nullptr;

  long send(std::string const& text) const {
    return session != nullptr ? SSL_write(session, text.data(), static_cast<int>(text.size()))
                              : ::send(socket, text.data(), text.size(), 0);
  }
  long receive(std::vector<char>& into) const {
    return session != nullptr ? SSL_read(session, into.data(), static_cast<int>(into.size()))
                              : ::recv(socket, into.data(), into.size(), 0);
  }
};

void read_reply(Client const& client, std::vector<char>& buffer) {
  std::string text;
  std::size_t wanted = std::string::npos;
  while (wanted == std::string::npos || text.size() < wanted) {
    auto const got = client.receive(buffer);
    if (got <= 0) fail("reading a reply");
    text.append(buffer.data(), static_cast<std::size_t>(got));
    auto const end = text.find("\r\n\r\n");
    auto const field = text.find("Content-Length: ");
    if (end != std::string::npos && field < end)
      wanted = end + 4 + static_cast<std::size_t>(std::atol(text.c_str() + field + 16));
  }
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) return std::fputs("idle_connections HOST PORT PATH COUNT [tls]\n", stderr), 2;
  rlimit limit{1 << 16, 1 << 16};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::atoi(words[2])));
  inet_pton(AF_INET, words[1], &name.sin_addr);
  bool const tls = count > 5 && std::strcmp(words[5], "tls") == 0;
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  std::string const request =
      "GET " + std::string(words[3]) + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n";
  std::vector<char> buffer(1 << 16);
  std::vector<Client> clients(static_cast<std::size_t>(std::atoi(words[4])));
  for (auto& client : clients) {
    client.socket = ::socket(AF_INET, SOCK_STREAM, 0);
    if (client.socket < 0 || ::connect(client.socket, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
      fail("connect");
    if (tls) {
      client.session = SSL_new(context);
      SSL_set_fd(client.session, client.socket);
      if (SSL_connect(client.session) != 1) fail("TLS handshake");
    }
    if (client.send(request) != static_cast<long>(request.size())) fail("send");
    read_reply(client, buffer);
  }
  std::puts("ready");
  std::fflush(stdout);
  ::pause();
}
