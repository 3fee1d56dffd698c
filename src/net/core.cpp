#include "net/core.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>
#include <future>

#include "base/log.hpp"
#include "net/connection.hpp"

namespace courant::net {
namespace {

constexpr std::size_t kFirstHeadBytes = 4096;
constexpr std::size_t kMostPooledExchanges = 64;
constexpr std::size_t kScratchBytes = 64 * 1024;
constexpr std::size_t kLogBlock = 64 * 1024;
constexpr int kMostAcceptedAtOnce = 64;  // so that a flood of connections does not keep the others waiting
constexpr Duration kCertificateLook = 5s;
constexpr Duration kTicketKeyLife = 12h;
constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";

Address peer_address(sockaddr_storage const& name) {
  Address address;
  if (name.ss_family == AF_INET) {
    auto const& in = reinterpret_cast<sockaddr_in const&>(name);
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes.data() + 12, &in.sin_addr, 4);
  } else if (name.ss_family == AF_INET6) {
    std::memcpy(address.bytes.data(), &reinterpret_cast<sockaddr_in6 const&>(name).sin6_addr, 16);
  }
  return address;
}

void log_failure(std::string_view what, std::exception_ptr const& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (std::exception const& reason) {
    log::error("{}: {}", what, reason.what());
  }
}

}  // namespace

bool ClientCounts::enter(Address const& client, int most) {
  std::lock_guard const lock(mutex_);
  int& count = counts_[client];
  if (count >= most) return false;
  ++count;
  return true;
}

void ClientCounts::leave(Address const& client) {
  std::lock_guard const lock(mutex_);
  auto const found = counts_.find(client);
  if (--found->second == 0) counts_.erase(found);
}

Exchange::Exchange() : buffer(kFirstHeadBytes) { reply.status = 0; }

void Exchange::next() {
  if (!after.empty()) {
    if (buffer.size() < after.size()) buffer.resize(after.size());
    std::memcpy(buffer.data(), after.data(), after.size());
    filled = after.size();
    after.clear();
  } else {
    auto const rest = filled - scan.end();
    if (rest > 0) std::memmove(buffer.data(), buffer.data() + scan.end(), rest);
    filled = rest;
  }
  scan = HeadScan();
  outgoing.clear();
  request.headers.clear();
  request.path_parts.clear();
  request.target = request.path = request.query = request.client = {};
  request.arrived = {};
  if (facts.framing != Framing::none) {
    // Destroyed, not assigned over: the destructor is what deletes the files of uploads.
    web::Body const over(std::move(request.body));
    request.body.text.clear();
  }
  facts = HeadFacts();
  reply = web::Reply{.status = 0};
}

void Exchange::clear() {
  after.clear();
  filled = 0;
  scan = HeadScan();
  next();
}

struct Core::Listening {
  Binding const& binding;
  Descriptor socket;
  bool paused = false;  // descriptors or memory ran out; the next tick tries again
};

Core::Core(Shared& shared, int number)
    : shared_(shared),
      number_(number),
      loop_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),  // one thread runs it; others only post
      work_(loop_.get_executor()),
      scratch_(kScratchBytes) {
  look_at_clock();
}

Core::~Core() = default;

void Core::listen(Binding const& binding, OwnedFile socket) {
  auto listening = std::make_unique<Listening>(Listening{binding, Descriptor(loop_.get_executor())});
  listening->socket.assign(socket.get());
  (void)socket.release();
  listening_.push_back(std::move(listening));
}

void Core::run() {
  auto const on_end = [](std::exception_ptr const& failure) { log_failure("a task of a core ended", failure); };
  for (auto& listening : listening_) asio::co_spawn(loop_, accept_from(*listening), on_end);
  if (shared_.ticking == Ticking::by_itself) asio::co_spawn(loop_, tick_by_clock(), on_end);
  for (;;) {
    try {
      loop_.run();
      break;
    } catch (std::exception const& failure) {
      log::error("an event was lost: {}", failure.what());
    }
  }
  if (shared_.log) shared_.log->hand_over(log_lines_);
}

Task<> Core::accept_from(Listening& listening) {
  boost::system::error_code error;
  while (!stopping_) {
    co_await listening.socket.async_wait(Descriptor::wait_read, asio::redirect_error(kAwait, error));
    if (error || stopping_) co_return;
    accept_all(listening);
    if (listening.paused) co_return;
  }
}

void Core::accept_all(Listening& listening) {
  for (int accepted = 0; accepted < kMostAcceptedAtOnce || stopping_;) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    OwnedFile socket(::accept4(listening.socket.native_handle(), reinterpret_cast<sockaddr*>(&name), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      ++accepted;
      admit(listening.binding, std::move(socket), peer_address(name));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO || errno == EPERM) continue;
    // No descriptors or no memory: trying again at once would only burn the core.
    if (!std::exchange(listening.paused, true)) log::warn("cannot accept a connection: {}", std::strerror(errno));
    return;
  }
}

void Core::admit(Binding const& binding, OwnedFile socket, Address const& client) {
  auto const refuse = [&] {
    counters_.refused.add();
    if (binding.security == Security::plain)
      (void)!::send(socket.get(), kTooManyConnections.data(), kTooManyConnections.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  };
  if (shared_.connections.fetch_add(1, std::memory_order_relaxed) >= shared_.limits.most_connections) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return refuse();
  }
  bool const counted = is_counted(binding, client);
  if (counted && !shared_.clients.enter(client.limited_as(), shared_.limits.most_connections_per_client)) {
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    return refuse();
  }
  counters_.accepted.add();
  // A Unix socket has one listener for all cores, which takes turns with the others.
  auto& cores = shared_.cores;
  Core& other = binding.unix_socket ? *cores[next_core_++ % cores.size()] : *this;
  if (&other == this || stopping_) return open_connection(binding, std::move(socket), client, counted);
  asio::post(other.loop_, [&other, &binding, client, counted, file = std::make_shared<OwnedFile>(std::move(socket))] {
    other.open_connection(binding, std::move(*file), client, counted);
  });
}

