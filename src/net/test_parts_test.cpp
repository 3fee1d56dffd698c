// The bodies of test_parts.hpp; named so that only the test program has them.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "net/test_parts.hpp"
#include "net/words.hpp"

namespace courant::net {
namespace {

constexpr std::string_view kTag = "\"tag-1\"";

sockaddr_in loopback(std::string const& address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return name;
}

void give_up_after_20_seconds(int socket) {
  timeval const patience{20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

}  // namespace

void HandWorkers::run_one() {
  std::function<void()> task;
  {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !tasks_.empty(); }));
    task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  task();
}

web::Reply text_reply(std::string text, int status, std::string_view fields) {
  web::Reply reply{.status = status};
  reply.head = std::make_shared<std::string>(
      fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n{}", status, text.size(), fields));
  reply.body = std::make_shared<std::string>(std::move(text));
  return reply;
}

/// Text that shows where a piece of it belongs.
std::string pattern(std::size_t bytes, int step, int period) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + static_cast<int>(i) * step % period);
  return text;
}

std::string const kFileText = pattern(200'000, 7, 26);
std::string const kBig = pattern(8'000'000, 1, 23);

TestDoor::TestDoor() : file_text(kFileText), big(kBig) {
  REQUIRE(crypto::set_up().ok());
  log::set_up(log::Level::off, log::Style::plain);
  folder = std::filesystem::temp_directory_path() / ("courant-net-" + crypto::random_token(8));
  std::filesystem::create_directories(folder / "uploads");
  std::ofstream(folder / "file.bin") << file_text;
}

TestDoor::~TestDoor() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

std::variant<web::Reply, web::NeedsWorker> TestDoor::answer_now(web::Request& request) {
  {
    std::lock_guard const lock(mutex_);
    ++asked_[std::string(request.target)];
    changed_.notify_all();
    if (auto const kept = kept_.find(std::string(request.path)); kept != kept_.end()) return text_reply(kept->second);
  }
  auto const path = request.path;
  if (path == "/throw") throw std::runtime_error("a bug");
  if (path == "/page") {
    if (request.header("if-none-match") == kTag)
      return web::Reply{.status = 304,
                        .head = std::make_shared<std::string>("HTTP/1.1 304 Not Modified\r\nETag: \"tag-1\"\r\n")};
    return text_reply("hello " + std::string(request.query), 200, "ETag: \"tag-1\"\r\n");
  }
  if (path == "/empty")
    return web::Reply{.status = 204, .head = std::make_shared<std::string>("HTTP/1.1 204 None\r\n")};
  if (path == "/big") return text_reply(big);
  if (path == "/close") {
    auto reply = text_reply("bye");
    reply.close = true;
    return reply;
  }
  if (path == "/who")
    return text_reply(fmt::format("{} {} {}", request.client, request.https ? "https" : "http",
                                  request.loopback_listener ? "loopback" : "public"));
  if (path == "/file" || path == "/file-gone" || path == "/file-changed") {
    web::Reply reply{.status = 200};
    reply.head = std::make_shared<std::string>("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nETag: \"file-1\"\r\n");
    reply.file =
        web::FileBody{folder / (path == "/file-gone" ? "gone.bin" : "file.bin"),
                      static_cast<std::int64_t>(file_text.size()) + (path == "/file-changed" ? 1 : 0), "\"file-1\""};
    return reply;
  }
  if (path.starts_with("/flight/")) return web::NeedsWorker{std::string(path)};
  if (path == "/alone" || request.method == web::Method::post) return web::NeedsWorker{};
  return text_reply("nothing here", 404);
}

web::Reply TestDoor::answer(web::Request& request) {
  auto const& body = request.body;
  if (request.path == "/echo") return text_reply(body.text);
  if (request.path == "/form") {
    std::string text;
    for (auto const& [name, value] : body.fields) text += name + "=" + value + ";";
    for (auto const& upload : body.uploads) {
      std::ifstream file(upload.path);
      std::string const content(std::istreambuf_iterator<char>(file), {});
      text += fmt::format("{}:{}:{}:{};", upload.field, upload.file_name, content.size(),
                          crypto::hex(crypto::sha256(content)).substr(0, 8));
    }
    return text_reply(text);
  }
  if (request.path == "/alone/throw") throw std::runtime_error("a bug on a worker");
  if (request.path.starts_with("/flight/")) {
    auto const text = "made " + std::string(request.path);
    std::lock_guard const lock(mutex_);
    if (keeps_flights) kept_[std::string(request.path)] = text;
    return text_reply(text);
  }
  return text_reply("from a worker");
}

web::BodyRules TestDoor::body_rules(web::Request const& request) {
  if (request.path == "/echo") return {.most_bytes = 1'000'000};
  if (request.path == "/form")
    return {
        .most_bytes = 510'000, .multipart = true, .most_upload_bytes = 500'000, .upload_directory = folder / "uploads"};
  return {};
}

web::Reply TestDoor::refusal(int status) {
  auto reply = text_reply(std::to_string(status) + "\n", status);
  reply.close = true;
  return reply;
}

void TestDoor::wait_until_asked(std::string const& target, int times) {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return asked_[target] >= times; }));
}

