// How a worker gives up its rights. In this order: become_nobody() and limit_resources() before libvips is mapped,
// lock_down() when it is warm and before the first stranger's byte.
#pragma once
#include <cstdint>

#include "base/result.hpp"

namespace courant::media {

/// No new privileges, no core dump, no ptrace, nobody's user id when we were root, "/" as directory, death together
/// with the parent (with the parent's *thread* that started us, which is why one lasting thread starts all workers).
Done become_nobody();

/// Address space, processor seconds (for the whole life), descriptors, file size, core. Under AddressSanitizer and
/// ThreadSanitizer the address space stays unlimited, since they reserve terabytes of it at start.
Done limit_resources(std::int64_t memory_bytes, std::int64_t cpu_seconds, std::int64_t file_bytes);

/// Installs the list of allowed system calls for all threads of the process. Afterwards: no file can be opened or
/// looked at (EACCES), memory never becomes code, threads but no processes; anything that is not on the list, sockets
/// and exec among it, kills the process.
Done lock_down();

}  // namespace courant::media
