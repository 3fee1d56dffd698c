// The worker process: the only one that maps libvips. The same program started again with the argument "media-worker",
// an empty environment, and no descriptor but its socket.
#pragma once

namespace courant::media {

/// The descriptor under which a started worker finds its socket.
inline constexpr int kWorkerSocket = 3;

/// Takes jobs from the socket until it closes; returns the exit code of the process. main() calls it before anything
/// else (before threads, logs and configuration) when argv[1] is "media-worker":
/// `return media::run_worker(media::kWorkerSocket);`
///
/// Before the first job it gives up everything: limits on memory, time and files, no new privileges, and a list of
/// allowed system calls without any that opens a file or a socket.
[[nodiscard]] int run_worker(int socket);

}  // namespace courant::media
