#include "media/pixels.hpp"

#include <algorithm>
#include <functional>

namespace courant::media {
namespace {

std::uint8_t const* at(Pixels const& pixels, std::int32_t x, std::int32_t y) {
  auto const index =
      (static_cast<std::size_t>(y) * static_cast<std::size_t>(pixels.width) + static_cast<std::size_t>(x));
  return pixels.bytes.data() + index * static_cast<std::size_t>(pixels.bands);
}

/// Luma of ITU-R BT.601, over white, 0 to 255.
std::uint32_t grey_over_white(std::uint8_t const* pixel, int bands) {
  auto const luma = (299U * pixel[0] + 587U * pixel[1] + 114U * pixel[2]) / 1000U;
  if (bands < 4) return luma;
  return (luma * pixel[3] + 255U * (255U - pixel[3])) / 255U;
}

std::uint32_t mean_grey(Pixels const& pixels, int column, int row) {
  auto const from_x = static_cast<std::int32_t>(std::int64_t{column} * pixels.width / 9);
  auto const from_y = static_cast<std::int32_t>(std::int64_t{row} * pixels.height / 8);
  auto const to_x = std::max(from_x + 1, static_cast<std::int32_t>(std::int64_t{column + 1} * pixels.width / 9));
  auto const to_y = std::max(from_y + 1, static_cast<std::int32_t>(std::int64_t{row + 1} * pixels.height / 8));
  std::uint64_t sum = 0;
  for (auto y = from_y; y < to_y; ++y)
    for (auto x = from_x; x < to_x; ++x) sum += grey_over_white(at(pixels, x, y), pixels.bands);
  // Four more bits than a grey has, so that gentle slopes are seen.
  return static_cast<std::uint32_t>(sum * 16 / (static_cast<std::uint64_t>(to_x - from_x) * (to_y - from_y)));
}

}  // namespace

bool is_transparent(Pixels const& pixels) {
  if (pixels.bands < 4) return false;
  for (std::size_t i = 3; i < pixels.bytes.size(); i += 4)
    if (pixels.bytes[i] != 255) return true;
  return false;
}

std::array<std::uint8_t, 3> dominant_colour(Pixels const& pixels) {
  struct Box {
    std::uint32_t count = 0;
    std::array<std::uint32_t, 3> sum = {};
  };
  std::vector<Box> boxes(4096);
  constexpr std::int32_t kSamples = 64;  // along each side
  for (std::int32_t row = 0; row < std::min(kSamples, pixels.height); ++row)
    for (std::int32_t column = 0; column < std::min(kSamples, pixels.width); ++column) {
      auto const x = static_cast<std::int32_t>(std::int64_t{column} * pixels.width / std::min(kSamples, pixels.width));
      auto const y = static_cast<std::int32_t>(std::int64_t{row} * pixels.height / std::min(kSamples, pixels.height));
      auto const* pixel = at(pixels, x, y);
      if (pixels.bands == 4 && pixel[3] < 128) continue;
      auto& box = boxes[(pixel[0] >> 4U) << 8U | (pixel[1] >> 4U) << 4U | pixel[2] >> 4U];
      ++box.count;
      for (std::size_t band = 0; band < 3; ++band) box.sum[band] += pixel[band];
    }
  auto const fullest = *std::ranges::max_element(boxes, {}, &Box::count);
  if (fullest.count == 0) return {255, 255, 255};
  std::array<std::uint8_t, 3> colour;
  for (std::size_t band = 0; band < 3; ++band)
    colour[band] = static_cast<std::uint8_t>(fullest.sum[band] / fullest.count);
  return colour;
}

std::uint64_t difference_hash(Pixels const& pixels) {
  std::uint64_t hash = 0;
  for (int row = 0; row < 8; ++row) {
    auto left = mean_grey(pixels, 0, row);
    for (int column = 1; column < 9; ++column) {
      auto const right = mean_grey(pixels, column, row);
      hash = hash << 1U | static_cast<std::uint64_t>(right > left);
      left = right;
    }
  }
  return hash;
}

std::vector<std::int32_t> widths_for(std::int32_t full, std::span<std::int32_t const> wanted) {
  std::vector<std::int32_t> widths;
  std::int32_t widest = 0;
  for (auto const width : wanted) {
    widest = std::max(widest, width);
    if (width > 0 && width <= full) widths.push_back(width);
  }
  if (full < widest || widths.empty()) widths.push_back(full);
  std::ranges::sort(widths, std::greater());
  auto const [first, last] = std::ranges::unique(widths);
  widths.erase(first, last);
  return widths;
}

}  // namespace courant::media
