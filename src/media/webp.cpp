#include "media/webp.hpp"

#include <cstddef>
#include <cstdint>

namespace courant::media {
namespace {

constexpr std::size_t kChunkHeader = 8;  // four letters, then the size of what follows
constexpr std::size_t kFileHeader = 12;  // "RIFF", size, "WEBP"

std::uint32_t little_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(four[i])} << (8 * i);
  return value;
}

void append_little_endian(std::string& out, std::uint32_t value) {
  for (std::uint32_t shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift);
}

bool is_metadata(std::string_view name) { return name == "EXIF" || name == "XMP " || name == "ICCP"; }

/// Section 2.7: the first byte of VP8X has flags for ICC profile (0x20), EXIF (0x08) and XMP (0x04).
std::string without_flags(std::string_view chunk) {
  std::string copy(chunk);
  if (copy.size() > kChunkHeader)
    copy[kChunkHeader] = static_cast<char>(static_cast<unsigned char>(copy[kChunkHeader]) & ~0x2CU);
  return copy;
}

}  // namespace

std::string without_webp_metadata(std::string_view file) {
  if (file.size() < kFileHeader || !file.starts_with("RIFF") || file.substr(8, 4) != "WEBP") return std::string(file);
  std::string chunks = "WEBP";
  for (auto rest = file.substr(kFileHeader); !rest.empty();) {
    if (rest.size() < kChunkHeader) return std::string(file);
    auto const size = std::uint64_t{little_endian(rest.substr(4, 4))};
    auto const padded = kChunkHeader + size + size % 2;  // chunks begin at even places
    if (padded > rest.size()) return std::string(file);
    auto const chunk = rest.substr(0, padded);
    if (chunk.starts_with("VP8X"))
      chunks += without_flags(chunk);
    else if (!is_metadata(chunk.substr(0, 4)))
      chunks += chunk;
    rest.remove_prefix(padded);
  }
  std::string clean = "RIFF";
  append_little_endian(clean, static_cast<std::uint32_t>(chunks.size()));
  return clean + chunks;
}

}  // namespace courant::media
