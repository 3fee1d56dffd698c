// A server that answers every path with one prepared page from memory: what net/ costs without the rest of Courant.
//
//     net_bench PAGE.gz PORT [--log FILE] [--tls PORT CERTIFICATE KEY] [--threads N]
//
// Ends at SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "net/server.hpp"

using namespace courant;

namespace {

class OnePage final : public web::Door {
 public:
  explicit OnePage(std::string page)
      : head_(std::make_shared<std::string>(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
            "Vary: Accept-Encoding\r\nETag: \"0123456789abcdef\"\r\nCache-Control: no-cache\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: " +
            std::to_string(page.size()) + "\r\n")),
        body_(std::make_shared<std::string>(std::move(page))) {}

  std::variant<web::Reply, web::NeedsWorker> answer_now(web::Request&) override {
    return web::Reply{.status = 200, .head = head_, .body = body_};
  }
  web::Reply answer(web::Request&) override { return refusal(503); }
  web::BodyRules body_rules(web::Request const&) override { return {}; }
  web::Reply refusal(int status) override {
    return {
        .status = status,
        .head = std::make_shared<std::string>("HTTP/1.1 " + std::to_string(status) + " No\r\nContent-Length: 0\r\n"),
        .close = true};
  }

 private:
  std::shared_ptr<std::string const> head_;
  std::shared_ptr<std::string const> body_;
};

}  // namespace

int main(int count, char** words) {
  if (count < 3)
    return std::fputs("net_bench PAGE.gz PORT [--log FILE] [--tls PORT CERT KEY] [--threads N]\n", stderr), 2;
  std::ifstream file(words[1], std::ios::binary);
  OnePage door(std::string(std::istreambuf_iterator<char>(file), {}));

  net::ServerOptions options;
  options.endpoints.push_back({"127.0.0.1:" + std::string(words[2])});
  for (int i = 3; i < count; ++i) {
    std::string const word = words[i];
    if (word == "--log" && i + 1 < count) options.access_log = words[++i];
    if (word == "--threads" && i + 1 < count) options.threads = std::atoi(words[++i]);
    if (word == "--tls" && i + 3 < count) {
      options.endpoints.push_back({"127.0.0.1:" + std::string(words[++i]), net::Security::tls});
      options.tls = net::TlsFiles{words[i + 1], words[i + 2]};
      i += 2;
    }
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  if (auto const done = crypto::set_up(); !done.ok()) return 1;
  SystemClock const clock;
  auto server = net::Server::open(std::move(options), door, [](auto const&) { return false; }, clock);
  if (!server.ok()) return std::fprintf(stderr, "%s\n", describe(server.error()).c_str()), 1;
  (*server)->start();
  std::puts("ready");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*server)->stop(1s);
}
