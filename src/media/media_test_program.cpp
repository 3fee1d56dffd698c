// A worker to test with: what app's main does for "media-worker", and some that misbehave.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "media/lockdown.hpp"
#include "media/pictures.hpp"
#include "media/protocol.hpp"
#include "media/worker.hpp"

using namespace courant;
using namespace courant::media;

namespace {

/// Starts like a worker and takes one job, which it then treats as `role` says.
int misbehave(std::string_view role) {
  Setup setup;
  Ready ready;
  ready.ok = 1;
  if (receive(kWorkerSocket, setup) != Received::message || !send(kWorkerSocket, ready)) return 1;
  Job job;
  std::array<Descriptor, 2> descriptors;
  if (receive(kWorkerSocket, job, std::nullopt, descriptors) != Received::message) return 1;
  if (role == "crash") std::abort();
  if (role == "stall") ::pause();

  Reply reply;
  reply.width = reply.height = 1;
  if (role == "lie-count") reply.encoded_count = 255;
  if (role == "lie-place") reply.encoded_count = 1, reply.encoded[0] = {0, 0, 1, 1, -5, 1'000'000'000'000};
  if (role == "lie-html") {
    std::string_view const page = "<script>alert(1)</script>";
    if (::pwrite(descriptors[1].get(), page.data(), page.size(), 0) < 0) return 1;
    reply.encoded_count = 1, reply.encoded[0] = {0, 0, 1, 1, 0, static_cast<std::int64_t>(page.size())};
  }
  return send(kWorkerSocket, reply) ? 0 : 1;
}

/// A small site: takes one picture in, says its worker's number on standard output, and waits to be killed.
int be_a_site(std::string const& blob_folder, std::string const& picture) {
  if (!crypto::set_up()) return 1;
  auto blobs = Blobs::open(blob_folder);
  if (!blobs) return 1;
  PictureOptions options;
  Pictures pictures(*blobs, options);  // the worker is this very program again, by the default options
  if (!pictures.take_in(picture)) return 1;
  auto const pid = std::to_string(pictures.counts().worker_pids.at(0)) + "\n";
  if (::write(1, pid.data(), pid.size()) < 0) return 1;
  for (;;) ::pause();
}

/// Locks itself down and then does one thing that is forbidden; 0 means that it was refused politely.
int try_forbidden(std::string_view what) {
  if (!become_nobody() || !lock_down()) return 99;
  if (what == "nothing") return 0;
  if (what == "open") return ::open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1;
  if (what == "write") return ::open("/tmp/courant-forbidden", O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES ? 0 : 1;
  if (what == "socket") return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? 0 : 1;
  if (what == "fork") return ::fork() < 0 ? 0 : 1;
  if (what == "exec") return ::execl("/bin/true", "true", nullptr);
  if (what == "code")
    return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 0 : 1;
  if (what == "kill") return ::kill(::getppid(), 0);
  return 98;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view const role = argc > 1 ? argv[1] : "";
  int code = 97;
  if (role == "media-worker") code = run_worker(kWorkerSocket);
  if (role == "crash" || role == "stall" || role.starts_with("lie-")) code = misbehave(role);
  if (role == "site" && argc > 3) code = be_a_site(argv[2], argv[3]);
  if (role == "forbidden" && argc > 2) code = try_forbidden(argv[2]);
  ::_exit(code);  // exit handlers of sanitizers want system calls that are gone
}