bool Core::is_counted(Binding const& binding, Address const& client) const {
  if (binding.unix_socket || shared_.proxies.trusts(client)) return false;
  return std::none_of(shared_.uncounted.begin(), shared_.uncounted.end(),
                      [&](auto const& network) { return network.contains(client); });
}

void Core::open_connection(Binding const& binding, OwnedFile socket, Address const& client, bool counted) {
  TlsSession session;
  if (binding.security == Security::tls) session = shared_.tls->accept(socket.get());
  if (binding.security == Security::tls && !session) {
    log::warn("no memory for a TLS session");
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    if (counted) shared_.clients.leave(client.limited_as());
    return;
  }
  auto connection =
      std::make_unique<Connection>(*this, binding, std::move(socket), std::move(session), client, counted);
  auto life = connection->run();
  asio::co_spawn(loop_, std::move(life),
                 [this, connection = std::move(connection)](std::exception_ptr failure) mutable {
                   log_failure("a connection broke", failure);
                   connection.reset();
                   tell_if_empty();
                 });
}

void Core::begin_stop() {
  asio::post(loop_, [this] {
    stopping_ = true;
    // What waits to be accepted would be reset with the listener.
    for (auto& listening : listening_) {
      accept_all(*listening);
      boost::system::error_code ignored;
      listening->socket.close(ignored);
    }
    wheel_.for_each([](Wheel::Entry& entry) { static_cast<Connection&>(entry).begin_stop(); });
    tell_if_empty();
  });
}

void Core::cut() {
  asio::post(loop_, [this] {
    cutting_ = true;
    wheel_.for_each([](Wheel::Entry& entry) { static_cast<Connection&>(entry).cut(); });
  });
}

void Core::finish() {
  asio::post(loop_, [this] { loop_.stop(); });
}

void Core::advance(Tick ticks) {
  std::promise<void> done;
  asio::post(loop_, [&] {
    tick(ticks);
    // What the tick cancelled is queued before this: once it runs, the connections have been told.
    asio::post(loop_, [&] { done.set_value(); });
  });
  done.get_future().wait();
}

std::unique_ptr<Exchange> Core::take_exchange() {
  if (pool_.empty()) return std::make_unique<Exchange>();
  auto exchange = std::move(pool_.back());
  pool_.pop_back();
  return exchange;
}

void Core::give_back(std::unique_ptr<Exchange> exchange) {
  if (pool_.size() >= kMostPooledExchanges) return;
  exchange->clear();
  pool_.push_back(std::move(exchange));
}

void Core::log(AccessLine const& line) {
  append_line(log_lines_, line);
  if (log_lines_.size() >= kLogBlock) shared_.log->hand_over(log_lines_);
}

Task<> Core::tick_by_clock() {
  LoopTimer timer(loop_.get_executor());
  auto next = LoopTimer::clock_type::now();
  boost::system::error_code error;
  for (;;) {
    next += kTick;
    timer.expires_at(next);
    co_await timer.async_wait(asio::redirect_error(kAwait, error));
    // After a pause of the machine the missed ticks are made up for in one go, a minute at most.
    Tick missed = 1;
    for (auto const now = LoopTimer::clock_type::now(); next + kTick <= now && missed < 240; ++missed) next += kTick;
    tick(missed);
  }
}

void Core::tick(Tick ticks) {
  look_at_clock();
  wheel_.advance(ticks, [](Wheel::Entry& entry) { static_cast<Connection&>(entry).on_due(); });
  if (shared_.log) shared_.log->hand_over(log_lines_);
  for (auto& listening : listening_) {
    if (!std::exchange(listening->paused, false) || stopping_) continue;
    asio::co_spawn(loop_, accept_from(*listening),
                   [](std::exception_ptr const& failure) { log_failure("a listener ended", failure); });
  }
  if (number_ == 0 && shared_.tls) watch_certificate();
}

void Core::look_at_clock() {
  auto const now = shared_.clock.now();
  if (auto const second = now.microseconds / 1'000'000; second != std::exchange(second_, second)) {
    date_line_ = "Date: " + http_date(now) + "\r\n";
    log_time_ = net::log_time(now);
  }
}

void Core::watch_certificate() {
  if (wheel_.now() >= next_certificate_look_) {
    next_certificate_look_ = wheel_.now() + ticks(kCertificateLook);
    if (auto const done = shared_.tls->reload_if_changed(); !done.ok())
      log::error("the certificate in use stays: {}", describe(done.error()));
  }
  // Whoever steals a ticket key later reads half a day at most.
  if (next_ticket_renewal_ == 0) next_ticket_renewal_ = wheel_.now() + ticks(kTicketKeyLife);
  if (wheel_.now() >= next_ticket_renewal_) {
    next_ticket_renewal_ = wheel_.now() + ticks(kTicketKeyLife);
    if (auto const done = shared_.tls->reload(); !done.ok())
      log::error("the certificate in use stays: {}", describe(done.error()));
  }
}

void Core::tell_if_empty() {
  if (!stopping_ || wheel_.size() != 0 || std::exchange(told_empty_, true)) return;
  std::lock_guard const lock(shared_.stop_mutex);
  --shared_.cores_not_empty;
  shared_.core_is_empty.notify_all();
}

}  // namespace courant::net
