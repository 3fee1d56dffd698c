// The container of WebP (RFC 9649 section 2), as far as leaving things out of it goes.
#pragma once
#include <string>
#include <string_view>

namespace courant::media {

/// The file without its EXIF, XMP and ICCP chunks. libvips 8.14 writes an EXIF chunk even when told to strip: without
/// secrets, but two hundred bytes in every picture. What is no well-formed WebP comes back as it was.
[[nodiscard]] std::string without_webp_metadata(std::string_view file);

}  // namespace courant::media
