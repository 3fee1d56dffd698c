#include "net/server.hpp"

#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "base/log.hpp"
#include "net/core.hpp"

namespace courant::net {
namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warn("the limit of open files stays where it is");
}

int core_count(int wanted) {
  if (wanted > 0) return wanted;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Result<Binding> bind(Endpoint const& endpoint, web::Door& door, bool has_certificate) {
  Binding binding;
  binding.place = TRY(parse_place(endpoint.address));
  binding.door = endpoint.door != nullptr ? endpoint.door : &door;
  binding.security = endpoint.security;
  if (binding.security == Security::tls && !has_certificate)
    return invalid("net.no_certificate", endpoint.address + " wants TLS, but there is no certificate");
  binding.unix_socket = std::holds_alternative<UnixPlace>(binding.place);
  if (auto const* tcp = std::get_if<TcpPlace>(&binding.place)) binding.loopback = tcp->address.is_loopback();
  return binding;
}

}  // namespace

struct Server::State {
  State(Clock const& clock, Executor executor) : shared(clock, std::move(executor)) {}

  Shared shared;
  std::vector<std::thread> threads;
  enum class Life : std::uint8_t { opened, running, stopped } life = Life::opened;
};

Result<std::unique_ptr<Server>> Server::open(ServerOptions options, web::Door& door, Executor executor,
                                             Clock const& clock) {
  // OpenSSL and sendfile write to sockets without a way to say "no signal".
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();

  auto state = std::make_unique<State>(clock, std::move(executor));
  auto& shared = state->shared;
  shared.proxies = TRY(TrustedProxies::parse(options.trusted_proxies));
  for (auto const& network : options.limits.uncounted_clients) shared.uncounted.push_back(TRY(Network::parse(network)));
  shared.limits = std::move(options.limits);
  shared.ticking = options.ticking;
  if (options.tls) shared.tls = TRY(TlsServer::open(std::move(*options.tls)));
  if (!options.access_log.empty()) shared.log = TRY(AccessLog::open(std::move(options.access_log)));

  int const cores = core_count(options.threads);
  for (int i = 0; i < cores; ++i) shared.cores.push_back(std::make_unique<Core>(shared, i));
  for (auto const& endpoint : options.endpoints)
    shared.bindings.push_back(TRY(bind(endpoint, door, shared.tls != nullptr)));
  for (auto& binding : shared.bindings) {
    auto sockets = TRY(listen_on(binding.place, cores));
    for (std::size_t i = 0; i < sockets.size(); ++i) shared.cores[i]->listen(binding, std::move(sockets[i]));
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(0us); }

void Server::start() {
  if (state_->life != State::Life::opened) return;
  state_->life = State::Life::running;
  state_->shared.cores_not_empty = static_cast<int>(state_->shared.cores.size());
  for (auto& core : state_->shared.cores) state_->threads.emplace_back([&core] { core->run(); });
}

void Server::stop(Duration grace) {
  auto& shared = state_->shared;
  if (std::exchange(state_->life, State::Life::stopped) != State::Life::running) return;
  for (auto& core : shared.cores) core->begin_stop();
  {
    std::unique_lock lock(shared.stop_mutex);
    auto const empty = [&] { return shared.cores_not_empty == 0; };
    if (!shared.core_is_empty.wait_for(lock, grace, empty)) {
      lock.unlock();
      for (auto& core : shared.cores) core->cut();
      lock.lock();
      shared.core_is_empty.wait(lock, empty);
    }
  }
  for (auto& core : shared.cores) core->finish();
  for (auto& thread : state_->threads) thread.join();
  for (auto const& binding : shared.bindings)
    if (auto const* place = std::get_if<UnixPlace>(&binding.place)) std::filesystem::remove(place->path);
}

std::uint16_t Server::port(std::size_t endpoint) const {
  auto const* tcp = std::get_if<TcpPlace>(&state_->shared.bindings.at(endpoint).place);
  return tcp != nullptr ? tcp->port : 0;
}

Done Server::reload_certificates() {
  if (!state_->shared.tls) return {};
  return state_->shared.tls->reload();
}

void Server::reopen_access_log() {
  if (state_->shared.log) state_->shared.log->reopen();
}

Stats Server::stats() const {
  Stats stats;
  for (auto const& core : state_->shared.cores) {
    auto const& counters = core->counters();
    stats.accepted += counters.accepted.value();
    stats.refused += counters.refused.value();
    stats.timed_out += counters.timed_out.value();
    stats.requests += counters.requests.value();
    stats.bytes_sent += counters.bytes_sent.value();
    stats.bytes_received += counters.bytes_received.value();
    for (std::size_t i = 0; i < stats.by_class.size(); ++i) stats.by_class[i] += counters.by_class[i].value();
  }
  stats.connections = state_->shared.connections.load(std::memory_order_relaxed);
  if (state_->shared.log) stats.dropped_log_bytes = state_->shared.log->dropped_bytes();
  return stats;
}

void Server::advance(Duration time) {
  for (auto& core : state_->shared.cores) core->advance(static_cast<Tick>(time / kTick));
}

}  // namespace courant::net
