// Every setting of one site, from (later wins) built-in default, configuration file, environment, command line.
// One table in config.cpp names them all: it drives parsing, environment names, --help, `courant config` and the
// document docs/operate/configuration.md.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace courant::app {

struct Config {
  // Where things are
  std::filesystem::path data = "data";  ///< "data": database, media, caches
  std::string database;                 ///< "database": empty means sqlite:DATA/courant.db
  std::filesystem::path key_file;       ///< "key_file": master key, outside the data directory

  // The site: "site.*"
  std::string site_url;  ///< required off loopback; empty there means http://localhost:PORT
  std::string site_name = "Courant";
  std::string site_language = "zh-Hans";
  std::string site_zone = "Asia/Shanghai";
  std::string operator_name;
  std::string contact;
  std::string licence_numbers;

  // The wire: "net.*"
  std::vector<std::string> listen = {"127.0.0.1:8080"};
  std::vector<std::string> trusted_proxies;
  std::string tls_certificate;  ///< PEM chain; empty: no TLS
  std::string tls_key;
  std::string metrics_listen = "127.0.0.1:9090";  ///< empty: none
  int threads = 0;                                ///< 0: one per core
  int workers = 8;                                ///< threads that may block on the database
  std::int64_t max_connections = 20'000;
  std::int64_t max_connections_per_client = 1'000;
  Duration header_timeout{10'000'000};
  Duration body_timeout{60'000'000};
  Duration idle_timeout{75'000'000};
  std::string access_log = "access.log";  ///< relative to the data directory; "-" standard output; empty: none
  Duration grace{10'000'000};             ///< how long a stop waits for requests under way

  // Limits
  std::int64_t cache_bytes = 64LL << 20;       ///< "cache.pages"
  std::int64_t body_cache_bytes = 32LL << 20;  ///< "cache.bodies"
  std::int64_t upload_bytes = 20LL << 20;      ///< "limits.upload"
  int picture_workers = 1;                     ///< "media.workers"

  std::string run_as = "nobody";  ///< account to change to when started as root
  std::string log_level = "info";
  std::string log_style = "json";  ///< "json" or "plain"
  std::uint16_t node = 0;          ///< 0 to 1023, different for nodes of one database

  /// Where each value came from: "net.listen" -> "default", "file /etc/courant.toml:12", "environment
  /// COURANT_NET_LISTEN", "command line".
  std::map<std::string, std::string> origins;
};

/// A setting given on the command line: {"net.listen", "0.0.0.0:80"}; a list is separated by commas.
using Overrides = std::vector<std::pair<std::string, std::string>>;

/// Reads and checks everything. `file` empty: DATA/courant.toml when it exists. `environment` looks up a variable
/// (nullptr when unset). Errors: invalid, with a sentence in English in the detail that says what to do (the command
/// line shows it).
Result<Config> load_config(std::filesystem::path const& file, Overrides const& command_line,
                           char const* (*environment)(char const* name));

/// `courant config`: a line per setting: key = value  # origin. Secrets (a password in a database URL) are masked.
[[nodiscard]] std::string show_config(Config const& config);
/// docs/operate/configuration.md, made from the table.
[[nodiscard]] std::string config_document();
/// The keys of all settings, for the command line's options: {"net.listen", "addresses to listen on …"}.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> config_keys();

[[nodiscard]] std::string database_url(Config const& config);
[[nodiscard]] bool is_loopback(std::string_view address_and_port);

}  // namespace courant::app
