#include "app/config.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <variant>

namespace courant::app {
namespace {

using std::string;
using std::string_view;
using std::vector;

// --- The table: every setting, once. Defaults stand in Config itself. ---

using Member = std::variant<string Config::*, std::filesystem::path Config::*, vector<string> Config::*, int Config::*,
                            std::uint16_t Config::*, std::int64_t Config::*, Duration Config::*>;

/// What a number may be; for sizes in bytes, for durations in microseconds.
struct Range {
  std::int64_t least;
  std::int64_t most;
  bool bytes = false;
};

/// Says what is wrong with a text, or nothing.
using Check = std::optional<string> (*)(string_view value);

struct Setting {
  string_view key;
  Member member;
  string_view about;
  std::variant<std::monostate, Range, Check> rule;
  bool secret = false;  ///< may hold a password in an address
};

std::optional<string> check_address(string_view);
std::optional<string> check_address_or_none(string_view);
std::optional<string> check_network(string_view);
std::optional<string> check_database(string_view);
std::optional<string> check_site_url(string_view);
std::optional<string> check_zone(string_view);
std::optional<string> check_language(string_view);
std::optional<string> check_log_level(string_view);
std::optional<string> check_log_style(string_view);
std::optional<string> check_not_empty(string_view);

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMebibyte = 1 << 20;
constexpr Range kTimeouts{kSecond / 10, 3600 * kSecond};

Setting const kSettings[] = {
    {"data", &Config::data, "folder of everything this site stores: database, media, logs", &check_not_empty},
    {"database", &Config::database,
     "`sqlite:/path/courant.db` or `postgresql://user:password@host/name`; empty: SQLite in the data folder",
     &check_database, true},
    {"key_file", &Config::key_file, "file with the master key, outside the data folder and its backups"},
    {"run_as", &Config::run_as, "account to change to when started with root's rights", &check_not_empty},
    {"node", &Config::node, "number of this machine among those that share a database; each has its own",
     Range{0, 1023}},

    {"site.url", &Config::site_url,
     "address under which readers find the site, such as `https://news.example`; the only source of absolute links. "
     "Required when the site listens beyond this machine; otherwise `http://localhost:PORT`",
     &check_site_url},
    {"site.name", &Config::site_name, "name of the site", &check_not_empty},
    {"site.language", &Config::site_language, "language for readers who state none: `zh-Hans` or `en`",
     &check_language},
    {"site.zone", &Config::site_zone, "time zone in which times are shown, such as `Asia/Shanghai`", &check_zone},
    {"site.operator_name", &Config::operator_name, "legal name of who runs the site, in notices and footer"},
    {"site.contact", &Config::contact, "e-mail address or telephone number of the operator, in the footer"},
    {"site.licence_numbers", &Config::licence_numbers, "registration and licence numbers, in the footer"},

    {"net.listen", &Config::listen,
     "addresses to listen on, each `address:port`, `[IPv6 address]:port` or "
     "`localhost:port`",
     &check_address},
    {"net.trusted_proxies", &Config::trusted_proxies,
     "addresses or networks of proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`", &check_network},
    {"net.tls_certificate", &Config::tls_certificate, "PEM file with the certificate chain; empty: no TLS here"},
    {"net.tls_key", &Config::tls_key, "PEM file with the certificate's private key"},
    {"net.metrics_listen", &Config::metrics_listen, "loopback address of the metrics for Prometheus; empty: none",
     &check_address_or_none},
    {"net.threads", &Config::threads, "threads that read and write connections; 0: one for each processor core",
     Range{0, 256}},
    {"net.workers", &Config::workers, "threads that may wait for the database", Range{1, 256}},
    {"net.max_connections", &Config::max_connections, "open connections at most", Range{10, 1'000'000}},
    {"net.max_connections_per_client", &Config::max_connections_per_client,
     "open connections at most from one address (IPv6: one /64)", Range{1, 1'000'000}},
    {"net.header_timeout", &Config::header_timeout, "time within which a request's header must have come", kTimeouts},
    {"net.body_timeout", &Config::body_timeout, "time a request's body may stand still", kTimeouts},
    {"net.idle_timeout", &Config::idle_timeout, "time a connection may wait for its next request", kTimeouts},
    {"net.grace", &Config::grace, "time a stop waits for requests under way", Range{0, 3600 * kSecond}},
    {"net.access_log", &Config::access_log,
     "file for a line per request, relative to the data folder; `-`: standard output; empty: none"},

    {"cache.pages", &Config::cache_bytes, "memory for finished pages", Range{0, 1LL << 40, true}},
    {"cache.bodies", &Config::body_cache_bytes, "memory for article texts", Range{0, 1LL << 40, true}},
    {"limits.upload", &Config::upload_bytes, "largest file that may be uploaded",
     Range{64 << 10, 10'000 * kMebibyte, true}},
    {"media.workers", &Config::picture_workers, "processes that decode pictures", Range{1, 64}},

    {"log.level", &Config::log_level, "`debug`, `info`, `warn`, `error` or `off`", &check_log_level},
    {"log.style", &Config::log_style, "`json` or `plain`", &check_log_style},
};

// --- Texts and values ---

Error complaint(string detail) { return invalid("", std::move(detail)); }

struct Unit {
  string_view name;
  std::int64_t factor;
};
constexpr Unit kByteUnits[] = {{"", 1}, {"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}};
constexpr Unit kTimeUnits[] = {
    {"", kSecond}, {"s", kSecond}, {"ms", 1'000}, {"min", 60 * kSecond}, {"h", 3600 * kSecond}};
constexpr Unit kNoUnits[] = {{"", 1}};

string_view trimmed(string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// "64 MiB", "90s", "5"; nothing when it is not a whole number with one of the units, or too large.
std::optional<std::int64_t> read_number(string_view text, std::span<Unit const> units) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return {};
  auto const unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  for (auto const& [name, factor] : units) {
    std::int64_t product = 0;
    if (name == unit && !__builtin_mul_overflow(number, factor, &product)) return product;
  }
  return {};
}

/// The shortest way to write it: the largest unit that divides it. A duration of 0 has a unit too.
string write_number(std::int64_t value, std::span<Unit const> units) {
  auto best = units[units.size() > 1 ? 1 : 0];
  for (auto const& unit : units)
    if (!unit.name.empty() && value != 0 && value % unit.factor == 0 &&
        (value % best.factor != 0 || unit.factor > best.factor))
      best = unit;
  return fmt::format("{}{}{}", value / best.factor, best.name.empty() ? "" : " ", best.name);
}

string allowed(Range const& range, std::span<Unit const> units) {
  return fmt::format("from {} to {}", write_number(range.least, units), write_number(range.most, units));
}

vector<string> split_list(string_view text) {
  vector<string> items;
  while (!trimmed(text).empty()) {
    auto const comma = std::min(text.find(','), text.size());
    if (auto const item = trimmed(text.substr(0, comma)); !item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

template <class T>
Result<std::int64_t> number_for(Setting const& setting, string_view text, std::span<Unit const> units) {
  auto const& range = std::get<Range>(setting.rule);
  auto const number = read_number(text, units);
  if (!number || *number < range.least || *number > range.most)
    return complaint(fmt::format("{} must be a whole number {}, not \"{}\"", setting.key, allowed(range, units), text));
  return *number;
}

Done check_text(Setting const& setting, string_view text) {
  auto const* const check = std::get_if<Check>(&setting.rule);
  if (!check) return {};
  if (auto const wrong = (*check)(text))
    return complaint(fmt::format("{} is \"{}\", but {}", setting.key, setting.secret ? "…" : text, *wrong));
  return {};
}

std::span<Unit const> units_of(Setting const& setting) {
  if (std::holds_alternative<Duration Config::*>(setting.member)) return kTimeUnits;
  auto const* const range = std::get_if<Range>(&setting.rule);
  return range && range->bytes ? std::span<Unit const>(kByteUnits) : std::span<Unit const>(kNoUnits);
}

/// Sets one value from its text. Error: invalid, naming the setting.
Done assign(Config& config, Setting const& setting, string_view text) {
  return std::visit(
      [&]<class T>(T Config::* member) -> Done {
        if constexpr (std::is_same_v<T, vector<string>>) {
          auto items = split_list(text);
          for (auto const& item : items) TRY(check_text(setting, item));
          config.*member = std::move(items);
        } else if constexpr (std::is_same_v<T, string> || std::is_same_v<T, std::filesystem::path>) {
          TRY(check_text(setting, text));
          config.*member = T(text);
        } else {
          config.*member = T(TRY(number_for<T>(setting, text, units_of(setting))));
        }
        return {};
      },
      setting.member);
}

string in_quotes(string_view text) {
  string out = "\"";
  for (char const c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + '"';
}

/// Passwords stand in "scheme://user:password@host" and in a "password=" parameter.
string masked(string url) {
  auto const scheme = url.find("://");
  auto const at = url.rfind('@', url.find('?'));
  auto const colon = scheme == string::npos ? scheme : url.find(':', scheme + 3);
  if (at != string::npos && colon < at) url.replace(colon + 1, at - colon - 1, "***");
  for (auto place = url.find("password="); place != string::npos; place = url.find("password=", place)) {
    place += 9;
    url.replace(place, std::min(url.find('&', place), url.size()) - place, "***");
  }
  return url;
}

/// As TOML: what is shown can be put into a file again.
string written(Config const& config, Setting const& setting) {
  return std::visit(
      [&]<class T>(T Config::* member) -> string {
        auto const& value = config.*member;
        if constexpr (std::is_same_v<T, vector<string>>) {
          string list;
          for (auto const& item : value) list += (list.empty() ? "" : ", ") + in_quotes(item);
          return "[" + list + "]";
        } else if constexpr (std::is_same_v<T, string>) {
          return in_quotes(setting.secret ? masked(value) : value);
        } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
          return in_quotes(value.string());
        } else {
          auto const units = units_of(setting);
          if constexpr (std::is_same_v<T, Duration>)
            return in_quotes(write_number(value.count(), units));
          else
            return units.size() > 1 ? in_quotes(write_number(value, units)) : std::to_string(value);
        }
      },
      setting.member);
}

string environment_name(string_view key) {
  string name = "COURANT_";
  for (char const c : key) name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

Setting const* find_setting(string_view key) {
  auto const* const found = std::find_if(std::begin(kSettings), std::end(kSettings),
                                         [&](Setting const& setting) { return setting.key == key; });
  return found == std::end(kSettings) ? nullptr : found;
}

/// Levenshtein's distance between two short words.
std::size_t distance(string_view a, string_view b) {
  vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      auto const above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

string_view nearest_key(string_view key) {
  return std::min_element(
             std::begin(kSettings), std::end(kSettings),
             [&](Setting const& a, Setting const& b) { return distance(a.key, key) < distance(b.key, key); })
      ->key;
}

string unknown_key(string_view key) {
  return fmt::format("unknown setting {}; the nearest one is {}", key, nearest_key(key));
}

// --- Checks of single values ---

struct Address {
  string host;
  int port = 0;
};

std::optional<Address> read_address(string_view text) {
  auto const colon = text.rfind(':');
  if (colon == string_view::npos) return {};
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != string_view::npos)
    return {};
  auto const port = read_number(text.substr(colon + 1), kNoUnits);
  if (!port || *port < 0 || *port > 65535) return {};
  return Address{string(host), static_cast<int>(*port)};
}

/// 4 or 16 bytes, or none when it is no address.
string address_bytes(string const& host) {
  unsigned char bytes[16];
  if (inet_pton(AF_INET, host.c_str(), bytes) == 1) return {reinterpret_cast<char const*>(bytes), 4};
  if (inet_pton(AF_INET6, host.c_str(), bytes) == 1) return {reinterpret_cast<char const*>(bytes), 16};
  return {};
}

std::optional<string> check_address(string_view value) {
  auto const address = read_address(value);
  if (!address || (address->host != "localhost" && address_bytes(address->host).empty()))
    return "it must be an address and a port, such as 127.0.0.1:8080, [::]:80 or localhost:8080";
  return {};
}

std::optional<string> check_address_or_none(string_view value) {
  return value.empty() ? std::nullopt : check_address(value);
}

std::optional<string> check_network(string_view value) {
  auto const slash = std::min(value.find('/'), value.size());
  auto const bytes = address_bytes(string(value.substr(0, slash)));
  auto const bits = slash == value.size() ? 0 : read_number(value.substr(slash + 1), kNoUnits).value_or(-1);
  if (bytes.empty() || bits < 0 || bits > static_cast<std::int64_t>(bytes.size()) * 8)
    return "it must be an address or a network, such as 192.0.2.7 or 10.0.0.0/8";
  return {};
}

string_view host_of_url(string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find_first_of("/?#"));
  if (auto const at = url.rfind('@'); at != string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return url.substr(1, url.find(']') - 1);
  return url.substr(0, url.find(':'));
}

bool is_loopback_host(string const& host) {
  auto const bytes = address_bytes(host);
  if (bytes.size() == 4) return static_cast<unsigned char>(bytes[0]) == 127;
  if (bytes.size() == 16) return bytes == string(15, '\0') + '\1';
  return host == "localhost";
}

/// Empty and a folder mean a Unix socket.
bool is_this_machine(string const& host) {
  return host.empty() || host.starts_with('/') || host.starts_with("%2F") || host.starts_with("%2f") ||
         is_loopback_host(host);
}

/// A database on another machine is spoken to only when its certificate is checked.
std::optional<string> check_database(string_view value) {
  if (value.empty() || (value.starts_with("sqlite:") && value.size() > 7)) return {};
  if (!value.starts_with("postgresql://") && !value.starts_with("postgres://"))
    return "it must begin with sqlite: or postgresql://";
  vector<string> hosts{string(host_of_url(value))};
  for (string_view const parameter : {"host=", "hostaddr="})
    if (auto const place = value.find(parameter); place != string_view::npos)
      hosts.emplace_back(value.substr(place + parameter.size(), value.find('&', place) - place - parameter.size()));
  if (!std::all_of(hosts.begin(), hosts.end(), is_this_machine) &&
      value.find("sslmode=verify-full") == string_view::npos)
    return "a database on another machine needs sslmode=verify-full in its address";
  return {};
}

std::optional<string> check_site_url(string_view value) {
  if (value.empty()) return {};
  auto const rest = value.substr(std::min(value.find("://") + 3, value.size()));
  bool const scheme = value.starts_with("http://") || value.starts_with("https://");
  if (!scheme || rest.empty() || rest.find_first_of("/?#@ \"<>\\") != string_view::npos)
    return "it must be http:// or https:// with a host, and no path or slash behind it, such as https://news.example";
  return {};
}

std::optional<string> check_zone(string_view value) {
  if (Zone::find(value).ok()) return {};
  return "this system knows no such time zone (package tzdata)";
}

std::optional<string> one_of(string_view value, std::initializer_list<string_view> names) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return {};
  return fmt::format("it must be one of: {}", fmt::join(names, ", "));
}

std::optional<string> check_language(string_view value) { return one_of(value, {"zh-Hans", "en"}); }
std::optional<string> check_log_level(string_view value) {
  return one_of(value, {"debug", "info", "warn", "error", "off"});
}
std::optional<string> check_log_style(string_view value) { return one_of(value, {"json", "plain"}); }
std::optional<string> check_not_empty(string_view value) {
  return value.empty() ? std::optional<string>("it must not be empty") : std::nullopt;
}

// --- Sources ---

/// Gathers what is wrong, so that all of it is said at once.
class Loading {
 public:
  explicit Loading(Config& config) : config_(config) {}

  void set(Setting const& setting, string_view text, string origin) {
    if (auto const done = assign(config_, setting, text); !done.ok())
      complain(fmt::format("{}: {}", origin, done.error().detail));
    config_.origins[string(setting.key)] = std::move(origin);
  }
  void complain(string sentence) { complaints_.push_back(std::move(sentence)); }
  [[nodiscard]] Done outcome() const {
    if (complaints_.empty()) return {};
    return complaint(fmt::format("{}", fmt::join(complaints_, "\n")));
  }

 private:
  Config& config_;
  vector<string> complaints_;
};

/// The text of a value in a file, as assign() reads it. Nothing for what no setting can be (a date, a list of lists).
std::optional<string> text_of(toml::node const& node) {
  if (auto const text = node.value_exact<string>()) return text;
  if (auto const number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  auto const* const items = node.as_array();
  if (!items) return {};
  string list;
  for (auto const& item : *items) {
    auto const text = item.value_exact<string>();
    if (!text || text->find(',') != string::npos) return {};
    list += (list.empty() ? "" : ",") + *text;
  }
  return list;
}

void read_table(Loading& loading, toml::table const& table, string const& prefix, string const& file) {
  for (auto const& [name, node] : table) {
    auto const key = prefix + string(name.str());
    auto const origin = fmt::format("file {}:{}", file, name.source().begin.line);
    if (auto const* const inner = node.as_table()) {
      read_table(loading, *inner, key + ".", file);
      continue;
    }
    auto const* const setting = find_setting(key);
    auto const text = text_of(node);
    if (!setting)
      loading.complain(fmt::format("{}: {}", origin, unknown_key(key)));
    else if (!text)
      loading.complain(fmt::format("{}: {} must be a text, a whole number or a list of texts", origin, key));
    else
      loading.set(*setting, *text, origin);
  }
}

Done read_file(Loading& loading, std::filesystem::path const& file) {
  auto const parsed = toml::parse_file(file.string());
  if (!parsed)
    return complaint(
        fmt::format("file {}:{}: {}", file.string(), parsed.error().source().begin.line, parsed.error().description()));
  read_table(loading, parsed.table(), "", file.string());
  return {};
}

void read_environment(Loading& loading, char const* (*environment)(char const* name)) {
  for (auto const& setting : kSettings) {
    auto const name = environment_name(setting.key);
    if (auto const* const value = environment(name.c_str())) loading.set(setting, value, "environment " + name);
  }
}

void read_command_line(Loading& loading, Overrides const& overrides) {
  for (auto const& [key, value] : overrides) {
    if (auto const* const setting = find_setting(key))
      loading.set(*setting, value, "command line");
    else
      loading.complain("command line: " + unknown_key(key));
  }
}

/// The data folder, before the file in it can be read.
std::filesystem::path data_folder(Overrides const& overrides, char const* (*environment)(char const* name)) {
  std::filesystem::path data = Config{}.data;
  if (auto const* const value = environment("COURANT_DATA")) data = value;
  for (auto const& [key, value] : overrides)
    if (key == "data") data = value;
  return data;
}

/// The file to read; empty: none. Error: invalid when the one that was asked for is not there.
Result<std::filesystem::path> find_file(std::filesystem::path const& asked, std::filesystem::path const& data) {
  std::error_code ignored;
  if (asked.empty()) {
    auto const own = data / "courant.toml";
    return std::filesystem::exists(own, ignored) ? own : std::filesystem::path();
  }
  if (!std::filesystem::is_regular_file(asked, ignored))
    return complaint(fmt::format("there is no configuration file {}", asked.string()));
  return asked;
}

// --- Checks of the whole ---

bool lies_inside(std::filesystem::path const& file, std::filesystem::path const& folder) {
  std::error_code error;
  auto const inner = std::filesystem::weakly_canonical(file, error);
  auto const outer = std::filesystem::weakly_canonical(folder, error);
  auto const [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

void check_whole(Config const& config, std::filesystem::path const& own_file, Loading& loading) {
  auto const& origins = config.origins;
  if (config.listen.empty()) loading.complain("net.listen must hold at least one address");
  for (auto const& listen : config.listen)
    if (!is_loopback(listen) && config.site_url.empty())
      loading.complain(fmt::format(
          "site.url is required because net.listen holds {}, which others can reach: absolute links, mails and sign-in "
          "are made from it, never from what a request claims",
          listen));
  if (config.tls_certificate.empty() != config.tls_key.empty())
    loading.complain("net.tls_certificate and net.tls_key belong together: set both or none");
  if (!config.metrics_listen.empty() && !is_loopback(config.metrics_listen))
    loading.complain(fmt::format("net.metrics_listen is {}, but metrics are served on a loopback address only",
                                 config.metrics_listen));
  bool const any_port = config.metrics_listen.ends_with(":0");  // each takes a free port of its own
  if (!any_port && std::find(config.listen.begin(), config.listen.end(), config.metrics_listen) != config.listen.end())
    loading.complain("net.metrics_listen must not be one of the addresses in net.listen");
  if (!config.key_file.empty() && lies_inside(config.key_file, config.data))
    loading.complain("key_file must lie outside the data folder, or each backup would hold the key to itself");
  if (auto const data = origins.find("data"); !own_file.empty() && data->second.starts_with("file "))
    loading.complain(fmt::format("{}: data cannot be set in the data folder's own file", data->second));
}

/// Without site.url the site is on loopback, and this is where a browser on this machine finds it.
void fill_in_site_url(Config& config) {
  if (!config.site_url.empty() || config.listen.empty()) return;
  auto const address = read_address(config.listen.front());
  bool const tls = !config.tls_certificate.empty();
  config.site_url = fmt::format("{}://localhost:{}", tls ? "https" : "http", address ? address->port : 0);
  config.origins["site.url"] = "default, from net.listen";
}

constexpr char const* kDocumentBeginning = R"(# Configuration

<!-- Made from the table of settings in src/app/config.cpp; a test says when the two differ. -->

Every setting has a default, so an empty configuration is a site on this machine. A value comes from, later wins: the
default, the file `courant.toml` in the data folder (or the one given with `--config FILE`), the environment, the command
line (`--set site.name=News`; `--data`, `--database`, `--listen`, `--url`, `--name` and `--metrics` are short for the
commonest). `courant config` prints each value and where it came from; passwords in addresses are masked. An unknown key
in the file is an error that names its line and the nearest known key.

In the file, keys with a dot stand in the table of their first word:

```toml
[site]
url = "https://news.example"
name = "Example News"

[net]
listen = ["0.0.0.0:443", "[::]:443"]
idle_timeout = "75 s"

[cache]
pages = "256 MiB"
```

Times are whole numbers with `ms`, `s`, `min` or `h` (without: seconds), sizes with `KiB`, `MiB` or `GiB` (without:
bytes). In the environment and on the command line the items of a list are separated by commas.
)";

string section_title(string_view section) {
  if (section.empty()) return "Where things are";
  if (section == "site") return "The site";
  if (section == "net") return "The network";
  if (section == "cache") return "Memory";
  if (section == "limits") return "Limits";
  if (section == "media") return "Pictures";
  return "The log";
}

}  // namespace

Result<Config> load_config(std::filesystem::path const& file, Overrides const& command_line,
                           char const* (*environment)(char const* name)) {
  Config config;
  for (auto const& setting : kSettings) config.origins[string(setting.key)] = "default";
  Loading loading(config);
  auto const source = TRY(find_file(file, data_folder(command_line, environment)));
  if (!source.empty()) TRY(read_file(loading, source));
  read_environment(loading, environment);
  read_command_line(loading, command_line);
  TRY(loading.outcome());
  check_whole(config, file.empty() ? source : std::filesystem::path(), loading);
  TRY(loading.outcome());
  fill_in_site_url(config);
  return config;
}

std::string show_config(Config const& config) {
  struct Line {
    string text;
    string origin;
  };
  vector<Line> lines;
  for (auto const& setting : kSettings) {
    auto const origin = config.origins.find(string(setting.key));
    lines.push_back({fmt::format("{} = {}", setting.key, written(config, setting)),
                     origin == config.origins.end() ? "default" : origin->second});
  }
  std::size_t width = 0;
  for (auto const& line : lines) width = std::max(width, std::min<std::size_t>(line.text.size(), 60));
  string out;
  for (auto const& [text, origin] : lines) out += fmt::format("{:<{}}  # {}\n", text, width, origin);
  return out;
}

std::string config_document() {
  Config const defaults;
  string out = kDocumentBeginning;
  string_view section = "?";
  for (auto const& setting : kSettings) {
    auto const dot = setting.key.find('.');
    auto const its = dot == string_view::npos ? string_view() : setting.key.substr(0, dot);
    if (its != section) {
      section = its;
      out += fmt::format("\n## {}\n\n| setting | default | environment | what it is |\n|---|---|---|---|\n",
                         section_title(section));
    }
    auto const* const range = std::get_if<Range>(&setting.rule);
    out += fmt::format("| `{}` | `{}` | `{}` | {}{} |\n", setting.key, written(defaults, setting),
                       environment_name(setting.key), setting.about,
                       range ? ", " + allowed(*range, units_of(setting)) : "");
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> config_keys() {
  vector<std::pair<string, string>> keys;
  for (auto const& setting : kSettings) keys.emplace_back(setting.key, setting.about);
  return keys;
}

std::string database_url(Config const& config) {
  return config.database.empty() ? "sqlite:" + (config.data / "courant.db").string() : config.database;
}

bool is_loopback(std::string_view address_and_port) {
  auto const address = read_address(address_and_port);
  return address && is_loopback_host(address->host);
}

}  // namespace courant::app
