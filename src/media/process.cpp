#include "media/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "media/worker.hpp"

namespace courant::media {
namespace {

constexpr Duration kStartWithin = 60s;  // a cold disk has two hundred libraries to read; warm it takes a fraction

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr auto kErrors = "/dev/stderr";  // where a sanitizer of the worker reports
#else
constexpr auto kErrors = "/dev/null";
#endif

#if defined(__SANITIZE_THREAD__)
// It does not see the locks of GLib and libvips, which are built without it, and would report nothing else.
constexpr auto kSanitizerOptions = "TSAN_OPTIONS=report_bugs=0";
#else
constexpr auto kSanitizerOptions = "";
#endif

/// What the child does between fork and exec.
class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(FileActions const&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  [[nodiscard]] int arrange(int socket) {
    // The socket first: its number may be one of those that are overwritten next.
    int error = ::posix_spawn_file_actions_adddup2(&actions_, socket, kWorkerSocket);
    if (error == 0) error = ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    if (error == 0) error = ::posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    if (error == 0 && std::string_view(kErrors) == "/dev/null")
      error = ::posix_spawn_file_actions_addopen(&actions_, 2, kErrors, O_WRONLY, 0);
    if (error == 0) error = ::posix_spawn_file_actions_addclosefrom_np(&actions_, kWorkerSocket + 1);
    return error;
  }
  [[nodiscard]] posix_spawn_file_actions_t const* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// Default signal actions, no blocked signal, and a process group of its own: Ctrl-C on the terminal is for the site,
/// which ends its workers when it has finished.
class Attributes {
 public:
  Attributes() {
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Attributes(Attributes const&) = delete;
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] posix_spawnattr_t const* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<Process> Process::start(std::filesystem::path const& program, std::string const& argument) {
  std::array<int, 2> pair = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return broken(std::string("socketpair: ") + std::strerror(errno));
  Descriptor ours(pair[0]);
  Descriptor const theirs(pair[1]);

  FileActions actions;
  Attributes const attributes;
  std::string name = "courant";
  std::string role = argument;
  std::array<char*, 3> arguments = {name.data(), role.data(), nullptr};
  std::string arenas = "MALLOC_ARENA_MAX=2";  // each arena would reserve 64 MB of the limited address space
  std::string sanitizer = kSanitizerOptions;
  std::array<char*, 3> environment = {arenas.data(), sanitizer.empty() ? nullptr : sanitizer.data(), nullptr};
  pid_t pid = -1;
  int error = actions.arrange(theirs.get());
  if (error == 0)
    error = ::posix_spawn(&pid, program.c_str(), actions.get(), attributes.get(), arguments.data(), environment.data());
  if (error != 0) return broken("starting " + program.string() + ": " + std::strerror(error));
  return Process(pid, std::move(ours));
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), jobs_(other.jobs_), socket_(std::move(other.socket_)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(jobs_, other.jobs_);
  std::swap(socket_, other.socket_);
  return *this;
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Done Process::set_up(Setup const& setup) {
  Ready ready;
  if (!send(socket_.get(), setup) || receive(socket_.get(), ready, kStartWithin) != Received::message)
    return broken("the media worker did not start");
  ready.detail.back() = '\0';
  if (ready.ok == 0) return broken(std::string("the media worker did not start: ") + ready.detail.data());
  return {};
}

bool Process::send_job(Job const& job, std::array<int, 2> descriptors, Duration within) {
  ++jobs_;
  limit_processor_time(within);
  return send(socket_.get(), job, descriptors);
}

Received Process::await_reply(Reply& reply, Duration within) { return receive(socket_.get(), reply, within); }

/// The clock on the wall is what ends a slow job. This ends one whose site is too busy to look: twice the time on each
/// of two processors from now. It may fail where the worker is another user's; the limit for its whole life remains.
void Process::limit_processor_time(Duration within) {
  clockid_t clock{};
  timespec used{};
  rlimit limit{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return;
  if (::prlimit(pid_, RLIMIT_CPU, nullptr, &limit) != 0) return;
  auto const more = 4 * std::chrono::ceil<std::chrono::seconds>(within).count();
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, static_cast<rlim_t>(used.tv_sec + more));
  (void)::prlimit(pid_, RLIMIT_CPU, &limit, nullptr);
}

}  // namespace courant::media
