#include "store/testing.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "base/crypto.hpp"

namespace courant::store::testing {
namespace fs = std::filesystem;
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";

/// /dev/shm when it has room (in a container it may have 64 MB), since tests sync often and keep nothing.
fs::path scratch_root() {
  std::error_code failed;
  auto const space = fs::space("/dev/shm", failed);
  if (!failed && space.available > 1'000'000'000 && ::access("/dev/shm", W_OK) == 0) return "/dev/shm";
  return fs::temp_directory_path();
}

/// PostgreSQL refuses to run as root: its own user if there is one, else nobody.
passwd const* server_user() {
  if (::geteuid() != 0) return nullptr;
  auto const* user = ::getpwnam("postgres");
  return user != nullptr ? user : ::getpwnam("nobody");
}

/// Starts a program of PostgreSQL's, as its user and with its output in `log`; it dies with the calling thread.
int start_program(std::string const& name, std::vector<std::string> arguments, fs::path const& log) {
  auto const* const user = server_user();
  auto const program = kPrograms + name;
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  int const process = ::fork();
  if (process != 0) return process;
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after setuid, which clears it
  FILE* const out = std::freopen(log.c_str(), "a", stderr);
  if (out == nullptr || ::dup2(::fileno(out), STDOUT_FILENO) < 0 || ::chdir("/") != 0) ::_exit(125);
  ::setenv("LC_ALL", "C", 1);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int wait_for(int process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

using PgConnection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

PgConnection connect(std::string const& url) { return {PQconnectdb(url.c_str()), &PQfinish}; }

void run_sql(std::string const& url, std::string const& sql) {
  auto const connection = connect(url);
  std::unique_ptr<PGresult, decltype(&PQclear)> const result(PQexec(connection.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) FAIL("PostgreSQL: ", PQerrorMessage(connection.get()));
}

/// "postgresql:///postgres?host=…" with another database's name.
std::string with_database(std::string const& url, std::string const& database) {
  auto const authority = url.find("//") + 2;
  auto const path = url.find('/', authority);
  auto const query = url.find('?', authority);
  auto const tail = query == std::string::npos ? std::string() : url.substr(query);
  return url.substr(0, std::min(path, query)) + "/" + database + tail;
}

/// The server that all tests of this process share.
std::string const& shared_server_url() {
  static std::string const url = [] {
    if (char const* const given = std::getenv("COURANT_TEST_POSTGRESQL_URL"); given != nullptr && *given != '\0')
      return std::string(given);
    static PostgresqlServer const server;
    return server.url("postgres");
  }();
  return url;
}

std::string fresh_name() {
  static std::atomic<int> count = 0;
  return fmt::format("courant_test_{}_{}", ::getpid(), ++count);
}

class SqliteDatabase final : public Database {
 public:
  [[nodiscard]] Engine engine() const override { return Engine::sqlite; }
  [[nodiscard]] std::string const& url() const override { return url_; }

 private:
  ScratchDirectory directory_;
  std::string url_ = "sqlite:" + (directory_.path() / "courant.db").string();
};

class PostgresqlDatabase final : public Database {
 public:
  explicit PostgresqlDatabase(std::string server) : server_(std::move(server)), name_(fresh_name()) {
    run_sql(server_, "CREATE DATABASE " + name_ + " TEMPLATE template0 ENCODING 'UTF8'");
    url_ = with_database(server_, name_);
  }
  ~PostgresqlDatabase() override { run_sql(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }
  [[nodiscard]] Engine engine() const override { return Engine::postgresql; }
  [[nodiscard]] std::string const& url() const override { return url_; }

 private:
  std::string server_;
  std::string name_;
  std::string url_;
};

}  // namespace

ScratchDirectory::ScratchDirectory() {
  auto pattern = (scratch_root() / "courant-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) FAIL("cannot make a scratch directory ", pattern);
  path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void require(Done const& done) {
  if (!done.ok()) FAIL(describe(done.error()));
}

std::unique_ptr<Store> Database::open(std::span<Migration const> steps, Options options) const {
  require(crypto::set_up());
  options.url = url();
  auto store = require(Store::open(std::move(options)));
  if (!steps.empty()) require(store->migrate(steps));
  return store;
}

std::unique_ptr<Database> sqlite() { return std::make_unique<SqliteDatabase>(); }
std::unique_ptr<Database> postgresql() { return std::make_unique<PostgresqlDatabase>(shared_server_url()); }
std::unique_ptr<Database> fresh(Engine engine) { return engine == Engine::sqlite ? sqlite() : postgresql(); }

PostgresqlServer::PostgresqlServer() {
  auto const& root = directory_.path();
  if (auto const* const user = server_user(); user != nullptr && ::chown(root.c_str(), user->pw_uid, user->pw_gid) != 0)
    FAIL("cannot hand ", root.string(), " to PostgreSQL");
  auto const log = root / "log";
  int const made = wait_for(start_program("initdb",
                                          {"-D", root / "data", "-U", "courant", "-A", "trust", "-E", "UTF8",
                                           "--locale=C", "--no-sync", "--no-instructions"},
                                          log));
  if (made != 0) {
    std::stringstream text;
    text << std::ifstream(log).rdbuf();
    FAIL("initdb of postgresql-15 failed: ", text.str());
  }
  start();
}

PostgresqlServer::~PostgresqlServer() { stop(Stop::crash); }

std::string PostgresqlServer::url(std::string const& database) const {
  return fmt::format("postgresql:///{}?host={}&user=courant", database, directory_.path().string());
}

void PostgresqlServer::start(std::vector<std::string> const& more) {
  auto const& root = directory_.path();
  std::vector<std::string> arguments{"-D", root / "data", "-k", root};
  std::vector<std::string> settings{"listen_addresses=",
                                    "shared_buffers=16MB",
                                    "max_connections=100",
                                    "max_wal_senders=0",
                                    "wal_level=minimal",
                                    "autovacuum=off",
                                    "dynamic_shared_memory_type=mmap"};
  settings.insert(settings.end(), more.begin(), more.end());
  for (auto const& setting : settings) {
    arguments.emplace_back("-c");
    arguments.push_back(setting);
  }
  process_ = start_program("postgres", std::move(arguments), root / "log");
  // The server says when it is ready, but only to files; asking again every 10 ms is what pg_ctl does too.
  for (int tries = 0; tries < 3'000; ++tries) {
    if (PQping(url("postgres").c_str()) == PQPING_OK) return;
    ::usleep(10'000);
  }
  FAIL("PostgreSQL did not start; see ", (root / "log").string());
}

void PostgresqlServer::stop(Stop how) {
  if (process_ == 0) return;
  ::kill(process_, how == Stop::orderly ? SIGINT : SIGQUIT);
  wait_for(process_);
  process_ = 0;
}

}  // namespace courant::store::testing
