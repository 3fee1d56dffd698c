// A reply on its way out: the door's head and body, and between them what only the wire knows.
#pragma once
#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/head.hpp"
#include "net/listener.hpp"
#include "net/wire.hpp"
#include "web/door.hpp"

namespace courant::net {

enum class Ending : std::uint8_t { keep_alive, close };

class Outgoing {
 public:
  /// `date_line` is "Date: …\r\n" and copied. A file is opened here; error unavailable when it is not as the reply
  /// says. RFC 9110: no body after HEAD, 204 and 304.
  Done prepare(web::Request const& request, HeadFacts const& facts, web::Reply reply, Ending ending,
               std::string_view date_line);
  /// Writes what goes at once. done: all of it is out.
  Io send(Wire& wire);
  /// Lets go of the reply's bytes.
  void clear();

  [[nodiscard]] int status() const noexcept { return reply_.status; }
  [[nodiscard]] std::int64_t bytes_sent() const noexcept { return sent_; }

 private:
  Done prepare_file(web::Request const& request);
  void add(std::string_view text);
  void skip(std::size_t bytes);

  web::Reply reply_;
  std::array<char, 96> tail_;  // Date, Connection, the empty line
  std::array<iovec, 3> parts_{};
  std::uint8_t first_ = 0;
  std::uint8_t count_ = 0;
  OwnedFile file_;
  std::int64_t file_offset_ = 0;
  std::int64_t file_left_ = 0;
  std::int64_t sent_ = 0;
};

}  // namespace courant::net
