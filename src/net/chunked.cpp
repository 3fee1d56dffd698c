#include "net/chunked.hpp"

#include <algorithm>

#include "net/words.hpp"

namespace courant::net {
namespace {

constexpr int kMostSizeDigits = 15;
constexpr std::size_t kMostExtensionBytes =
    4096;  // of the whole body: thousands of chunks each with some are an attack
constexpr std::size_t kMostTrailerBytes = 4096;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_field_character(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

ChunkDecoder::Step ChunkDecoder::next(std::string_view input) {
  Step step;
  auto const bad = [&] {
    step.state = State::bad;
    return step;
  };
  while (step.taken < input.size() && at_ != At::end) {
    if (at_ == At::data) {
      auto const run = std::min<std::uint64_t>(left_, input.size() - step.taken);
      step.data = input.substr(step.taken, run);
      step.taken += run;
      left_ -= run;
      if (left_ == 0) at_ = At::data_return;
      return step;
    }
    char const c = input[step.taken++];
    switch (at_) {
      case At::size:
        if (!take_size_character(c)) return bad();
        break;
      case At::extension:
        if (c == '\r')
          at_ = At::size_feed;
        else if (!is_field_character(c) || ++extension_bytes_ > kMostExtensionBytes)
          return bad();
        break;
      case At::size_feed:
        if (c != '\n') return bad();
        digits_ = 0;
        at_ = left_ > 0 ? At::data : At::trailer;
        break;
      case At::data_return:
        if (c != '\r') return bad();
        at_ = At::data_feed;
        break;
      case At::data_feed:
        if (c != '\n') return bad();
        at_ = At::size;
        break;
      case At::trailer:
        if (!take_trailer_character(c)) return bad();
        break;
      case At::trailer_feed:
        if (c != '\n') return bad();
        at_ = trailer_line_ == 0 ? At::end : At::trailer;
        trailer_line_ = 0;
        break;
      case At::data:
      case At::end:
        break;
    }
  }
  if (at_ == At::end) step.state = State::done;
  return step;
}

// chunk-size = 1*HEXDIG, then CR or ";". No white space: "bad" white space is what makes readers differ.
bool ChunkDecoder::take_size_character(char c) {
  if (int const value = hex_value(c); value >= 0) {
    left_ = digits_ == 0 ? value : left_ * 16 + value;
    return ++digits_ <= kMostSizeDigits;
  }
  if (digits_ == 0) return false;
  if (c == '\r')
    at_ = At::size_feed;
  else if (c == ';')
    at_ = At::extension;
  else
    return false;
  return true;
}

bool ChunkDecoder::take_trailer_character(char c) {
  if (c == '\r') {
    at_ = At::trailer_feed;
    return true;
  }
  // A field begins with its name: no folding, no nameless field.
  if (trailer_line_ == 0 && !is_token_character(c)) return false;
  ++trailer_line_;
  return is_field_character(c) && ++trailer_bytes_ <= kMostTrailerBytes;
}

}  // namespace courant::net
