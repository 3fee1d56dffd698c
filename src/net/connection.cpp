#include "net/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <cerrno>
#include <stdexcept>

#include "base/log.hpp"

namespace courant::net {
namespace {

constexpr Duration kLingerTime = 2s;
constexpr int kMostSharedFlights = 2;  // who found no page after waiting twice has it made for itself

std::shared_ptr<std::string const> const kContinue =
    std::make_shared<std::string const>("HTTP/1.1 100 Continue\r\n\r\n");

/// TLS may have to write before it can read, and the other way round.
Descriptor::wait_type wanted_for(Io io) {
  return io == Io::wait_write ? Descriptor::wait_write : Descriptor::wait_read;
}

}  // namespace

Connection::Connection(Core& core, Binding const& binding, OwnedFile socket, TlsSession session, Address const& client,
                       bool counted)
    : core_(core),
      binding_(binding),
      socket_(core.loop().get_executor()),
      wire_(socket.get(), std::move(session)),
      client_(client),
      client_text_(binding.unix_socket ? std::string("unix") : client.text()),
      counted_(counted) {
  socket_.assign(socket.get());
  (void)socket.release();
  socket_.native_non_blocking(true);
  core_.wheel().add(*this, kNever);
}

Connection::~Connection() {
  if (exchange_) core_.give_back(std::move(exchange_));
  core_.wheel().remove(*this);
  core_.shared().connections.fetch_sub(1, std::memory_order_relaxed);
  if (counted_) core_.shared().clients.leave(client_.limited_as());
}

Task<> Connection::run() {
  if (wire_.secured()) {
    bool const ready = co_await shake_hands();
    if (!ready) co_return;
  }
  for (bool open = true; open;) {
    // Between requests nothing is held but the socket and this frame.
    if (!exchange_ && !wire_.has_pending() && !core_.stopping()) {
      enter(Phase::idle, core_.shared().limits.idle_time);
      co_await wait(Wanted::wait_read);
      if (interrupted()) co_return;
    }
    if (!exchange_) exchange_ = core_.take_exchange();

    auto heard = hear_head();
    if (heard == Heard::more) heard = co_await hear_rest();
    if (heard == Heard::ended) co_return;

    bool const refused = exchange_->reply.status != 0;
    if (!refused) co_await answer();
    if (core_.cutting()) co_return;

    bool const keep = exchange_->facts.keep_alive && !exchange_->reply.close && !core_.stopping();
    prepare_reply(keep ? Ending::keep_alive : Ending::close);
    auto const io = exchange_->outgoing.send(wire_);
    if (io != Io::done) {
      bool const sent = co_await send_slowly(io);
      open = sent;
    }
    account();
    if (!keep) break;
    exchange_->next();
    if (exchange_->filled == 0) core_.give_back(std::move(exchange_));
  }
  co_await linger();
}

Task<bool> Connection::shake_hands() {
  enter(Phase::handshake, core_.shared().limits.handshake_time);
  for (;;) {
    auto const io = wire_.shake_hands();
    if (io == Io::done) co_return true;
    if (io != Io::wait_read && io != Io::wait_write) co_return false;
    co_await wait(wanted_for(io));
    if (interrupted() || core_.stopping()) co_return false;
  }
}

/// The head did not come in one piece.
Task<Connection::Heard> Connection::hear_rest() {
  auto const& limits = core_.shared().limits;
  auto heard = Heard::more;
  for (bool begun = false; heard == Heard::more; heard = hear_head()) {
    if (exchange_->filled == 0) {
      // Woken without a byte: TLS had something to say to itself, or the server stops.
      if (core_.stopping()) co_return Heard::ended;
      core_.give_back(std::move(exchange_));
      enter(Phase::idle, limits.idle_time);
    } else if (!std::exchange(begun, true)) {
      enter(Phase::head, limits.head_time);
    }
    co_await wait(wanted_);
    if (core_.cutting() || (expired_ && !exchange_)) co_return Heard::ended;
    if (!exchange_) exchange_ = core_.take_exchange();
    if (std::exchange(expired_, false)) {
      refuse(408);
      co_return Heard::head;
    }
  }
  co_return heard;
}

/// Reads until the head is complete, the socket has no more, or the head is refused (the reply is then set).
Connection::Heard Connection::hear_head() {
  auto& exchange = *exchange_;
  for (;;) {
    if (exchange.filled > 0) {
      auto const state = exchange.scan.look(exchange.bytes());
      if (state == HeadScan::State::refused) {
        refuse(exchange.scan.refusal());
        return Heard::head;
      }
      if (state == HeadScan::State::complete) break;
    }
    if (exchange.filled == exchange.buffer.size()) exchange.buffer.resize(kMostHeadBytes + 4);
    auto const moved = wire_.read(std::span(exchange.buffer).subspan(exchange.filled));
    if (moved.io == Io::wait_read || moved.io == Io::wait_write) {
      wanted_ = wanted_for(moved.io);
      return Heard::more;
    }
    if (moved.io != Io::done) return Heard::ended;
    exchange.filled += moved.bytes;
    core_.counters().bytes_received.add(static_cast<std::int64_t>(moved.bytes));
  }
  exchange.request.arrived = core_.shared().clock.now();
  auto const head = exchange.bytes().substr(exchange.scan.begin(), exchange.scan.end() - exchange.scan.begin());
  if (int const refusal = read_head(head, exchange.request, exchange.facts); refusal != 0)
    refuse(refusal);
  else
    who_asks();
  return Heard::head;
}

void Connection::who_asks() {
  auto& exchange = *exchange_;
  auto& request = exchange.request;
  auto const& proxies = core_.shared().proxies;
  request.client = client_text_;
  request.https = wire_.secured();
  request.loopback_listener = binding_.loopback;
  bool const trusted = binding_.unix_socket ? proxies.trusts_unix_sockets() : proxies.trusts(client_);
  if (!trusted) return;
  auto const said = forwarded(request.headers, proxies);
  request.https = request.https || said.https;
  if (!said.client) return;
  exchange.forwarded_client = said.client->text();
  request.client = exchange.forwarded_client;
}

/// Sets exchange_->reply.
Task<> Connection::answer() {
  auto& exchange = *exchange_;
  try {
    if (exchange.facts.framing != Framing::none) {
      int const refusal = co_await hear_body();
      if (refusal != 0) {
        refuse(refusal);
        co_return;
      }
      co_await answer_on_worker();
      co_return;
    }
    auto now = binding_.door->answer_now(exchange.request);
    if (auto* reply = std::get_if<web::Reply>(&now)) {
      exchange.reply = std::move(*reply);
      co_return;
    }
    auto needs = std::move(std::get<web::NeedsWorker>(now));
    co_await answer_slowly(std::move(needs));
  } catch (std::exception const& failure) {
    log::error("a request failed: {}", failure.what());
    refuse(503);
  }
}

/// 0, or the status of the refusal.
Task<int> Connection::hear_body() {
  auto& exchange = *exchange_;
  BodyIntake intake(exchange.request, exchange.facts, binding_.door->body_rules(exchange.request));
  if (intake.refusal_of_head() != 0) co_return intake.refusal_of_head();

  begin_transfer(core_.shared().limits.body_time);
  // What came in one piece with the head.
  auto taken = intake.take(exchange.bytes().substr(exchange.scan.end()));
  auto const rest = exchange.scan.end() + taken.bytes;
  if (!taken.complete && taken.refusal == 0 && taken.bytes == 0 && exchange.facts.expects_continue) {
    iovec const part{const_cast<char*>(kContinue->data()), kContinue->size()};
    // 25 bytes into an empty send buffer: if they do not fit, the client will send without being asked.
    (void)wire_.write(std::span(&part, 1));
  }
  while (!taken.complete && taken.refusal == 0) {
    auto const into = core_.scratch().first(std::min(intake.wanted(), core_.scratch().size()));
    auto const moved = wire_.read(into);
    if (moved.io == Io::wait_read || moved.io == Io::wait_write) {
      co_await wait(wanted_for(moved.io));
      if (core_.cutting()) co_return 503;
      if (std::exchange(expired_, false)) co_return 408;
      continue;
    }
    if (moved.io != Io::done) co_return 400;  // the body ended early; nobody may be there to read this
    moved_ += static_cast<std::int64_t>(moved.bytes);
    core_.counters().bytes_received.add(static_cast<std::int64_t>(moved.bytes));
    taken = intake.take({into.data(), moved.bytes});
    if (taken.complete) exchange.after.assign(into.data() + taken.bytes, moved.bytes - taken.bytes);
  }
  if (exchange.after.empty() && rest < exchange.filled && taken.complete)
    exchange.after.assign(exchange.bytes().substr(rest));
  exchange.filled = exchange.scan.end();
  co_return taken.refusal;
}

Task<> Connection::answer_slowly(web::NeedsWorker needs) {
  auto& flights = core_.shared().flights;
  for (int turn = 0; !needs.flight.empty() && turn < kMostSharedFlights; ++turn) {
    std::function<void()> on_landing = [this] { resume(); };
    if (flights.board(needs.flight, std::move(on_landing))) {
      struct Landing {
        Flights& flights;
        std::string const& flight;
        ~Landing() { flights.land(flight); }
      } const landing{flights, needs.flight};
      co_await answer_on_worker();
      co_return;
    }
    co_await suspend();
    auto again = binding_.door->answer_now(exchange_->request);
    if (auto* reply = std::get_if<web::Reply>(&again)) {
      exchange_->reply = std::move(*reply);
      co_return;
    }
    needs = std::move(std::get<web::NeedsWorker>(again));
  }
  co_await answer_on_worker();
}

Task<> Connection::answer_on_worker() {
  std::function<void()> work = [this] {
    // The door does not throw; should it all the same, the client must not wait for ever.
    try {
      exchange_->reply = binding_.door->answer(exchange_->request);
    } catch (std::exception const& failure) {
      log::error("a worker's answer failed: {}", failure.what());
      exchange_->reply = binding_.door->refusal(503);
    }
    resume();
  };
  if (!core_.shared().executor(std::move(work))) {
    refuse(503);
    co_return;
  }
  co_await suspend();
}

void Connection::refuse(int status) {
  auto& exchange = *exchange_;
  exchange.reply = binding_.door->refusal(status);
  exchange.reply.close = true;
  lingers_ = true;
}

void Connection::prepare_reply(Ending ending) {
  auto& exchange = *exchange_;
  auto reply = std::exchange(exchange.reply, web::Reply{.status = 0});
  auto const prepared =
      exchange.outgoing.prepare(exchange.request, exchange.facts, std::move(reply), ending, core_.date_line());
  if (prepared.ok()) return;
  log::error("a file cannot be sent: {}", describe(prepared.error()));
  auto const sorry = exchange.outgoing.prepare(exchange.request, exchange.facts, binding_.door->refusal(503), ending,
                                               core_.date_line());
  if (!sorry.ok()) throw std::logic_error("a refusal must not be a file");
}

/// True when all went out.
Task<bool> Connection::send_slowly(Io io) {
  auto const before = exchange_->outgoing.bytes_sent();
  begin_transfer(Duration::max());
  while (io == Io::wait_write || io == Io::wait_read) {
    co_await wait(wanted_for(io));
    if (interrupted()) co_return false;
    io = exchange_->outgoing.send(wire_);
    moved_ = exchange_->outgoing.bytes_sent() - before;
  }
  co_return io == Io::done;
}

void Connection::account() {
  auto& exchange = *exchange_;
  auto const& request = exchange.request;
  auto const status = exchange.outgoing.status();
  auto& counters = core_.counters();
  counters.requests.add();
  counters.by_class[std::clamp(status / 100, 0, 5)].add();
  counters.bytes_sent.add(exchange.outgoing.bytes_sent());
  if (!core_.shared().log) return;

  AccessLine line;
  line.client = request.client.empty() ? std::string_view(client_text_) : request.client;
  line.time = core_.log_time();
  line.status = status;
  line.bytes = exchange.outgoing.bytes_sent();
  line.method = exchange.facts.method.empty() ? "-" : exchange.facts.method;
  line.target = request.target.empty() ? "-" : request.target;
  line.minor_version = exchange.facts.minor_version;
  line.referrer = request.header("referer");
  line.agent = request.header("user-agent");
  if (request.arrived != Time{}) line.taken = core_.shared().clock.now() - request.arrived;
  core_.log(line);
}

/// Closing a socket with unread bytes sends a reset, which can destroy the reply on its way: so the rest is read first
/// (RFC 9112 section 9.6).
Task<> Connection::linger() {
  wire_.end_sending();
  bool const unread = exchange_ && (exchange_->filled > exchange_->scan.end() || !exchange_->after.empty());
  if ((!lingers_ && !unread) || interrupted()) co_return;
  enter(Phase::linger, kLingerTime);
  while (!interrupted()) {
    auto const scratch = core_.scratch();
    auto const got = ::read(socket_.native_handle(), scratch.data(), scratch.size());
    if (got > 0) continue;
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) co_return;
    co_await wait(Wanted::wait_read);
  }
}

