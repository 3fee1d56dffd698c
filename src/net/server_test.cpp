#include "net/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/crypto.hpp"
#include "jobs/jobs.hpp"
#include "net/refused_requests.hpp"
#include "net/status_door.hpp"
#include "net/test_parts.hpp"

namespace courant::net {
namespace {

std::string const kGetPage = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";

std::size_t files_in(std::filesystem::path const& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

Executor at_once() {
  return [](std::function<void()> task) {
    task();
    return true;
  };
}

std::string post(std::string const& target, std::string const& fields, std::string const& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a page is answered with date and length, and the connection stays open") {
  TestServer site;
  TestClient client(site.port());
  auto const first = client.get("/page?x");
  CHECK(first.status == 200);
  CHECK(first.body == "hello x");
  CHECK(first.field("Date") == "Sun, 22 Nov 2026 15:04:05 GMT");
  CHECK(first.field("Connection") == "-");
  site.clock.advance(1s);
  site.server->advance(250ms);
  CHECK(client.get("/page").field("Date") == "Sun, 22 Nov 2026 15:04:06 GMT");
  CHECK(client.get("/nothing").status == 404);
  site.server->advance(0us);  // requests are counted after their reply is out
  auto const stats = site.server->stats();
  CHECK(stats.connections == 1);
  CHECK(stats.accepted == 1);
  CHECK(stats.requests == 3);
  CHECK(stats.by_class[2] == 2);
  CHECK(stats.by_class[4] == 1);
}

TEST_CASE("HEAD, 204 and 304 have no body") {
  TestServer site;
  TestClient client(site.port());
  auto const head = client.ask("HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n", TestClient::Body::absent);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "6");
  CHECK(client.get("/page", "If-None-Match: \"tag-1\"\r\n").status == 304);
  CHECK(client.get("/empty").status == 204);
  auto const file = client.ask("HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n", TestClient::Body::absent);
  CHECK(file.field("Content-Length") == "200000");
  // Had a body come after any of them, this answer would not be one.
  CHECK(client.get("/page").body == "hello ");
}

TEST_CASE("HTTP/1.0 closes unless it asks to stay") {
  TestServer site;
  TestClient closing(site.port());
  auto const answer = closing.ask("GET /page HTTP/1.0\r\n\r\n");
  CHECK(answer.field("Connection") == "close");
  CHECK(closing.rest().empty());
  TestClient staying(site.port());
  std::string const request = "GET /page HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  CHECK(staying.ask(request).field("Connection") == "keep-alive");
  CHECK(staying.ask(request).status == 200);
}

TEST_CASE("either side can end the connection after a reply") {
  TestServer site;
  TestClient client(site.port());
  CHECK(client.get("/page", "Connection: close\r\n").field("Connection") == "close");
  CHECK(client.rest().empty());
  TestClient other(site.port());
  CHECK(other.get("/close").field("Connection") == "close");
  CHECK(other.rest().empty());
  TestClient half(site.port());
  half.send(kGetPage);
  half.end_sending();
  CHECK(half.answer().status == 200);
  CHECK(half.rest().empty());
}

TEST_CASE("pipelined requests are answered in order, workers or not") {
  TestServer site({}, at_once());
  TestClient client(site.port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /page?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    requests += "GET /alone HTTP/1.1\r\nHost: a\r\n\r\n";
    requests += post("/echo", "", "body " + std::to_string(i));
    requests += "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 50; ++i) {
    CHECK(client.answer().body == "hello " + std::to_string(i));
    CHECK(client.answer().body == "from a worker");
    CHECK(client.answer().body == "body " + std::to_string(i));
    CHECK(client.answer().body == "abcde");
  }
}

TEST_CASE("requests may come byte by byte") {
  TestServer site({}, at_once());
  TestClient client(site.port());
  std::string const requests =
      kGetPage + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + kGetPage;
  for (char const c : requests) client.send({&c, 1});
  CHECK(client.answer().body == "hello ");
  CHECK(client.answer().body == "abc");
  CHECK(client.answer().body == "hello ");
}

TEST_CASE("a smuggling-shaped request is refused and nothing behind it is read") {
  TestServer site({}, at_once());
  for (auto const& row : refused_requests()) {
    CAPTURE(row.why);
    TestClient client(site.port());
    client.send(row.bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const answer = client.answer();
    CHECK(answer.status == row.status);
    CHECK(answer.field("Connection") == "close");
    CHECK(client.rest().empty());
  }
  CHECK(site.door.asked("/smuggled") == 0);
  site.server->advance(0us);
  CHECK(site.server->stats().requests == static_cast<std::int64_t>(refused_requests().size()));
}

TEST_CASE("a bad chunk ends the connection") {
  TestServer site({}, at_once());
  TestClient client(site.port());
  auto const answer = client.ask(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(answer.status == 400);
  CHECK(client.rest().empty());
  CHECK(site.door.asked("/smuggled") == 0);
}

TEST_CASE("bodies are limited by what the route allows") {
  TestServer site({}, at_once());
  {
    TestClient client(site.port());
    CHECK(client.ask(post("/echo", "", std::string(1'000'000, 'x'))).body.size() == 1'000'000);
    CHECK(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n").status == 413);
    CHECK(client.rest().empty());
  }
  {
    TestClient client(site.port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 101; ++i) client.send("2710\r\n" + std::string(10'000, 'x') + "\r\n");
    CHECK(client.answer().status == 413);
    CHECK(client.rest().empty());
  }
  {
    TestClient client(site.port());
    CHECK(client.ask("GET /page HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody").status == 413);
    CHECK(client.rest().empty());
  }
  TestClient client(site.port());
  CHECK(client.ask("POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").status == 200);
}

TEST_CASE("who expects 100 Continue gets it before the body, and a refusal instead of it") {
  TestServer site({}, at_once());
  TestClient client(site.port());
  auto const go_on = client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(go_on.status == 100);
  CHECK(client.ask("hello").body == "hello");
  auto const refusal =
      client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
  CHECK(refusal.status == 413);
}

TEST_CASE("a form is streamed to disk and leaves nothing there") {
  TestServer site({}, at_once());
  std::string const picture(300'000, 'p');
  std::string const form =
      "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nWords\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"x.png\"\r\n\r\n" +
      picture + "\r\n--b--\r\n";
  auto const expected = "title=Words;picture:x.png:300000:" + crypto::hex(crypto::sha256(picture)).substr(0, 8) + ";";
  TestClient client(site.port());
  CHECK(client.ask(post("/form", "Content-Type: multipart/form-data; boundary=b\r\n", form)).body == expected);
  client.send(
      "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < form.size(); at += 1000) {
    auto const piece = form.substr(at, 1000);
    client.send(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece));
  }
  CHECK(client.ask("0\r\n\r\n").body == expected);
  CHECK(client.get("/page").status == 200);
  CHECK(files_in(site.door.folder / "uploads") == 0);

  // Too large, damaged, cut off: refused, and nothing stays.
  std::string const type = "Content-Type: multipart/form-data; boundary=b\r\n";
  auto const too_large =
      "--b\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n" + std::string(505'000, 'x');
  CHECK(TestClient(site.port()).ask(post("/form", type, too_large + "\r\n--b--\r\n")).status == 413);
  CHECK(TestClient(site.port()).ask(post("/form", type, form.substr(0, 1000))).status == 400);
  CHECK(TestClient(site.port()).ask(post("/form", "Content-Type: multipart/form-data\r\n", form)).status == 400);
  CHECK(TestClient(site.port()).ask(post("/form", "", std::string(20'000, 'x'))).status == 413);
  {
    TestClient cut(site.port());
    cut.send("POST /form HTTP/1.1\r\nHost: a\r\n" + type + "Content-Length: 400000\r\n\r\n" + form.substr(0, 1000));
  }
  site.server->stop(20s);
  CHECK(files_in(site.door.folder / "uploads") == 0);
}

TEST_CASE("a file is sent whole or in the part that was asked for") {
  TestServer site;
  TestClient client(site.port());
  auto const whole = client.get("/file");
  CHECK(whole.status == 200);
  CHECK(whole.body == site.door.file_text);
  CHECK(whole.field("Accept-Ranges") == "bytes");
  auto const part = client.get("/file", "Range: bytes=100-199\r\n");
  CHECK(part.status == 206);
  CHECK(part.field("Content-Range") == "bytes 100-199/200000");
  CHECK(part.field("Content-Type") == "image/png");
  CHECK(part.body == site.door.file_text.substr(100, 100));
  CHECK(client.get("/file", "Range: bytes=199990-\r\nIf-Range: \"file-1\"\r\n").body ==
        site.door.file_text.substr(199'990));
  CHECK(client.get("/file", "Range: bytes=0-1\r\nIf-Range: \"file-0\"\r\n").status == 200);
  CHECK(client.get("/file", "Range: bytes=0-1,5-6\r\n").status == 200);
  auto const beyond = client.get("/file", "Range: bytes=200000-\r\n");
  CHECK(beyond.status == 416);
  CHECK(beyond.field("Content-Range") == "bytes */200000");
  CHECK(client.get("/file-gone").status == 503);
  CHECK(client.get("/file-changed").status == 503);
  CHECK(client.get("/page").status == 200);
}

TEST_CASE("a large reply arrives whole, however slowly it is read") {
  TestServer site;
  TestClient client(site.port());
  int const small = 128 * 1024;  // so that the server has to wait for room again and again
  ::setsockopt(client.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  auto const answer = client.get("/big");
  CHECK((answer.body == site.door.big));
  CHECK(client.get("/page").status == 200);
}

TEST_CASE("one makes the page while the others wait without a thread") {
  TestServer site({.threads = 2});
  std::string const get = "GET /flight/a HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<TestClient>(site.port()));
  for (auto& client : clients) client->send(get);
  TestClient head(site.port());
  head.send("HEAD /flight/a HTTP/1.1\r\nHost: a\r\n\r\n");
  site.door.wait_until_asked("/flight/a", 6);
  CHECK(TestClient(site.port()).get("/page").status == 200);
  site.workers.run_one();
  for (auto& client : clients) CHECK(client->answer().body == "made /flight/a");
  CHECK(head.answer(TestClient::Body::absent).field("Content-Length") == "14");
  CHECK(site.workers.waiting() == 0);
  CHECK(site.door.asked("/flight/a") == 11);
}

TEST_CASE("who waits in vain for a page that is never kept gets it made in the end") {
  TestServer site;
  site.door.keeps_flights = false;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<TestClient>(site.port()));
    clients.back()->send("GET /flight/b HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  site.door.wait_until_asked("/flight/b", 4);
  for (int i = 0; i < 4; ++i) site.workers.run_one();
  for (auto& client : clients) CHECK(client->answer().body == "made /flight/b");
  CHECK(site.workers.waiting() == 0);
}

TEST_CASE("when no worker can take a request it is told so") {
  TestServer site({}, [](auto const&) { return false; });
  TestClient client(site.port());
  CHECK(client.get("/alone").status == 503);
  CHECK(TestClient(site.port()).get("/flight/a").status == 503);
  CHECK(TestClient(site.port()).get("/flight/a").status == 503);
  CHECK(TestClient(site.port()).get("/page").status == 200);
}

TEST_CASE("a bug in the door costs one request, not the server") {
  TestServer site({}, at_once());
  CHECK(TestClient(site.port()).get("/throw").status == 503);
  CHECK(TestClient(site.port()).ask(post("/alone/throw", "", "")).status == 503);
  CHECK(TestClient(site.port()).get("/page").status == 200);
}

TEST_CASE("a head that does not come is answered 408 in time") {
  TestServer site;
  TestClient client(site.port());
  client.send(kGetPage + "GET /page HTTP/1.1\r\nHo");
  CHECK(client.answer().status == 200);
  site.server->advance(9s);
  client.send("st");  // one byte at a time does not buy time
  site.server->advance(2s);
  auto const answer = client.answer();
  CHECK(answer.status == 408);
  CHECK(answer.field("Connection") == "close");
  CHECK(client.rest().empty());
}

TEST_CASE("a body that trickles is cut, one that flows is not") {
  TestServer site({}, at_once());
  TestClient slow(site.port());
  TestClient quick(site.port());
  std::string const head = kGetPage + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  slow.send(head + "x");
  quick.send(head + "x");
  CHECK(slow.answer().status == 200);
  CHECK(quick.answer().status == 200);
  auto const received = [&] { return site.server->stats().bytes_received; };
  for (int window = 0; window < 2; ++window) {
    auto const before = received();
    quick.send(std::string(20'000, 'x'));
    while (received() < before + 20'000) std::this_thread::yield();
    site.server->advance(11s);
  }
  CHECK(slow.answer().status == 408);
  CHECK(slow.rest().empty());
  CHECK(quick.ask(std::string(59'999, 'x')).body.size() == 100'000);
}

TEST_CASE("who does not read the reply is cut") {
  TestServer site;
  TestClient client(site.port());
  int const small = 128 * 1024;
  ::setsockopt(client.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  auto const first = client.receive();
  CHECK(first.starts_with("HTTP/1.1 200"));
  while (site.server->stats().timed_out == 0) site.server->advance(11s);
  CHECK(first.size() + client.rest().size() < site.door.big.size());
}

TEST_CASE("an idle connection is closed after its time, a used one is not") {
  TestServer site;
  TestClient idle(site.port());
  TestClient used(site.port());
  CHECK(idle.get("/page").status == 200);
  CHECK(used.get("/page").status == 200);
  site.server->advance(70s);
  CHECK(used.get("/page").status == 200);
  site.server->advance(10s);
  CHECK(idle.rest().empty());
  CHECK(used.get("/page").status == 200);
  CHECK(site.server->stats().timed_out == 1);
}

TEST_CASE("one client cannot take all connections") {
  ServerOptions options;
  options.limits.uncounted_clients.clear();
  options.limits.most_connections_per_client = 2;
  TestServer site(options);
  TestClient first(site.port());
  CHECK(first.get("/page").status == 200);
  {
    TestClient second(site.port());
    CHECK(second.get("/page").status == 200);
    TestClient third(site.port());
    CHECK(third.answer().status == 503);
    CHECK(third.rest().empty());
    TestClient other(site.port(), "127.0.0.2");
    CHECK(other.get("/page").status == 200);
    CHECK(second.get("/page", "Connection: close\r\n").status == 200);
    CHECK(second.rest().empty());
  }
  CHECK(site.server->stats().refused == 1);
  TestClient again(site.port());
  CHECK(again.get("/page").status == 200);
}

TEST_CASE("the number of all connections has an end") {
  ServerOptions options;
  options.limits.most_connections = 3;
  TestServer site(options);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TestClient>(site.port()));
    CHECK(clients.back()->get("/page").status == 200);
  }
  CHECK(TestClient(site.port()).answer().status == 503);
  CHECK(clients.front()->get("/page").status == 200);
}

TEST_CASE("running out of descriptors neither kills nor burns the server") {
  TestServer site;
  TestClient first(site.port());
  CHECK(first.get("/page").status == 200);
  std::vector<int> sockets;
  for (int i = 0; i < 3; ++i) sockets.push_back(open_socket());
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(*std::max_element(sockets.begin(), sockets.end())) + 1;
  // Fill the holes below the limit.
  std::vector<int> fillers;
  ::setrlimit(RLIMIT_NOFILE, &low);
  for (int file = ::dup(0); file >= 0; file = ::dup(0)) fillers.push_back(file);
  {
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int const socket : sockets)
      clients.push_back(std::make_unique<TestClient>(TestClient::Unconnected{socket}, site.port()));
    for (auto& client : clients) client->send(kGetPage);
    for (int i = 0; i < 4; ++i) site.server->advance(250ms);
    CHECK(site.server->stats().accepted == 1);
    for (int const file : fillers) ::close(file);
    ::setrlimit(RLIMIT_NOFILE, &before);
    site.server->advance(250ms);
    for (auto& client : clients) CHECK(client->answer().status == 200);
  }
}

TEST_CASE("a stop closes idle connections at once and finishes what runs") {
  TestServer site;
  TestClient idle(site.port());
  CHECK(idle.get("/page").status == 200);
  TestClient working(site.port());
  working.send("GET /alone HTTP/1.1\r\nHost: a\r\n\r\n");
  site.door.wait_until_asked("/alone", 1);
  std::thread stopper([&] { site.server->stop(20s); });
  CHECK(idle.rest().empty());
  site.workers.run_one();
  auto const answer = working.answer();
  CHECK(answer.body == "from a worker");
  CHECK(answer.field("Connection") == "close");
  CHECK(working.rest().empty());
  stopper.join();
  CHECK(site.server->stats().connections == 0);
}

TEST_CASE("a stop without grace cuts a reply that nobody reads") {
  TestServer site;
  TestClient client(site.port());
  client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  auto const first = client.receive();
  site.server->stop(0us);
  CHECK(first.size() + client.rest().size() < site.door.big.size());
}

TEST_CASE("a server that was never started can be destroyed") {
  TestDoor door;
  ManualClock const clock{Time{}};
  ServerOptions options;
  options.endpoints.push_back({"127.0.0.1:0"});
  CHECK(Server::open(options, door, at_once(), clock).ok());
}

TEST_CASE("a second server on the same address fails clearly") {
  TestServer site({.threads = 2});
  TestDoor door;
  ServerOptions options;
  options.endpoints.push_back({"127.0.0.1:" + std::to_string(site.port())});
  auto const second = Server::open(options, door, at_once(), site.clock);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().kind == ErrorKind::conflict);
  CHECK(second.error().message == "net.address_in_use");
}

TEST_CASE("bad options are refused") {
  TestDoor door;
  ManualClock const clock{Time{}};
  auto const kind = [&](ServerOptions options) {
    auto const opened = Server::open(std::move(options), door, at_once(), clock);
    REQUIRE_FALSE(opened.ok());
    return opened.error().kind;
  };
  for (auto const* address :
       {"8080", "localhost", "example.org:80", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", "unix:"}) {
    CAPTURE(address);
    CHECK(kind({.endpoints = {{address}}}) == ErrorKind::invalid);
  }
  CHECK(kind({.endpoints = {{"127.0.0.1:0", Security::tls}}}) == ErrorKind::invalid);
  CHECK(kind({.endpoints = {{"127.0.0.1:0"}}, .trusted_proxies = {"proxy"}}) == ErrorKind::invalid);
  CHECK(kind({.endpoints = {{"127.0.0.1:0"}}, .access_log = "/absent/access.log"}) == ErrorKind::unavailable);
}

TEST_CASE("a forwarded address counts only from a trusted proxy") {
  std::string_view const forged = "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n";
  TestServer open_site;
  CHECK(TestClient(open_site.port()).get("/who", forged).body == "127.0.0.1 http loopback");
  TestServer behind({.trusted_proxies = {"127.0.0.1"}});
  CHECK(TestClient(behind.port()).get("/who", forged).body == "203.0.113.7 https loopback");
  CHECK(TestClient(behind.port()).get("/who", "X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\n").body ==
        "203.0.113.7 http loopback");
  CHECK(TestClient(behind.port()).get("/who").body == "127.0.0.1 http loopback");
  CHECK(TestClient(behind.port(), "127.0.0.2").get("/who", forged).body == "127.0.0.2 http loopback");
}

TEST_CASE("a Unix socket is served like any other") {
  auto const path = std::filesystem::temp_directory_path() / ("courant-" + std::to_string(::getpid()) + ".sock");
  {
    TestServer site({.endpoints = {{"unix:" + path.string()}}, .threads = 2, .trusted_proxies = {"unix"}});
    for (int i = 0; i < 4; ++i)
      CHECK(TestClient(path).get("/who", "X-Forwarded-For: 203.0.113.7\r\n").body == "203.0.113.7 http public");
    TestDoor door;
    auto const second = Server::open({.endpoints = {{"unix:" + path.string()}}}, door, at_once(), site.clock);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().kind == ErrorKind::conflict);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what a crash left of a Unix socket is replaced") {
  auto const path = std::filesystem::temp_directory_path() / ("courant-" + std::to_string(::getpid()) + "-old.sock");
  {
    TestServer const site({.endpoints = {{"unix:" + path.string()}}});
    std::filesystem::create_hard_link(path, path.string() + ".kept");
  }
  std::filesystem::rename(path.string() + ".kept", path);
  TestServer site({.endpoints = {{"unix:" + path.string()}}});
  CHECK(TestClient(path).get("/page").status == 200);
}

TEST_CASE("another listener may have another door") {
  StatusDoor status;
  status.add("/healthz", StatusDoor::Where::io_thread, [] { return StatusAnswer{200, "alive\n"}; });
  status.add("/readyz", StatusDoor::Where::worker, [] { return StatusAnswer{503, "not yet\n"}; });
  status.add("/broken", StatusDoor::Where::io_thread, []() -> StatusAnswer { throw std::runtime_error("a bug"); });
  TestServer site({.endpoints = {{"127.0.0.1:0"}, {"127.0.0.1:0", Security::plain, &status}}}, at_once());
  TestClient client(site.server->port(1));
  CHECK(client.get("/healthz").body == "alive\n");
  CHECK(client.get("/readyz").status == 503);
  CHECK(client.get("/broken").status == 503);
  CHECK(client.get("/page").status == 404);
  CHECK(client.ask("POST /healthz HTTP/1.1\r\nHost: a\r\n\r\n").status == 405);
  CHECK(TestClient(site.port()).get("/healthz").status == 404);
}

TEST_CASE("every request leaves a line in the access log") {
  auto const path = std::filesystem::temp_directory_path() / ("courant-access-" + std::to_string(::getpid()) + ".log");
  {
    TestServer site({.access_log = path});
    TestClient client(site.port());
    client.get("/page?token=hidden", "User-Agent: me\r\nReferer: https://x.example/\r\n");
    client.ask("GET /\r\n");
  }
  std::ifstream file(path);
  std::string const text(std::istreambuf_iterator<char>(file), {});
  CHECK(text.find("127.0.0.1 - - [22/Nov/2026:15:04:05 +0000] \"GET /page?token=- HTTP/1.1\" 200 ") == 0);
  CHECK(text.find("\"https://x.example/\" \"me\" 0.000000\n") != std::string::npos);
  CHECK(text.find("\"- - HTTP/1.1\" 400 ") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  std::filesystem::remove(path);
}

TEST_CASE("many clients on several cores and real workers get what is theirs") {
  jobs::WorkerPool pool(3);
  TestServer site({.threads = 3}, [&](std::function<void()> task) { return pool.run(std::move(task)); });
  std::vector<std::thread> clients;
  std::atomic<int> wrong{0};
  for (int c = 0; c < 8; ++c)
    clients.emplace_back([&, c] {
      TestClient client(site.port());
      for (int i = 0; i < 50; ++i) {
        auto const word = std::to_string(c) + "-" + std::to_string(i);
        if (client.get("/page?" + word).body != "hello " + word) ++wrong;
        if (client.ask(post("/echo", "", word)).body != word) ++wrong;
        if (client.get("/flight/" + std::to_string(i)).body != "made /flight/" + std::to_string(i)) ++wrong;
      }
    });
  for (auto& client : clients) client.join();
  CHECK(wrong == 0);
  site.server->stop(20s);
  pool.stop();
}

}  // namespace courant::net
