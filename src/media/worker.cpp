#include "media/worker.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "media/develop.hpp"
#include "media/lockdown.hpp"
#include "media/protocol.hpp"
#include "media/vips.hpp"

namespace courant::media {
namespace {

/// A parent that died before we asked to die with it has closed its end.
bool parent_is_gone(int socket) {
  pollfd one{socket, 0, 0};
  return ::poll(&one, 1, 0) > 0 && (one.revents & POLLHUP) != 0;
}

Result<Vips> prepare(int socket) {
  TRY(become_nobody());
  if (parent_is_gone(socket)) return broken("the parent is gone");
  Setup setup;
  if (receive(socket, setup) != Received::message) return broken("no setup came");
  TRY(limit_resources(setup.memory, setup.cpu_seconds, kMaxOutput));
  auto vips = TRY(Vips::load(setup.threads));
  TRY(lock_down());
  return vips;
}

bool tell_ready(int socket, Result<Vips> const& vips) {
  Ready ready;
  ready.ok = vips.ok() ? 1 : 0;
  if (!vips) {
    auto const& detail = vips.error().detail;
    std::copy_n(detail.begin(), std::min(detail.size(), ready.detail.size() - 1), ready.detail.begin());
  }
  return send(socket, ready);
}

/// Into memory at once: the decoders then need no descriptor.
std::optional<std::vector<char>> read_whole(int file, std::int64_t size) {
  if (size <= 0) return std::nullopt;
  std::vector<char> bytes(static_cast<std::size_t>(size));
  for (std::size_t at = 0; at < bytes.size();) {
    auto const got = ::pread(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

Reply work(Vips const& vips, Job const& job, std::array<Descriptor, 2> const& descriptors) {
  auto const bytes = read_whole(descriptors[0].get(), job.bytes);
  if (!bytes) {
    Reply unread;
    unread.outcome = static_cast<std::uint8_t>(Outcome::failed);
    return unread;
  }
  return develop(vips, job, {bytes->data(), bytes->size()}, descriptors[1].get());
}

}  // namespace

int run_worker(int socket) {
  auto const vips = prepare(socket);
  if (!tell_ready(socket, vips) || !vips) return 1;
  for (;;) {
    Job job;
    std::array<Descriptor, 2> descriptors;
    if (receive(socket, job, std::nullopt, descriptors) != Received::message) ::_exit(0);
    if (!send(socket, work(*vips, job, descriptors))) ::_exit(0);
  }
}

}  // namespace courant::media
