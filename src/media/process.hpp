// One worker process as the site sees it.
#pragma once
#include <sys/types.h>

#include <array>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "media/protocol.hpp"

namespace courant::media {

/// Killed and reaped when destroyed: an idle worker holds nothing that a gentle end could save.
class Process {
 public:
  /// Starts `program argument` with an empty environment and its socket as the only descriptor besides /dev/null.
  /// The process dies with the calling *thread*. Error: broken.
  static Result<Process> start(std::filesystem::path const& program, std::string const& argument);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  /// Tells the worker its limits and waits until it is locked down. Error: broken.
  Done set_up(Setup const& setup);

  /// Hands over a file to read and an empty one to write. False when the worker has died before it saw the job, so that
  /// another may try.
  [[nodiscard]] bool send_job(Job const& job, std::array<int, 2> descriptors, Duration within);
  /// Anything but `message` means that the worker is lost over this job: destroy it.
  [[nodiscard]] Received await_reply(Reply& reply, Duration within);

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int jobs() const { return jobs_; }

 private:
  Process(pid_t pid, Descriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  void limit_processor_time(Duration within);

  pid_t pid_ = -1;
  int jobs_ = 0;
  Descriptor socket_;
};

}  // namespace courant::media
