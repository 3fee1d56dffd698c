// The HTTP/1.1 server: listens, reads requests, asks a Door, writes what it answers. One thread and one event loop per
// core; each request stays on the core that accepted its connection, except while a worker answers it.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/tls.hpp"
#include "web/door.hpp"

namespace courant::net {

/// Runs a task on a worker thread; false when it cannot take it (the client is then told 503). A task that was taken
/// must run: jobs::WorkerPool::run behaves so.
using Executor = std::function<bool(std::function<void()>)>;

enum class Security : std::uint8_t { plain, tls };

/// One address that the server listens on.
struct Endpoint {
  /// "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "0.0.0.0:80", "[::]:80" (IPv4 too), "unix:/run/courant.sock".
  /// Port 0 takes a free one, see Server::port().
  std::string address;
  Security security = Security::plain;
  web::Door* door = nullptr;  ///< null: the server's door. Another one for /metrics and the like, see status_door.hpp
};

/// What a stranger may use up.
struct Limits {
  Duration handshake_time = 10s;  ///< for TLS to be ready
  Duration head_time = 10s;       ///< from the first byte of a request to the end of its head
  Duration idle_time = 75s;       ///< between requests, and before the first
  Duration body_time = 30min;     ///< for a whole body
  /// While a body comes or a reply goes, every window must move this many bytes a second on average.
  Duration transfer_window = 10s;
  std::int64_t least_bytes_per_second = 500;
  int most_connections = 20'000;
  int most_connections_per_client = 200;  ///< a client is an IPv4 address or an IPv6 /64
  /// Networks that the limit per client does not count, trusted proxies besides.
  std::vector<std::string> uncounted_clients{"127.0.0.0/8", "::1"};
};

/// Who moves the timeouts: the machine's clock, or a test by Server::advance().
enum class Ticking : std::uint8_t { by_itself, by_hand };

struct ServerOptions {
  std::vector<Endpoint> endpoints;
  int threads = 0;  ///< 0: one per core of the machine
  std::optional<TlsFiles> tls;
  std::vector<std::string> trusted_proxies;  ///< addresses, networks, or "unix"
  Limits limits;
  std::filesystem::path access_log;  ///< empty: none
  Ticking ticking = Ticking::by_itself;
};

struct Stats {
  std::int64_t connections = 0;  ///< open now
  std::int64_t accepted = 0;     ///< since the start
  std::int64_t refused = 0;      ///< connections over a limit
  std::int64_t timed_out = 0;    ///< connections cut for being slow or idle
  std::int64_t requests = 0;
  std::array<std::int64_t, 6> by_class{};  ///< replies by the first digit of their status; 1 to 5 are used
  std::int64_t bytes_sent = 0;
  std::int64_t bytes_received = 0;
  std::int64_t dropped_log_bytes = 0;
};

class Server {
 public:
  /// Binds every endpoint. Raises the soft limit of descriptors to the hard one and ignores SIGPIPE. `door` and `clock`
  /// outlive the server. Errors: invalid (an option), conflict (an address is in use), unavailable (the system
  /// refuses).
  static Result<std::unique_ptr<Server>> open(ServerOptions options, web::Door& door, Executor executor,
                                              Clock const& clock);
  /// Stops without grace if stop() was not called.
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  /// Begins to answer. Once.
  void start();
  /// Takes no more connections, closes idle ones at once, lets running requests finish for at most `grace`, then cuts
  /// them. Returns when no connection is left; a request that a worker still holds is waited for even beyond the grace.
  void stop(Duration grace);

  /// The port that `endpoint` (by its place in the options) is bound to; 0 for a Unix socket.
  [[nodiscard]] std::uint16_t port(std::size_t endpoint = 0) const;
  /// Reads the certificate files again; living connections go on. Also done by itself when the files change. Error:
  /// invalid, and the old certificate stays in use.
  Done reload_certificates();
  /// Opens the access log anew, after rotation.
  void reopen_access_log();
  [[nodiscard]] Stats stats() const;

  /// For Ticking::by_hand: moves all timeouts on by `time` (a multiple of 250 ms) and returns when what was due has
  /// been told so. The date in replies and log is read from the clock then.
  void advance(Duration time);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace courant::net
