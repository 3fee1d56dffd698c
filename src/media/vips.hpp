// libvips without linking it: its functions by name, found by dlopen in the worker process alone, so that the site
// never maps it nor the hundred libraries behind it.
#pragma once
#include <vips/vips.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::media {

// Every function of libvips and GLib that is called; the types come from the headers.
#define COURANT_VIPS_FUNCTIONS(use)                                                                                  \
  use(vips_init) use(vips_block_untrusted_set) use(vips_operation_block_set) use(vips_cache_set_max)                 \
      use(vips_concurrency_set) use(vips_error_buffer) use(vips_error_clear) use(vips_jpegload_buffer)               \
          use(vips_pngload_buffer) use(vips_webpload_buffer) use(vips_gifload_buffer) use(vips_heifload_buffer)      \
              use(vips_jpegsave_buffer) use(vips_pngsave_buffer) use(vips_webpsave_buffer) use(vips_heifsave_buffer) \
                  use(vips_thumbnail_buffer) use(vips_thumbnail_image) use(vips_colourspace) use(vips_cast_uchar)    \
                      use(vips_extract_band) use(vips_image_write_to_memory) use(vips_image_new_from_memory)         \
                          use(vips_copy) use(vips_image_get_typeof) use(vips_image_get_n_pages)                      \
                              use(vips_image_get_width) use(vips_image_get_height) use(vips_image_get_page_height)   \
                                  use(vips_image_get_bands) use(vips_image_get_format)                               \
                                      use(vips_image_get_interpretation) use(g_object_unref) use(g_free)

struct Vips {
#define COURANT_VIPS_MEMBER(name) decltype(&::name) name;
  COURANT_VIPS_FUNCTIONS(COURANT_VIPS_MEMBER)
#undef COURANT_VIPS_MEMBER

  /// Maps libvips into this process, starts it with the allowed loaders only, and makes and reads a small picture of
  /// each format, so that every library, module and table is in memory before the process is locked down. Error:
  /// broken.
  static Result<Vips> load(int threads);

  /// What went wrong since last asked, in one line, for the log.
  [[nodiscard]] std::string take_error() const;
};

/// Counted reference to a VipsImage.
class Image {
 public:
  Image() = default;
  Image(Vips const& vips, VipsImage* image) : vips_(&vips), image_(image) {}
  Image(Image&& other) noexcept : vips_(other.vips_), image_(std::exchange(other.image_, nullptr)) {}
  Image& operator=(Image&& other) noexcept {
    std::swap(vips_, other.vips_);
    std::swap(image_, other.image_);
    return *this;
  }
  ~Image() {
    if (image_) vips_->g_object_unref(image_);
  }
  [[nodiscard]] VipsImage* get() const { return image_; }

 private:
  Vips const* vips_ = nullptr;
  VipsImage* image_ = nullptr;
};

/// Memory that libvips allocated.
class Buffer {
 public:
  Buffer(Vips const& vips, void* bytes, std::size_t size)
      : bytes_(static_cast<char*>(bytes), vips.g_free), size_(size) {}
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char, void (*)(gpointer)> bytes_;
  std::size_t size_;
};

}  // namespace courant::media
