// courant serve: opens the ground floor, installs the features, listens, and stops without losing what it accepted.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>

#include "app/commands.hpp"
#include "app/demo.hpp"
#include "app/features.hpp"
#include "app/ground.hpp"
#include "app/operations.hpp"
#include "app/privileges.hpp"
#include "app/say.hpp"
#include "app/signals.hpp"
#include "base/log.hpp"
#include "net/server.hpp"

namespace courant::app {
namespace {

constexpr Duration kKeepEvents = 7 * 24h;  // a node that was away for a week loads instead of catching up

/// Everything that serves, closed in the reverse of this order.
struct Serving {
  std::unique_ptr<GroundFloor> floor;
  std::unique_ptr<web::Site> site;
  std::unique_ptr<Operations> operations;
  std::unique_ptr<net::Server> server;
  bool has_metrics = false;
};

bool has_tls(Config const& config) { return !config.tls_certificate.empty(); }

/// Off loopback the configuration has made sure that there is one; on loopback the address itself will do.
std::string own_url(Config const& config) {
  if (!config.site_url.empty()) return config.site_url;
  auto const& first = config.listen.front();
  auto const colon = first.rfind(':');
  return fmt::format("{}://localhost{}", has_tls(config) ? "https" : "http",
                     colon == std::string::npos ? "" : first.substr(colon));
}

Result<net::ServerOptions> wire_options(Config const& config, Operations& operations) {
  net::ServerOptions options;
  auto const security = has_tls(config) ? net::Security::tls : net::Security::plain;
  for (auto const& address : config.listen) options.endpoints.push_back({address, security, nullptr});
  if (!config.metrics_listen.empty())
    options.endpoints.push_back({config.metrics_listen, net::Security::plain, &operations});
  if (has_tls(config)) options.tls = net::TlsFiles{config.tls_certificate, config.tls_key};
  options.threads = config.threads;
  options.trusted_proxies = config.trusted_proxies;
  options.limits.head_time = config.header_timeout;
  options.limits.idle_time = config.idle_timeout;
  options.limits.body_time = config.body_timeout;
  options.limits.most_connections = static_cast<int>(config.max_connections);
  options.limits.most_connections_per_client = static_cast<int>(config.max_connections_per_client);
  if (!config.access_log.empty())
    options.access_log = config.access_log == "-" ? "/dev/stdout" : config.data / config.access_log;
  return options;
}

WireCounts counts_of(net::Server const* server) {
  if (server == nullptr) return {};
  auto const stats = server->stats();
  return {stats.connections, stats.requests, stats.refused + stats.timed_out, stats.bytes_sent};
}

/// Listening comes first of all that can fail for others' reasons, and answering last, when every page is ready.
Done open_all(Serving& serving, Config const& config, web::Settings settings) {
  serving.site = TRY(web::Site::open(std::move(settings), serving.floor->ground()));
  TRY(install_features(*serving.site));
  serving.floor->jobs->every("journal.prune", 1h, [&journal = *serving.floor->journal]() -> Done {
    TRY(journal.prune(kKeepEvents));
    return {};
  });
  TRY(serving.floor->journal->start());
  TRY(serving.floor->jobs->start());
  serving.operations =
      std::make_unique<Operations>(*serving.site, [&serving] { return counts_of(serving.server.get()); });
  auto options = TRY(wire_options(config, *serving.operations));
  auto& pool = *serving.floor->pool;
  serving.server = TRY(net::Server::open(
      std::move(options), *serving.site, [&pool](std::function<void()> task) { return pool.run(std::move(task)); },
      serving.floor->clock));
  serving.has_metrics = !config.metrics_listen.empty();
  serving.server->start();
  return {};
}

void tell(Serving const& serving, Config const& config, Demo const& demo) {
  auto const& first = config.listen.front();
  auto const host = first.substr(0, first.rfind(':'));
  auto const name =
      host == "127.0.0.1" || host == "0.0.0.0" || host == "[::1]" || host == "[::]" ? std::string("localhost") : host;
  fmt::print("Courant serves {}://{}:{}\n", has_tls(config) ? "https" : "http", name, serving.server->port(0));
  if (serving.has_metrics)
    fmt::print("metrics http://{}:{}/metrics\n", config.metrics_listen.substr(0, config.metrics_listen.rfind(':')),
               serving.server->port(config.listen.size()));
  if (demo.filled) {
    fmt::print("demo accounts (shown once; kept in {}):\n", demo.passwords.string());
    for (auto const& account : demo.accounts)
      fmt::print("  {:<16} {:<14} {}\n", account.login, account.password, account.role);
  } else if (std::filesystem::exists(demo.passwords)) {
    fmt::print("demo accounts: see {}\n", demo.passwords.string());
  }
  fmt::print("ready\n");
  std::fflush(stdout);
}

void serve_until_stopped(Serving& serving, Config const& config) {
  for (;;) {
    switch (next_signal()) {
      case Signal::reload:
        if (has_tls(config)) {
          auto const done = serving.server->reload_certificates();
          if (!done.ok()) log::error("certificates not reloaded: {}", describe(done.error()));
        }
        serving.server->reopen_access_log();
        break;
      case Signal::reopen:
        serving.server->reopen_access_log();
        break;
      case Signal::stop:
        log::info("stopping");
        serving.operations->set_accepting(false);
        serving.server->stop(config.grace);
        serving.floor->stop();
        return;
    }
  }
}

Done serve_all(Config const& config, ServeOptions const& options) {
  TRY(leave_root(config.run_as, config.data));
  std::error_code error;
  std::filesystem::create_directories(config.data, error);
  auto const lock = TRY(DataLock::take(config.data, "serve"));
  auto settings = TRY(site_settings(config));
  settings.url = own_url(config);
  settings.demo_public = options.demo_public;
  settings.demo = !options.demo.empty();

  Serving serving;
  serving.floor = TRY(GroundFloor::open(config, Process::server));
  Demo demo;
  demo.passwords = config.data / "demo-passwords.txt";
  if (!options.demo.empty()) {
    demo = TRY(fill_with_demo(*serving.floor, settings, options.demo));
  }
  TRY(open_all(serving, config, std::move(settings)));
  ::malloc_trim(0);  // what starting needed and serving does not
  tell(serving, config, demo);
  serve_until_stopped(serving, config);
  return {};
}

}  // namespace

int serve(Config config, ServeOptions const& options) {
  block_signals();
  // Each thread's own arena would hold on to what bursts needed; two are enough for our few threads.
  ::mallopt(M_ARENA_MAX, 2);
  auto const done = serve_all(config, options);
  return done.ok() ? 0 : fail(done.error());
}

}  // namespace courant::app
