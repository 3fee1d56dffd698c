#include "net/access_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

#include "base/log.hpp"

namespace courant::net {
namespace {

constexpr std::size_t kMostWaitingBytes = 16 << 20;
constexpr std::array<std::string_view, 7> kSecretWords{"token", "code", "key", "secret", "sign", "password", "session"};

bool needs_escape(char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; }

void append_escaped(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (char const c : text) {
    if (!needs_escape(c)) [[likely]] {
      out += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
  }
}

bool may_be_secret(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](auto word) { return lower.find(word) != std::string::npos; });
}

void append_address(std::string& out, std::string_view address) {
  auto const question = address.find('?');
  append_escaped(out, address.substr(0, question));
  if (question == std::string_view::npos) return;
  auto query = address.substr(question + 1);
  char before = '?';
  for (;;) {
    auto const end = query.find('&');
    auto const pair = query.substr(0, end);
    auto const equals = pair.find('=');
    auto const name = pair.substr(0, equals);
    out += before;
    append_escaped(out, name);
    if (equals != std::string_view::npos) {
      out += '=';
      // A percent sign in a name may hide any word.
      if (name.find('%') != std::string_view::npos || may_be_secret(name))
        out += '-';
      else
        append_escaped(out, pair.substr(equals + 1));
    }
    if (end == std::string_view::npos) return;
    query.remove_prefix(end + 1);
    before = '&';
  }
}

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  auto const [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void append_seconds(std::string& out, Duration taken) {
  auto const microseconds = std::max<std::int64_t>(taken.count(), 0);
  append_number(out, microseconds / 1'000'000);
  char fraction[8];
  std::to_chars(fraction, fraction + sizeof fraction, 1'000'000 + microseconds % 1'000'000);
  fraction[0] = '.';
  out.append(fraction, 7);
}

int open_for_append(std::filesystem::path const& path) {
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

}  // namespace

std::string log_time(Time time) {
  auto const seconds = static_cast<std::time_t>(time.microseconds / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  constexpr std::array<char const*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000", parts.tm_mday, kMonths[parts.tm_mon],
                     parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void append_line(std::string& out, AccessLine const& line) {
  out.append(line.client).append(" - - [").append(line.time).append("] \"");
  append_escaped(out, line.method);
  out += ' ';
  append_address(out, line.target);
  out.append(line.minor_version == 1 ? " HTTP/1.1\" " : " HTTP/1.0\" ");
  append_number(out, line.status);
  out += ' ';
  append_number(out, line.bytes);
  out.append(" \"");
  if (line.referrer.empty())
    out += '-';
  else
    append_address(out, line.referrer);
  out.append("\" \"");
  if (line.agent.empty())
    out += '-';
  else
    append_escaped(out, line.agent);
  out.append("\" ");
  append_seconds(out, line.taken);
  out += '\n';
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(std::filesystem::path path) {
  int const file = open_for_append(path);
  if (file < 0) return unavailable("cannot open the access log " + path.string() + ": " + std::strerror(errno));
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(path), file));
}

AccessLog::AccessLog(std::filesystem::path path, int file)
    : path_(std::move(path)), file_(file), writer_([this] { write_until_stopped(); }) {}

AccessLog::~AccessLog() {
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
  ::close(file_);
}

void AccessLog::hand_over(std::string& lines) {
  if (lines.empty()) return;
  {
    std::lock_guard const lock(mutex_);
    if (waiting_.size() + lines.size() > kMostWaitingBytes)
      dropped_.fetch_add(static_cast<std::int64_t>(lines.size()), std::memory_order_relaxed);
    else if (waiting_.empty())
      waiting_.swap(lines);
    else
      waiting_.append(lines);
  }
  lines.clear();
  changed_.notify_one();
}

void AccessLog::reopen() {
  {
    std::lock_guard const lock(mutex_);
    reopen_ = true;
  }
  changed_.notify_one();
}

void AccessLog::write_until_stopped() {
  std::string lines;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || reopen_ || !waiting_.empty(); });
    lines.clear();
    lines.swap(waiting_);
    bool const reopen = std::exchange(reopen_, false);
    bool const last = stopping_;
    lock.unlock();
    if (reopen) open_anew();
    write_out(lines);
    if (last) return;
    lock.lock();
  }
}

void AccessLog::write_out(std::string_view lines) {
  while (!lines.empty()) {
    auto const written = ::write(file_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {  // a full disk must not stop the site
      dropped_.fetch_add(static_cast<std::int64_t>(lines.size()), std::memory_order_relaxed);
      return;
    }
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AccessLog::open_anew() {
  int const file = open_for_append(path_);
  if (file < 0) {
    log::error("cannot open the access log {} anew: {}", path_.string(), std::strerror(errno));
    return;
  }
  ::close(std::exchange(file_, file));
}

}  // namespace courant::net
