// What the tests of the running server share: a door with a few known pages, workers that run when told, and clients
// that speak raw bytes. Test code only.
#pragma once
#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "net/server.hpp"
#include "web/door.hpp"

namespace courant::net {

/// An Executor whose tasks run one by one when the test says so, on the test's thread.
class HandWorkers {
 public:
  [[nodiscard]] Executor executor() {
    return [this](std::function<void()> task) {
      std::lock_guard const lock(mutex_);
      tasks_.push_back(std::move(task));
      changed_.notify_all();
      return true;
    };
  }
  /// Waits for a task and runs it.
  void run_one();
  [[nodiscard]] std::size_t waiting() const {
    std::lock_guard const lock(mutex_);
    return tasks_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
};

/// GET /page, /empty (204), /big (8 MB), /file, /close, /throw, /who; /flight/… through a shared flight until kept;
/// /alone through a worker each time; POST /echo and /form.
class TestDoor final : public web::Door {
 public:
  TestDoor();
  ~TestDoor() override;

  std::variant<web::Reply, web::NeedsWorker> answer_now(web::Request& request) override;
  web::Reply answer(web::Request& request) override;
  web::BodyRules body_rules(web::Request const& request) override;
  web::Reply refusal(int status) override;

  /// Waits until answer_now was asked for this target so many times.
  void wait_until_asked(std::string const& target, int times);
  [[nodiscard]] int asked(std::string const& target);

  std::filesystem::path folder;
  std::string const& file_text;
  std::string const& big;
  bool keeps_flights = true;  ///< answer() of a /flight/ page makes it available to answer_now()

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> asked_;
  std::map<std::string, std::string> kept_;
};

web::Reply text_reply(std::string text, int status = 200, std::string_view fields = {});

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  /// The value of a field, or "-".
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// A stream of bytes to the server; reads give up (and fail the test) after 20 seconds.
class TestClient {
 public:
  /// `from` is the own address, for tests that count clients.
  explicit TestClient(std::uint16_t port, std::string const& from = "127.0.0.1");
  explicit TestClient(std::filesystem::path const& unix_socket);
  /// Takes an open, unconnected socket.
  struct Unconnected {
    int socket;
  };
  TestClient(Unconnected unconnected, std::uint16_t port);
  virtual ~TestClient();
  TestClient(TestClient const&) = delete;
  TestClient& operator=(TestClient const&) = delete;

  virtual void send(std::string_view bytes);
  /// At least one byte, or empty at the end (a reset is an end too).
  virtual std::string receive();
  void end_sending();

  /// One whole reply; `head_only` for the answer to HEAD.
  enum class Body : std::uint8_t { expected, absent };
  Answer answer(Body body = Body::expected);
  Answer ask(std::string_view request, Body body = Body::expected) {
    send(request);
    return answer(body);
  }
  Answer get(std::string const& target, std::string_view fields = {});
  /// Everything that still comes until the server closes.
  std::string rest();
  [[nodiscard]] int socket() const noexcept { return socket_; }

 protected:
  int socket_ = -1;
  std::string held_;
};

int open_socket();

/// A server on a free port with time in the test's hand.
struct TestServer {
  explicit TestServer(ServerOptions options = {}, Executor executor = {});
  ManualClock clock{*parse_time("2026-11-22T15:04:05Z")};
  TestDoor door;
  HandWorkers workers;
  std::unique_ptr<Server> server;
  [[nodiscard]] std::uint16_t port() const { return server->port(); }
};

}  // namespace courant::net
