#include "media/webp.hpp"

#include <doctest/doctest.h>

using namespace courant::media;
using namespace std::string_literals;

namespace {
std::string chunk(std::string const& name, std::string const& data) {
  return name + static_cast<char>(data.size()) + "\0\0\0"s + data + (data.size() % 2 != 0 ? "\0"s : ""s);
}
std::string webp(std::string const& chunks) {
  return "RIFF"s + static_cast<char>(chunks.size() + 4) + "\0\0\0WEBP"s + chunks;
}
std::string extended(char flags) { return chunk("VP8X", flags + "\0\0\0\x3F\0\0\x3F\0\0"s); }
}  // namespace

TEST_CASE("EXIF, XMP and ICCP leave a WebP together with their flags; all else stays") {
  auto const picture = chunk("ALPH", "abc") + chunk("VP8 ", "defg");
  auto const full =
      webp(extended('\x3C') + chunk("ICCP", "profile") + picture + chunk("EXIF", "Exif") + chunk("XMP ", "x"));
  auto const clean = webp(extended('\x10') + picture);
  CHECK(without_webp_metadata(full) == clean);
  CHECK(without_webp_metadata(clean) == clean);
}

TEST_CASE("what is no well-formed WebP stays as it was") {
  auto const good = webp(chunk("VP8 ", "defg") + chunk("EXIF", "Exif"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    auto const cut = good.substr(0, size);
    auto const out = without_webp_metadata(cut);
    CHECK((out == cut || size == 12 || size == 24));  // cut exactly between chunks it is well-formed
  }
  auto huge = good;
  huge[16] = huge[17] = huge[18] = huge[19] = '\xFF';
  CHECK(without_webp_metadata(huge) == huge);
  CHECK(without_webp_metadata("not at all") == "not at all");
}