void Connection::on_due() {
  auto const& limits = core_.shared().limits;
  if (phase_ == Phase::transfer) {
    auto const least = limits.least_bytes_per_second * (limits.transfer_window / 1s);
    bool const quick_enough = moved_ - moved_then_ >= least && core_.wheel().now() < transfer_end_;
    moved_then_ = moved_;
    if (quick_enough) return core_.wheel().set_due(*this, core_.wheel().now() + ticks(limits.transfer_window));
  }
  expired_ = true;
  if (phase_ != Phase::linger) core_.counters().timed_out.add();
  socket_.cancel();
}

void Connection::begin_stop() {
  if (phase_ == Phase::idle || phase_ == Phase::handshake) socket_.cancel();
}

void Connection::cut() { socket_.cancel(); }

void Connection::enter(Phase phase, Duration limit) {
  phase_ = phase;
  core_.wheel().set_due(*this, core_.wheel().now() + ticks(limit));
}

void Connection::begin_transfer(Duration at_most) {
  enter(Phase::transfer, core_.shared().limits.transfer_window);
  moved_ = moved_then_ = 0;
  transfer_end_ = at_most == Duration::max() ? kNever : core_.wheel().now() + ticks(at_most);
}

Task<> Connection::wait(Wanted wanted) {
  error_.clear();
  return socket_.async_wait(wanted, asio::redirect_error(kAwait, error_));
}

/// Until resume(), which may come from any thread, even before this: it is posted and so runs after the coroutine has
/// let go of the core.
Task<> Connection::suspend() {
  phase_ = Phase::work;
  core_.wheel().set_due(*this, kNever);
  resumed_ = std::make_unique<LoopTimer>(core_.loop().get_executor(), LoopTimer::time_point::max());
  co_await resumed_->async_wait(asio::redirect_error(kAwait, error_));
  resumed_.reset();
}

void Connection::resume() {
  asio::post(core_.loop(), [this] { resumed_->cancel(); });
}

}  // namespace courant::net
