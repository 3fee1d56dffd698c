// The access log: one line a request, formatted on the core that answered, written by one thread of its own.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace courant::net {

/// What one line tells; the combined format of other servers with the time taken (in seconds) at the end:
///
///     192.0.2.1 - - [22/Nov/2026:15:04:05 +0000] "GET /a/1 HTTP/1.1" 200 5120 "referrer" "agent" 0.000123
struct AccessLine {
  std::string_view client;
  std::string_view time;  ///< as log_time() writes it
  std::string_view method;
  std::string_view target;
  int minor_version = 1;
  int status = 0;
  std::int64_t bytes = 0;  ///< of head and body, as handed to the socket (before TLS)
  std::string_view referrer;
  std::string_view agent;
  Duration taken{};
};

/// "22/Nov/2026:15:04:05 +0000".
[[nodiscard]] std::string log_time(Time time);

/// Appends the line. Quotes, backslashes, control characters and bytes beyond ASCII become \xHH, so that a line is one
/// line whatever was sent; the values of query parameters that may be secrets (names with token, code, key, secret,
/// password, sign or session in them) become "-", in the target and in the referrer.
void append_line(std::string& out, AccessLine const& line);

class AccessLog {
 public:
  /// Appends to `path`, creating it with mode 0640. Error: unavailable.
  static Result<std::unique_ptr<AccessLog>> open(std::filesystem::path path);
  /// Writes what was handed over, then ends.
  ~AccessLog();
  AccessLog(AccessLog const&) = delete;
  AccessLog& operator=(AccessLog const&) = delete;

  /// Hands whole lines over; leaves `lines` empty, its memory usually kept. Never blocks on the disk: when the writer
  /// is more than 16 MB behind, the lines are dropped and counted.
  void hand_over(std::string& lines);
  /// Opens the path anew before the next write: after the file was moved away.
  void reopen();
  [[nodiscard]] std::int64_t dropped_bytes() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  AccessLog(std::filesystem::path path, int file);
  void write_until_stopped();
  void write_out(std::string_view lines);
  void open_anew();

  std::filesystem::path path_;
  int file_;  // the writer's
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool reopen_ = false;
  bool stopping_ = false;
  std::atomic<std::int64_t> dropped_{0};
  std::thread writer_;
};

}  // namespace courant::net
