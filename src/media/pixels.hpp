// Pure arithmetic on decoded pixels, and which sizes a picture gets.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace courant::media {

/// Rows of 3 (RGB) or 4 (RGBA, not premultiplied) bytes a pixel, without padding.
struct Pixels {
  std::span<std::uint8_t const> bytes;
  std::int32_t width = 0;
  std::int32_t height = 0;
  int bands = 3;
};

/// Some pixel lets the background through.
[[nodiscard]] bool is_transparent(Pixels const& pixels);

/// The mean of the most populated of 4096 equal boxes of RGB, over at most some thousand pixels spread evenly;
/// transparent pixels do not count. White when all are transparent.
[[nodiscard]] std::array<std::uint8_t, 3> dominant_colour(Pixels const& pixels);

/// Difference hash: the picture over white as 9×8 mean greys, one bit for each neighbour that is brighter to the right.
[[nodiscard]] std::uint64_t difference_hash(Pixels const& pixels);

/// The widths in which a picture of width `full` is made: those wanted that it reaches, and its own when it is narrower
/// than the widest wanted one. Descending, so that each can be made from the one before.
[[nodiscard]] std::vector<std::int32_t> widths_for(std::int32_t full, std::span<std::int32_t const> wanted);

}  // namespace courant::media
