// The head of a request: found in the bytes, read by Beast's parser, judged by the rules that keep two servers from
// reading one connection differently (RFC 9112). Views only; nothing is copied and nothing is allocated per field.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "web/request.hpp"

namespace courant::net {

inline constexpr std::size_t kMostHeadBytes = 16 * 1024;
inline constexpr std::size_t kMostRequestLineBytes = 8 * 1024;
inline constexpr int kMostHeaderLines = 100;

/// Looks for the end of a head while it arrives. What cannot become an acceptable head is refused at its first wrong
/// line, so that nobody waits for an end that will not come.
class HeadScan {
 public:
  enum class State : std::uint8_t { incomplete, complete, refused };

  /// `bytes` is all that came since the last request; call again with more of the same.
  State look(std::string_view bytes);

  /// When complete: the head with its empty line is bytes [begin, end).
  [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::size_t end() const noexcept { return line_; }
  /// When refused: 400, 414, 431 or 505.
  [[nodiscard]] int refusal() const noexcept { return refusal_; }

 private:
  State refuse(int status);

  std::size_t begin_ = 0;
  std::size_t line_ = 0;  // where the line begins that is being looked at
  std::size_t seen_ = 0;  // bytes known to hold no line feed after line_
  int lines_ = 0;
  int refusal_ = 0;
};

enum class Framing : std::uint8_t { none, length, chunked };

/// What the wire needs to know of a head besides the Request.
struct HeadFacts {
  std::string_view method;  ///< as sent
  int minor_version = 1;    ///< of HTTP/1
  bool keep_alive = true;
  bool expects_continue = false;
  Framing framing = Framing::none;
  std::int64_t length = 0;  ///< of the body, for Framing::length
};

/// Reads a complete head (as HeadScan found it) into `request`: method, target, path, query, headers; views into
/// `head`. Returns 0, or the status of the refusal: 400, 417, 431, 501 or 505.
[[nodiscard]] int read_head(std::string_view head, web::Request& request, HeadFacts& facts);

}  // namespace courant::net
