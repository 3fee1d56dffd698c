// What a file is, by its first bytes. The accepted formats and nothing else: what is not recognised here never reaches
// a decoder.
#include <algorithm>
#include <array>

#include "media/pictures.hpp"

namespace courant::media {
namespace {

bool starts_with(std::string_view bytes, std::size_t at, std::string_view magic) {
  return bytes.size() >= at + magic.size() && bytes.substr(at, magic.size()) == magic;
}

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (char const c : four) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

/// A file type box (ISO/IEC 14496-12 section 4.3): size, "ftyp", major brand, version, compatible brands. AVIF names
/// itself "avif" (AV1 Image File Format section 4); HEIC has several names (ISO/IEC 23008-12 annex B). The general
/// brand "mif1" says neither, so the compatible brands decide.
std::optional<Format> sniff_file_type_box(std::string_view bytes) {
  if (!starts_with(bytes, 4, "ftyp")) return std::nullopt;
  auto const size = std::min<std::size_t>(big_endian(bytes.substr(0, 4)), bytes.size());
  static constexpr std::array<std::string_view, 4> kHeic = {"heic", "heix", "heim", "heis"};
  bool heic = false;
  for (std::size_t at = 8; at + 4 <= size; at += at == 8 ? 8 : 4) {  // the minor version follows the major brand
    auto const brand = bytes.substr(at, 4);
    if (brand == "avif") return Format::avif;
    heic = heic || std::ranges::find(kHeic, brand) != kHeic.end();
  }
  return heic ? std::optional(Format::heic) : std::nullopt;
}

}  // namespace

std::optional<Format> sniff(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (starts_with(bytes, 0, "\xFF\xD8\xFF"sv)) return Format::jpeg;      // ITU-T T.81 B.1.1.3: SOI, a marker
  if (starts_with(bytes, 0, "\x89PNG\r\n\x1A\n"sv)) return Format::png;  // PNG 3rd edition section 5.2
  if (starts_with(bytes, 0, "GIF87a"sv) || starts_with(bytes, 0, "GIF89a"sv)) return Format::gif;
  if (starts_with(bytes, 0, "RIFF"sv) && starts_with(bytes, 8, "WEBPVP8"sv)) return Format::webp;  // RFC 9649
  return sniff_file_type_box(bytes);
}

}  // namespace courant::media
