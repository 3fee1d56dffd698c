// A constant-rate load generator: requests leave by a timetable, whether or not earlier ones were answered, and the
// time of each is counted from when it should have left. A server that stalls cannot hide it (no coordinated omission).
//
//     open_loop HOST PORT PATH RATE SECONDS CONNECTIONS   ->   requests  p50  p90  p99  p99.9  max (microseconds)
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(char const* what) {
  std::perror(what);
  std::exit(1);
}

/// Reads replies of one connection: head, Content-Length, body.
class ReplyReader {
 public:
  /// True when a whole reply has ended with these bytes.
  bool take(std::string_view bytes) {
    if (body_left_ < 0) {
      head_.append(bytes);
      auto const end = head_.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      if (!head_.starts_with("HTTP/1.1 200")) {
        std::fprintf(stderr, "unexpected reply: %s\n", head_.substr(0, head_.find('\r')).c_str());
        std::exit(1);
      }
      auto const field = head_.find("Content-Length: ");
      if (field == std::string::npos) fail("a reply without Content-Length");
      body_left_ = std::atol(head_.c_str() + field + 16) - static_cast<long>(head_.size() - end - 4);
      head_.clear();
    } else {
      body_left_ -= static_cast<long>(bytes.size());
    }
    if (body_left_ > 0) return false;
    body_left_ = -1;
    return true;
  }

 private:
  std::string head_;
  long body_left_ = -1;
};

struct Client {
  int socket = -1;
  ReplyReader reader;
  Clock::time_point due;
};

int connect_to(char const* host, int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, host, &name.sin_addr);
  int const socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) fail("connect");
  int const on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
  return socket;
}

long at(std::vector<long> const& sorted, double quantile) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(quantile * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int count, char** words) {
  if (count != 7) return std::fputs("open_loop HOST PORT PATH RATE SECONDS CONNECTIONS\n", stderr), 2;
  double const rate = std::atof(words[4]);
  auto const total = static_cast<std::size_t>(rate * std::atof(words[5]));
  std::vector<Client> clients(static_cast<std::size_t>(std::atoi(words[6])));
  std::string const request = "GET " + std::string(words[3]) + " HTTP/1.1\r\nHost: " + words[1] +
                              "\r\nAccept-Encoding: gzip\r\nUser-Agent: open_loop\r\n\r\n";
  int const poll = ::epoll_create1(0);
  std::deque<Client*> idle;
  for (auto& client : clients) {
    client.socket = connect_to(words[1], std::atoi(words[2]));
    epoll_event event{EPOLLIN, {.ptr = &client}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, client.socket, &event);
    idle.push_back(&client);
  }

  auto const interval = std::chrono::duration<double>(1.0 / rate);
  auto const start = Clock::now() + std::chrono::milliseconds(10);
  auto const due_at = [&](std::size_t i) {
    return start + std::chrono::duration_cast<Clock::duration>(interval * static_cast<double>(i));
  };
  std::vector<long> times;
  times.reserve(total);
  std::vector<char> buffer(1 << 16);
  std::size_t sent = 0;
  while (times.size() < total) {
    while (sent < total && !idle.empty() && due_at(sent) <= Clock::now()) {
      auto* client = idle.front();
      idle.pop_front();
      client->due = due_at(sent++);
      if (::send(client->socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<long>(request.size()))
        fail("send");
    }
    timespec patience{0, 0};
    if (sent < total && !idle.empty()) {
      auto const rest = std::chrono::nanoseconds(due_at(sent) - Clock::now()).count();
      patience.tv_nsec = std::clamp<long>(rest, 0, 999'999'999);
    } else {
      patience.tv_sec = 5;
    }
    epoll_event events[64];
    int const ready = ::epoll_pwait2(poll, events, 64, &patience, nullptr);
    if (ready == 0 && patience.tv_sec == 5) fail("no reply for five seconds");
    for (int i = 0; i < ready; ++i) {
      auto* client = static_cast<Client*>(events[i].data.ptr);
      for (;;) {
        auto const got = ::recv(client->socket, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EAGAIN) break;
        if (got <= 0) fail("recv");
        if (!client->reader.take({buffer.data(), static_cast<std::size_t>(got)})) continue;
        times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - client->due).count());
        idle.push_back(client);
        break;
      }
    }
  }
  std::sort(times.begin(), times.end());
  std::printf("%zu %ld %ld %ld %ld %ld\n", times.size(), at(times, 0.5), at(times, 0.9), at(times, 0.99),
              at(times, 0.999), times.back());
}
