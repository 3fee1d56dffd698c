// The CPU time that a server spends on each of many requests, one after the other, from outside: the run time of all
// its threads (/proc/PID/task/*/schedstat, in nanoseconds) before and after. Background work of the server counts too.
//
//     request_cpu PID HOST PORT FILE-OF-PATHS   ->   requests  median  p90  p99  max (microseconds)
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(char const* what) {
  std::perror(what);
  std::exit(1);
}

class RunTime {
 public:
  explicit RunTime(std::string const& pid) {
    auto const folder = "/proc/" + pid + "/task";
    DIR* const threads = ::opendir(folder.c_str());
    if (threads == nullptr) fail(folder.c_str());
    while (dirent const* entry = ::readdir(threads))
      if (entry->d_name[0] != '.')
        files_.push_back(::open((folder + "/" + entry->d_name + "/schedstat").c_str(), O_RDONLY));
    ::closedir(threads);
  }
  [[nodiscard]] long nanoseconds() const {
    long sum = 0;
    char text[128];
    for (int const file : files_) {
      auto const got = ::pread(file, text, sizeof text - 1, 0);
      if (got <= 0) continue;  // a thread that has ended
      text[got] = '\0';
      sum += std::atol(text);
    }
    return sum;
  }

 private:
  std::vector<int> files_;
};

int connect_to(char const* host, char const* port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  inet_pton(AF_INET, host, &name.sin_addr);
  int const socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) fail("connect");
  return socket;
}

void ask(int socket, std::string const& path, std::string const& host) {
  auto const request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: gzip\r\n\r\n";
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) fail("send");
  std::string reply;
  std::vector<char> buffer(1 << 16);
  for (std::size_t wanted = std::string::npos; wanted == std::string::npos || reply.size() < wanted;) {
    auto const got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) fail("recv");
    reply.append(buffer.data(), static_cast<std::size_t>(got));
    auto const end = reply.find("\r\n\r\n");
    if (wanted != std::string::npos || end == std::string::npos) continue;
    if (!reply.starts_with("HTTP/1.1 200")) {
      std::fprintf(stderr, "%s: %s\n", path.c_str(), reply.substr(0, reply.find('\r')).c_str());
      std::exit(1);
    }
    wanted = end + 4 + static_cast<std::size_t>(std::atol(reply.c_str() + reply.find("Content-Length: ") + 16));
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 5) return std::fputs("request_cpu PID HOST PORT FILE-OF-PATHS\n", stderr), 2;
  RunTime const run_time(words[1]);
  int const socket = connect_to(words[2], words[3]);
  std::ifstream paths(words[4]);
  std::vector<long> times;
  for (std::string path; std::getline(paths, path);) {
    auto const before = run_time.nanoseconds();
    ask(socket, path, words[2]);
    // A thread's run time is complete when it has gone to sleep again: two equal looks in a row.
    long after = 0;
    for (long last = -1; after != last; after = run_time.nanoseconds()) {
      last = after;
      ::usleep(150);
    }
    times.push_back((after - before) / 1000);
  }
  if (times.empty()) return std::fputs("no paths\n", stderr), 1;
  std::sort(times.begin(), times.end());
  auto const at = [&](std::size_t percent) { return times[std::min(times.size() - 1, times.size() * percent / 100)]; };
  std::printf("%zu %ld %ld %ld %ld\n", times.size(), at(50), at(90), at(99), times.back());
}
