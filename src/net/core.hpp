// What the cores of a server share, and one core: an event loop, its listeners, its connections, its timer wheel.
// Inside net/ only: this header sees Asio.
#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/access_log.hpp"
#include "net/address.hpp"
#include "net/flights.hpp"
#include "net/head.hpp"
#include "net/listener.hpp"
#include "net/outgoing.hpp"
#include "net/server.hpp"
#include "net/wheel.hpp"

namespace courant::net {

namespace asio = boost::asio;
/// The concrete executor: a type-erased one costs an allocation here and there.
using LoopExecutor = asio::io_context::executor_type;
template <class T = void>
using Task = asio::awaitable<T, LoopExecutor>;
using Descriptor = asio::posix::basic_stream_descriptor<LoopExecutor>;
using LoopTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
inline constexpr asio::use_awaitable_t<LoopExecutor> kAwait{};

class Connection;
class Core;

/// An Endpoint, bound.
struct Binding {
  Place place;
  web::Door* door = nullptr;
  Security security = Security::plain;
  bool unix_socket = false;
  bool loopback = false;
};

/// How many connections each client has.
class ClientCounts {
 public:
  /// False when the client has `most` already.
  [[nodiscard]] bool enter(Address const& client, int most);
  void leave(Address const& client);

 private:
  std::mutex mutex_;
  std::unordered_map<Address, int> counts_;
};

/// What the cores share. Written before they start, then read; the parts that change guard themselves.
struct Shared {
  Shared(Clock const& clock_in, Executor executor_in) : clock(clock_in), executor(std::move(executor_in)) {}

  Clock const& clock;
  Executor executor;
  Limits limits;
  TrustedProxies proxies;
  std::vector<Network> uncounted;
  std::vector<Binding> bindings;
  std::unique_ptr<TlsServer> tls;
  std::unique_ptr<AccessLog> log;
  Ticking ticking = Ticking::by_itself;

  Flights flights;
  ClientCounts clients;
  std::atomic<int> connections{0};
  std::vector<std::unique_ptr<Core>> cores;

  std::mutex stop_mutex;
  std::condition_variable core_is_empty;
  int cores_not_empty = 0;
};

/// Counters of one core: written by its thread alone, read by anyone.
class Counter {
 public:
  void add(std::int64_t by = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

struct alignas(64) Counters {
  Counter accepted;
  Counter refused;
  Counter timed_out;
  Counter requests;
  std::array<Counter, 6> by_class;
  Counter bytes_sent;
  Counter bytes_received;
};

/// What a connection needs only while a request is under way: taken from the core's pool when bytes arrive, given back
/// when the reply is out.
struct Exchange {
  std::vector<char> buffer;  ///< the head, perhaps with more behind it; grows from 4 KB to the head's limit
  std::size_t filled = 0;
  std::string after;  ///< bytes behind a chunked body: the next request's
  HeadScan scan;
  HeadFacts facts;
  web::Request request;
  std::string forwarded_client;
  web::Reply reply;
  Outgoing outgoing;

  Exchange();
  /// Makes ready for the next request; bytes that came behind this one move to the front.
  void next();
  /// Makes ready for another connection.
  void clear();
  [[nodiscard]] std::string_view bytes() const noexcept { return {buffer.data(), filled}; }
};

class Core {
 public:
  Core(Shared& shared, int number);
  ~Core();

  /// Before run(): takes a listening socket of `binding`.
  void listen(Binding const& binding, OwnedFile socket);
  /// The thread's whole life: returns after finish().
  void run();

  // From any thread:
  /// No more connections; idle ones close.
  void begin_stop();
  /// Cuts what is left.
  void cut();
  /// After the core is empty: run() returns.
  void finish();
  /// Moves the core's time on by `ticks` and returns when that is done.
  void advance(Tick ticks);
  [[nodiscard]] Counters const& counters() const noexcept { return counters_; }

  // From the core's own thread, for its connections:
  [[nodiscard]] asio::io_context& loop() noexcept { return loop_; }
  [[nodiscard]] Shared& shared() noexcept { return shared_; }
  [[nodiscard]] Wheel& wheel() noexcept { return wheel_; }
  [[nodiscard]] Counters& counters() noexcept { return counters_; }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] bool cutting() const noexcept { return cutting_; }
  [[nodiscard]] std::string_view date_line() const noexcept { return date_line_; }
  [[nodiscard]] std::string_view log_time() const noexcept { return log_time_; }
  [[nodiscard]] std::unique_ptr<Exchange> take_exchange();
  void give_back(std::unique_ptr<Exchange> exchange);
  /// Where bodies are read to; nobody keeps anything in it across a suspension.
  [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }
  void log(AccessLine const& line);

 private:
  struct Listening;

  Task<> accept_from(Listening& listening);
  Task<> tick_by_clock();
  void accept_all(Listening& listening);
  void admit(Binding const& binding, OwnedFile socket, Address const& client);
  void open_connection(Binding const& binding, OwnedFile socket, Address const& client, bool counted);
  [[nodiscard]] bool is_counted(Binding const& binding, Address const& client) const;
  void tick(Tick ticks);
  void look_at_clock();
  void watch_certificate();
  void tell_if_empty();

  Shared& shared_;
  int number_;
  asio::io_context loop_;
  asio::executor_work_guard<LoopExecutor> work_;
  std::vector<std::unique_ptr<Listening>> listening_;
  Wheel wheel_;
  std::vector<std::unique_ptr<Exchange>> pool_;
  std::vector<char> scratch_;
  std::string log_lines_;
  std::string date_line_;
  std::string log_time_;
  std::int64_t second_ = -1;
  Tick next_certificate_look_ = 0;
  Tick next_ticket_renewal_ = 0;
  std::size_t next_core_ = 0;
  bool stopping_ = false;
  bool cutting_ = false;
  bool told_empty_ = false;
  Counters counters_;
};

inline constexpr Duration kTick = 250ms;
/// The number of ticks that surely last at least `time`.
[[nodiscard]] constexpr Tick ticks(Duration time) { return static_cast<Tick>((time + kTick - 1us) / kTick + 1); }

}  // namespace courant::net
