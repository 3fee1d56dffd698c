// The chunked transfer coding (RFC 9112 section 7.1), read strictly: what two readers could read differently is
// refused.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace courant::net {

class ChunkDecoder {
 public:
  enum class State : std::uint8_t { more, done, bad };
  struct Step {
    State state = State::more;
    std::size_t taken = 0;  ///< bytes of the input that were used
    std::string_view data;  ///< a run of the body, inside the input; may be empty
  };

  /// Reads up to the end of one run of data, of the body or of the input, whichever is first. After `done` what is not
  /// taken belongs to the next request. Extensions and trailer fields are read and dropped, 4 KB of each at most.
  Step next(std::string_view input);

 private:
  enum class At : std::uint8_t { size, extension, size_feed, data, data_return, data_feed, trailer, trailer_feed, end };

  bool take_size_character(char c);
  bool take_trailer_character(char c);

  At at_ = At::size;
  std::uint64_t left_ = 0;
  int digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailer_line_ = 0;
};

}  // namespace courant::net
