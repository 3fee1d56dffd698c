#include "app/config.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/crypto.hpp"

using namespace courant;
using namespace courant::app;

namespace {

std::map<std::string, std::string> variables;
char const* variable(char const* name) {
  auto const found = variables.find(name);
  return found == variables.end() ? nullptr : found->second.c_str();
}

/// A folder of its own for one test, with a configuration file in it.
class Folder {
 public:
  explicit Folder(std::string const& toml) {
    path_ = std::filesystem::temp_directory_path() / ("courant-config-" + crypto::random_token(9));
    std::filesystem::create_directory(path_);
    variables.clear();
    if (!toml.empty()) std::ofstream(file()) << toml;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;

  [[nodiscard]] std::filesystem::path file() const { return path_ / "courant.toml"; }
  [[nodiscard]] std::string data() const { return path_.string(); }
  [[nodiscard]] Result<Config> load(Overrides overrides = {}) const {
    overrides.insert(overrides.begin(), {"data", data()});
    return load_config({}, overrides, variable);
  }
  /// What load() complains about; empty when it does not.
  [[nodiscard]] std::string complaint(Overrides overrides = {}) const {
    auto const loaded = load(std::move(overrides));
    return loaded.ok() ? "" : loaded.error().detail;
  }

 private:
  std::filesystem::path path_;
};

bool contains(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("without any source every setting has its default") {
  Folder const folder("");
  auto const config = folder.load();
  REQUIRE(config.ok());
  CHECK(config->listen == std::vector<std::string>{"127.0.0.1:8080"});
  CHECK(config->metrics_listen == "127.0.0.1:9090");
  CHECK(config->site_url == "http://localhost:8080");
  CHECK(config->origins.at("site.url") == "default, from net.listen");
  CHECK(config->origins.at("net.listen") == "default");
  CHECK(database_url(*config) == "sqlite:" + folder.data() + "/courant.db");
}

TEST_CASE("the command line beats the environment, which beats the file, which beats the default") {
  Folder const folder("[net]\nworkers = 3\nthreads = 3\ngrace = \"3 s\"\n");
  variables["COURANT_NET_THREADS"] = "4";
  variables["COURANT_NET_WORKERS"] = "4";
  auto const config = folder.load({{"net.workers", "5"}});
  REQUIRE(config.ok());
  CHECK(config->workers == 5);
  CHECK(config->threads == 4);
  CHECK(config->grace == Duration(3s));
  CHECK(config->max_connections == Config{}.max_connections);
  CHECK(config->origins.at("net.workers") == "command line");
  CHECK(config->origins.at("net.threads") == "environment COURANT_NET_THREADS");
  CHECK(config->origins.at("net.grace") == "file " + folder.file().string() + ":4");
  CHECK(config->origins.at("net.max_connections") == "default");
}

TEST_CASE("a file given by name is read instead of the one in the data folder, and must exist") {
  Folder const own("[site]\nname = \"Own\"\n");
  Folder const other("data = \"/srv/news\"\n[site]\nname = \"Other\"\n");
  auto const config = load_config(other.file(), {}, variable);
  REQUIRE(config.ok());
  CHECK(config->site_name == "Other");
  CHECK(config->data == "/srv/news");
  auto const gone = load_config(own.data() + "/nothing.toml", {}, variable);
  REQUIRE_FALSE(gone.ok());
  CHECK(contains(gone.error().detail, "nothing.toml"));
}

TEST_CASE("an unknown key in the file is an error with its line and the nearest known key") {
  Folder const folder(
      "[net]\nlisten = [\"127.0.0.1:1\"]\nlisen = \"127.0.0.1:2\"\n[sit]\nurl = \"http://a.example\"\n");
  auto const text = folder.complaint();
  CHECK(contains(text, ":3: unknown setting net.lisen; the nearest one is net.listen"));
  CHECK(contains(text, ":5: unknown setting sit.url; the nearest one is site.url"));
}

TEST_CASE("a file that is not TOML is an error with its line") {
  Folder const folder("[net]\nlisten = \n");
  CHECK(contains(folder.complaint(), "courant.toml:2: "));
}

TEST_CASE("a value of the wrong type or shape is an error that says what is wanted") {
  struct Wrong {
    char const* key;
    char const* value;
    char const* says;
  };
  for (auto const& [key, value, says] : std::initializer_list<Wrong>{
           {"net.workers", "0", "from 1 to 256, not \"0\""},
           {"net.workers", "many", "from 1 to 256"},
           {"net.workers", "9999999999999999999", "from 1 to 256"},
           {"net.idle_timeout", "75 fortnights", "from 100 ms to 1 h"},
           {"limits.upload", "20 MB", "from 64 KiB to"},
           {"limits.upload", "9223372036854775807 GiB", "from 64 KiB to"},
           {"net.listen", "8080", "such as 127.0.0.1:8080"},
           {"net.listen", "127.0.0.1:70000", "such as 127.0.0.1:8080"},
           {"net.listen", "::1:80", "such as 127.0.0.1:8080"},
           {"net.listen", "", "at least one"},
           {"net.trusted_proxies", "10.0.0.0/33", "10.0.0.0/8"},
           {"net.trusted_proxies", "proxy.example", "10.0.0.0/8"},
           {"net.metrics_listen", "0.0.0.0:9090", "loopback"},
           {"net.metrics_listen", "127.0.0.1:8080", "must not be one of"},
           {"net.tls_key", "key.pem", "belong together"},
           {"site.url", "news.example", "such as https://news.example"},
           {"site.url", "https://news.example/", "no path or slash"},
           {"site.url", "https://me@news.example", "such as https://news.example"},
           {"site.zone", "Mars/Olympus", "time zone"},
           {"site.language", "tlh", "zh-Hans, en"},
           {"site.name", "", "must not be empty"},
           {"log.level", "loud", "debug, info, warn, error, off"},
           {"log.style", "xml", "json, plain"},
           {"node", "1024", "from 0 to 1023"},
           {"database", "mysql://x", "sqlite: or postgresql://"},
           {"nett.workers", "1", "nearest one is net.workers"},
       }) {
    Folder const folder("");
    auto const text = folder.complaint({{key, value}});
    CHECK_MESSAGE(contains(text, says), key << " = " << value << " says: " << text);
  }
}

TEST_CASE("all complaints come at once") {
  Folder const folder("[net]\nworkers = 0\n[log]\nlevel = 5.5\n");
  auto const text = folder.complaint({{"node", "-1"}});
  CHECK(contains(text, ":2: net.workers"));
  CHECK(contains(text, ":4: log.level must be a text"));
  CHECK(contains(text, "command line: node"));
}

TEST_CASE("a site that others can reach must say its address") {
  Folder const folder("");
  for (auto const* open : {"0.0.0.0:80", "[::]:80", "192.0.2.1:80", "127.0.0.1:80,192.0.2.1:80"}) {
    CHECK_MESSAGE(contains(folder.complaint({{"net.listen", open}}), "site.url is required"), open);
    CHECK(folder.complaint({{"net.listen", open}, {"site.url", "https://news.example"}}) == "");
  }
  for (auto const* closed : {"127.0.0.1:80", "127.8.9.1:80", "[::1]:80", "localhost:80"})
    CHECK_MESSAGE(folder.complaint({{"net.listen", closed}}) == "", closed);
}

TEST_CASE("the key must not lie in the data folder") {
  Folder const folder("");
  CHECK(contains(folder.complaint({{"key_file", folder.data() + "/sub/../key"}}), "outside the data folder"));
  CHECK(folder.complaint({{"key_file", folder.data() + "-keys/key"}}) == "");
}

TEST_CASE("the data folder's own file cannot move the data folder") {
  Folder const folder("data = \"/elsewhere\"\n");
  CHECK(folder.complaint() == "");  // overruled by the command line, as load() gives it
  variables["COURANT_DATA"] = folder.data();
  auto const loaded = load_config({}, {}, variable);
  REQUIRE(loaded.ok());
  CHECK(loaded->data == folder.data());
}

TEST_CASE("a database on another machine must prove who it is") {
  Folder const folder("");
  for (auto const* refused : {"postgresql://u:p@db.example/news", "postgresql://db.example/news?sslmode=require",
                              "postgresql://localhost/news?host=db.example", "postgresql:///news?hostaddr=192.0.2.9"})
    CHECK_MESSAGE(contains(folder.complaint({{"database", refused}}), "verify-full"), refused);
  for (auto const* taken :
       {"postgresql://u:p@db.example/news?sslmode=verify-full", "postgresql://127.0.0.1:5433/news",
        "postgresql://[::1]/news", "postgresql:///news?host=/run/postgresql", "sqlite:/srv/courant.db"})
    CHECK_MESSAGE(folder.complaint({{"database", taken}}) == "", taken);
}

TEST_CASE("passwords are never shown, in complaints neither") {
  for (auto const* url :
       {"postgresql://u:sesame@127.0.0.1/news", "postgresql://u:sesame/sesame@127.0.0.1/news?x=1",
        "postgresql://127.0.0.1/news?password=sesame&x=1", "postgresql://127.0.0.1/news?x=1&password=sesame"}) {
    Config config;
    config.database = url;
    auto const shown = show_config(config);
    CHECK_MESSAGE(!contains(shown, "sesame"), shown);
    CHECK_MESSAGE(contains(shown, "***"), shown);
  }
  Folder const folder("");
  auto const complaint = folder.complaint({{"database", "postgresql://u:sesame@db.example/news"}});
  CHECK(contains(complaint, "verify-full"));
  CHECK_FALSE(contains(complaint, "sesame"));
}

TEST_CASE("what is shown can be put into a file again") {
  Folder const folder("");
  auto const config = folder.load({{"net.listen", "127.0.0.1:1, [::1]:2"},
                                   {"site.name", "Say \"新闻\" \\ here"},
                                   {"net.grace", "1500ms"},
                                   {"cache.pages", "0"},
                                   {"limits.upload", "1000001"},
                                   {"net.idle_timeout", "60"}});
  REQUIRE(config.ok());
  auto const shown = show_config(*config);
  CHECK(contains(shown, "net.grace = \"1500 ms\""));
  CHECK(contains(shown, "net.idle_timeout = \"1 min\""));
  CHECK(contains(shown, "# command line\n"));
  Folder const second("");
  auto const file = second.data() + "/shown.toml";
  std::ofstream(file) << shown;
  auto const again = load_config(file, {}, variable);
  REQUIRE_MESSAGE(again.ok(), again.error().detail);
  CHECK(again->listen == config->listen);
  CHECK(again->site_name == config->site_name);
  CHECK(again->grace == config->grace);
  CHECK(again->cache_bytes == 0);
  CHECK(again->upload_bytes == 1'000'001);
  CHECK(again->max_connections == config->max_connections);
}

TEST_CASE("every setting has an environment variable, a help text and a place in the document") {
  auto const document = config_document();
  for (auto const& [key, about] : config_keys()) {
    CHECK_FALSE(about.empty());
    CHECK_MESSAGE(contains(document, "| `" + key + "` |"), key);
  }
  CHECK(contains(document, "`COURANT_KEY_FILE`"));
}

TEST_CASE("the written document says what the table says") {
  auto const path =
      std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "docs/operate/configuration.md";
  // COURANT_WRITE_DOCUMENTS=1 app_test writes it anew after the table has changed.
  if (std::getenv("COURANT_WRITE_DOCUMENTS")) std::ofstream(path) << config_document();
  std::ifstream in(path);
  CHECK_MESSAGE(std::string(std::istreambuf_iterator<char>(in), {}) == config_document(),
                "run COURANT_WRITE_DOCUMENTS=1 build/debug/app_test and commit docs/operate/configuration.md");
}