int TestDoor::asked(std::string const& target) {
  std::lock_guard const lock(mutex_);
  return asked_[target];
}

std::string Answer::field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    auto const end = rest.find("\r\n");
    auto const line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    auto const colon = line.find(": ");
    if (colon != std::string_view::npos && line.substr(0, colon) == name) return std::string(line.substr(colon + 2));
  }
  return "-";
}

int open_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

TestClient::TestClient(std::uint16_t port, std::string const& from) : socket_(open_socket()) {
  give_up_after_20_seconds(socket_);
  auto const own = loopback(from, 0);
  REQUIRE(::bind(socket_, reinterpret_cast<sockaddr const*>(&own), sizeof own) == 0);
  auto const name = loopback("127.0.0.1", port);
  REQUIRE(::connect(socket_, reinterpret_cast<sockaddr const*>(&name), sizeof name) == 0);
}

TestClient::TestClient(std::filesystem::path const& unix_socket)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  give_up_after_20_seconds(socket_);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, unix_socket.c_str(), sizeof name.sun_path - 1);
  REQUIRE(::connect(socket_, reinterpret_cast<sockaddr const*>(&name), sizeof name) == 0);
}

TestClient::TestClient(Unconnected unconnected, std::uint16_t port) : socket_(unconnected.socket) {
  give_up_after_20_seconds(socket_);
  auto const name = loopback("127.0.0.1", port);
  REQUIRE(::connect(socket_, reinterpret_cast<sockaddr const*>(&name), sizeof name) == 0);
}

TestClient::~TestClient() { ::close(socket_); }

void TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server has refused and closed: its reply says why
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string TestClient::receive() {
  std::string bytes(64 * 1024, '\0');
  auto const got = ::recv(socket_, bytes.data(), bytes.size(), 0);
  REQUIRE_MESSAGE((got >= 0 || errno != EAGAIN), "the server said nothing for 20 seconds");
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

void TestClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

Answer TestClient::answer(Body body) {
  Answer answer;
  std::size_t end = std::string::npos;
  while ((end = held_.find("\r\n\r\n")) == std::string::npos) {
    auto const more = receive();
    if (more.empty()) return answer;
    held_ += more;
  }
  answer.head = held_.substr(0, end + 2);
  answer.status = std::stoi(answer.head.substr(9, 3));
  held_.erase(0, end + 4);
  auto const length = answer.field("Content-Length");
  if (body == Body::absent || length == "-") return answer;
  auto const wanted = static_cast<std::size_t>(std::stoull(length));
  while (held_.size() < wanted) {
    auto const more = receive();
    if (more.empty()) break;
    held_ += more;
  }
  answer.body = held_.substr(0, wanted);
  held_.erase(0, answer.body.size());
  return answer;
}

Answer TestClient::get(std::string const& target, std::string_view fields) {
  return ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) + "\r\n");
}

std::string TestClient::rest() {
  for (;;) {
    auto const more = receive();
    if (more.empty()) return std::exchange(held_, {});
    held_ += more;
  }
}

TestServer::TestServer(ServerOptions options, Executor executor) {
  if (options.endpoints.empty()) options.endpoints.push_back({"127.0.0.1:0"});
  if (options.threads == 0) options.threads = 1;
  options.ticking = Ticking::by_hand;
  auto opened = Server::open(std::move(options), door, executor ? std::move(executor) : workers.executor(), clock);
  REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? std::string() : describe(opened.error())));
  server = std::move(opened).value();
  server->start();
}

}  // namespace courant::net
