#include "media/vips.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdlib>

namespace courant::media {
namespace {

/// Settings that libvips reads from the environment. The process has one thread and an environment of its own.
void prepare_environment() {
  ::setenv("VIPS_DISC_THRESHOLD", "1000g", 1);  // never decode by way of a temporary file: none can be opened
  ::setenv("VIPS_WARNING", "1", 1);             // warnings go nowhere
  ::setenv("VIPS_NOVECTOR", "1", 1);            // no run-time code (orc): memory never becomes executable
}

Result<Vips> look_up(void* library) {
  Vips vips;
#define COURANT_VIPS_LOOK_UP(name)                                                         \
  vips.name = reinterpret_cast<decltype(vips.name)>(::dlsym(library, #name)); /* NOLINT */ \
  if (!vips.name) return broken("libvips lacks " #name);
  COURANT_VIPS_FUNCTIONS(COURANT_VIPS_LOOK_UP)
#undef COURANT_VIPS_LOOK_UP
  return vips;
}

/// All loaders are blocked, then the five that are wanted unblocked. Each name stands for its file, buffer and source
/// forms. The savers that are called are trusted by libvips itself.
void allow_wanted_loaders(Vips const& vips) {
  vips.vips_block_untrusted_set(TRUE);
  vips.vips_operation_block_set("VipsForeignLoad", TRUE);
  for (auto const* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif",
                             "VipsForeignLoadHeif"})
    vips.vips_operation_block_set(loader, FALSE);
}

constexpr std::array<unsigned char, 43> kSmallestGif = {
    'G', 'I', 'F', '8', '9', 'a',  1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255,  255, 0x21, 0xF9, 4,
    1,   0,   0,   0,   0,   0x2C, 0, 0, 0, 0, 1,    0, 1, 0, 0, 2, 2,   0x44, 1,   0,    0x3B};

Done shrink_once(Vips const& vips, void* bytes, std::size_t size) {
  VipsImage* small = nullptr;
  if (vips.vips_thumbnail_buffer(bytes, size, &small, 16, "size", VIPS_SIZE_DOWN, "export_profile", "srgb", nullptr) !=
      0)
    return broken("warming up, reading: " + vips.take_error());
  Image const image(vips, small);
  std::size_t count = 0;
  auto* const decoded = vips.vips_image_write_to_memory(small, &count);
  Buffer const pixels(vips, decoded, count);
  if (pixels.view().empty()) return broken("warming up, decoding: " + vips.take_error());
  return {};
}

Done warm_up(Vips const& vips) {
  std::array<unsigned char, 64 * 64 * 4> pixels = {};
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<unsigned char>(i * 7);
  VipsImage* made = vips.vips_image_new_from_memory(pixels.data(), pixels.size(), 64, 64, 4, VIPS_FORMAT_UCHAR);
  Image const plain(vips, made);
  VipsImage* tagged = nullptr;
  if (!made || vips.vips_copy(made, &tagged, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr) != 0)
    return broken("warming up: " + vips.take_error());
  Image const image(vips, tagged);

  auto const once = [&](auto save, auto... options) -> Done {
    void* bytes = nullptr;
    std::size_t size = 0;
    if (save(tagged, &bytes, &size, options..., nullptr) != 0)
      return broken("warming up, writing: " + vips.take_error());
    Buffer const encoded(vips, bytes, size);
    return shrink_once(vips, bytes, size);
  };
  TRY(once(vips.vips_jpegsave_buffer));
  TRY(once(vips.vips_pngsave_buffer));
  TRY(once(vips.vips_webpsave_buffer));
  TRY(once(vips.vips_heifsave_buffer, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 0));
  auto gif = kSmallestGif;
  return shrink_once(vips, gif.data(), gif.size());
}

}  // namespace

Result<Vips> Vips::load(int threads) {
  prepare_environment();
  void* const library = ::dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);  // kept until the process ends
  if (!library) return broken(std::string("libvips: ") + ::dlerror());
  auto vips = TRY(look_up(library));
  if (vips.vips_init("courant") != 0) return broken("vips_init: " + vips.take_error());
  allow_wanted_loaders(vips);
  vips.vips_cache_set_max(0);  // nothing of one picture may be there for the next
  vips.vips_concurrency_set(threads);
  TRY(warm_up(vips));
  return vips;
}

std::string Vips::take_error() const {
  std::string text = vips_error_buffer();
  vips_error_clear();
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

}  // namespace courant::media
