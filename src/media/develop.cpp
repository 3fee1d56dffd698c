#include "media/develop.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "media/pictures.hpp"
#include "media/pixels.hpp"
#include "media/webp.hpp"

namespace courant::media {
namespace {

// How hard the encoders try: measured on a 12-megapixel photograph, see README.md. The master is made again into
// other sizes, so it keeps more.
constexpr int kJpegQuality = 80;
constexpr int kWebpQuality = 78;
constexpr int kAvifQuality = 50;
constexpr int kMasterQuality = 92;
constexpr int kAnimationQuality = 70;
constexpr int kWebpEffort = 3;
constexpr int kAvifEffort = 2;
constexpr std::int32_t kAnimationWidth = 640;
/// Encoders of AV1 dislike pictures smaller than a block, and nothing is won.
constexpr std::int32_t kSmallestAvif = 16;

struct Failure {
  Outcome outcome;
  std::string detail;
};

/// Decoded, upright, sRGB, and without any field of metadata: it is made from bare pixels.
struct Plate {
  Buffer memory;
  Image image;
  Pixels pixels;
};

void set_detail(Reply& reply, std::string_view text) {
  auto const length = std::min(text.size(), reply.detail.size() - 1);
  std::copy_n(text.begin(), length, reply.detail.begin());
}

/// One picture on its way. Steps return false (or nothing) once `failure_` says why.
class Development {
 public:
  Development(Vips const& vips, Job const& job, std::string_view bytes, int out)
      : vips_(vips), job_(job), bytes_(bytes), out_(out) {}

  Reply run() {
    if (!describe_header() || !make_everything()) {
      reply_.outcome = static_cast<std::uint8_t>(failure_.outcome);
      set_detail(reply_, failure_.detail);
    }
    return reply_;
  }

 private:
  bool describe_header() {
    VipsImage* opened = nullptr;
    if (open_lazily(&opened) != 0) return fail(Outcome::damaged);
    Image const image(vips_, opened);
    auto const width = vips_.vips_image_get_width(opened);
    auto const height = vips_.vips_image_get_page_height(opened);
    auto const pixels = std::int64_t{width} * height;
    if (width < 1 || height < 1) return fail(Outcome::damaged);
    if (width > job_.max_dimension || height > job_.max_dimension || pixels > job_.max_pixels)
      return fail(Outcome::too_many_pixels, std::to_string(width) + "x" + std::to_string(height));
    reply_.width = width;
    reply_.height = height;
    has_profile_ = vips_.vips_image_get_typeof(opened, VIPS_META_ICC_NAME) != 0;
    auto const frames = vips_.vips_image_get_n_pages(opened);
    auto const moves =
        job_.format == static_cast<std::uint8_t>(Format::gif) || job_.format == static_cast<std::uint8_t>(Format::webp);
    animate_ = job_.with_animation != 0 && moves && frames > 1 && frames <= job_.max_frames &&
               pixels * frames <= job_.max_pixels;
    return true;
  }

  /// Reads the header with the loader of the sniffed format; nothing is decoded.
  int open_lazily(VipsImage** opened) {
    auto* const data = const_cast<char*>(bytes_.data());
    switch (static_cast<Format>(job_.format)) {
      case Format::jpeg:
        return vips_.vips_jpegload_buffer(data, bytes_.size(), opened, nullptr);
      case Format::png:
        return vips_.vips_pngload_buffer(data, bytes_.size(), opened, nullptr);
      case Format::webp:
        return vips_.vips_webpload_buffer(data, bytes_.size(), opened, nullptr);
      case Format::gif:
        return vips_.vips_gifload_buffer(data, bytes_.size(), opened, nullptr);
      case Format::avif:
      case Format::heic:
        return vips_.vips_heifload_buffer(data, bytes_.size(), opened, nullptr);
    }
    return -1;
  }

  bool make_everything() {
    auto plate = decode();
    if (!plate) return false;
    turn_size_like(plate->pixels);
    reply_.has_alpha = plate->pixels.bands == 4;
    if (job_.with_master != 0 && !encode_master(*plate)) return false;
    std::span const wanted(job_.widths.data(), std::min<std::size_t>(job_.width_count, job_.widths.size()));
    for (auto const width : widths_for(plate->pixels.width, wanted)) {
      if (width < plate->pixels.width) plate = narrower(*plate, width);  // each from the one before: less to read
      if (!plate || !encode_still(*plate)) return false;
    }
    reply_.colour = dominant_colour(plate->pixels);
    reply_.perceptual_hash = difference_hash(plate->pixels);
    if (animate_) encode_animation();
    return true;
  }

  /// The header tells the size before the picture was turned upright. Whether a turn swapped its sides is seen from the
  /// result: EXIF, HEIF's own rotation, or both may have said so.
  void turn_size_like(Pixels const& upright) {
    auto const unlike = [&](std::int64_t width, std::int64_t height) {
      return std::abs(upright.width * height - upright.height * width);
    };
    if (unlike(reply_.width, reply_.height) > unlike(reply_.height, reply_.width))
      std::swap(reply_.width, reply_.height);
  }

  /// The first frame, at most a master's size. (vips_thumbnail_buffer has a fail_on of its own, which libvips 8.14
  /// ignores; the option string reaches the loader.) vips_thumbnail turns it upright and lets the JPEG decoder shrink
  /// by powers of two.
  std::optional<Plate> decode() {
    VipsImage* made = nullptr;
    if (vips_.vips_thumbnail_buffer(const_cast<char*>(bytes_.data()), bytes_.size(), &made, kMasterWidth, "height",
                                    kMaxHeight, "size", VIPS_SIZE_DOWN, "export_profile", export_profile(), "intent",
                                    VIPS_INTENT_PERCEPTUAL, "option_string",
                                    job_.accept_damage != 0 ? "[fail_on=none]" : "[fail_on=truncated]", nullptr) != 0)
      return fail(Outcome::damaged), std::nullopt;
    auto plate = plate_of(Image(vips_, made));
    if (plate && plate->pixels.bands == 4 && !is_transparent(plate->pixels)) plate = without_alpha(*plate);
    return plate;
  }

  /// Colours are converted by the profile that the file has. One without is taken for sRGB, as browsers do; converting
  /// it all the same would shift its colours a little (tried: pure red becomes #f81a10). The intent is perceptual: some
  /// profiles (JPEG with XYB) know no other, and the usual ones do not distinguish.
  [[nodiscard]] char const* export_profile() const { return has_profile_ ? "srgb" : nullptr; }

  /// RGB or RGBA of eight bits, whatever it was (grey, CMYK, 16 bits, palettes), then bare pixels.
  std::optional<Plate> plate_of(Image image) {
    if (vips_.vips_image_get_interpretation(image.get()) != VIPS_INTERPRETATION_sRGB)
      if (!replace(image, [&](VipsImage** out) {
            return vips_.vips_colourspace(image.get(), out, VIPS_INTERPRETATION_sRGB, nullptr);
          }))
        return std::nullopt;
    if (vips_.vips_image_get_format(image.get()) != VIPS_FORMAT_UCHAR)
      if (!replace(image, [&](VipsImage** out) { return vips_.vips_cast_uchar(image.get(), out, nullptr); }))
        return std::nullopt;
    if (vips_.vips_image_get_bands(image.get()) > 4)
      if (!replace(image,
                   [&](VipsImage** out) { return vips_.vips_extract_band(image.get(), out, 0, "n", 4, nullptr); }))
        return std::nullopt;
    return bare(image);
  }

  std::optional<Plate> without_alpha(Plate const& plate) {
    Image image;
    if (!replace(image,
                 [&](VipsImage** out) { return vips_.vips_extract_band(plate.image.get(), out, 0, "n", 3, nullptr); }))
      return std::nullopt;
    return bare(image);
  }

  std::optional<Plate> narrower(Plate const& plate, std::int32_t width) {
    Image image;
    if (!replace(image, [&](VipsImage** out) {
          return vips_.vips_thumbnail_image(plate.image.get(), out, width, "height", kMaxHeight, "size", VIPS_SIZE_DOWN,
                                            nullptr);
        }))
      return std::nullopt;
    return bare(image);
  }

  /// Decodes into memory and forgets everything but the pixels: this is where EXIF, XMP, IPTC, comments and profiles
  /// end.
  std::optional<Plate> bare(Image const& image) {
    auto const width = vips_.vips_image_get_width(image.get());
    auto const height = vips_.vips_image_get_height(image.get());
    auto const bands = vips_.vips_image_get_bands(image.get());
    std::size_t size = 0;
    auto* const decoded = vips_.vips_image_write_to_memory(image.get(), &size);
    Buffer memory(vips_, decoded, size);
    if (!memory.view().data() || (bands != 3 && bands != 4) ||
        size != static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * static_cast<std::size_t>(bands))
      return fail(Outcome::damaged), std::nullopt;
    Image raw(vips_,
              vips_.vips_image_new_from_memory(memory.view().data(), size, width, height, bands, VIPS_FORMAT_UCHAR));
    Image tagged;
    if (!raw.get() || !replace(tagged, [&](VipsImage** out) {
          return vips_.vips_copy(raw.get(), out, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr);
        }))
      return fail(Outcome::failed), std::nullopt;
    Pixels const pixels{{reinterpret_cast<std::uint8_t const*>(memory.view().data()), size}, width, height, bands};
    return Plate{std::move(memory), std::move(tagged), pixels};
  }

  template <class Step>
  bool replace(Image& image, Step step) {
    VipsImage* out = nullptr;
    if (step(&out) != 0) return fail(Outcome::damaged);
    image = Image(vips_, out);
    return true;
  }

  /// Photographs as a good JPEG; what is transparent without loss, since there is no other way to keep its edges.
  bool encode_master(Plate const& plate) {
    if (reply_.has_alpha != 0)
      return encode(plate, Format::webp, Role::master, [&](void** bytes, std::size_t* size) {
        return vips_.vips_webpsave_buffer(plate.image.get(), bytes, size, "lossless", TRUE, "effort", 1, "strip", TRUE,
                                          nullptr);
      });
    return encode(plate, Format::jpeg, Role::master, [&](void** bytes, std::size_t* size) {
      return vips_.vips_jpegsave_buffer(plate.image.get(), bytes, size, "Q", kMasterQuality, "optimize_coding", TRUE,
                                        "strip", TRUE, nullptr);
    });
  }

  bool encode_still(Plate const& plate) {
    if (wants(Format::jpeg) && reply_.has_alpha == 0 && !encode_jpeg(plate)) return false;
    if (wants(Format::png) && reply_.has_alpha != 0 && !encode_png(plate)) return false;
    if (wants(Format::webp) && !encode_webp(plate)) return false;
    auto const large_enough = std::min(plate.pixels.width, plate.pixels.height) >= kSmallestAvif;
    return !wants(Format::avif) || !large_enough || encode_avif(plate);
  }

  bool encode_jpeg(Plate const& plate) {
    return encode(plate, Format::jpeg, Role::still, [&](void** bytes, std::size_t* size) {
      return vips_.vips_jpegsave_buffer(plate.image.get(), bytes, size, "Q", kJpegQuality, "optimize_coding", TRUE,
                                        "strip", TRUE, nullptr);
    });
  }

  bool encode_png(Plate const& plate) {
    return encode(plate, Format::png, Role::still, [&](void** bytes, std::size_t* size) {
      return vips_.vips_pngsave_buffer(plate.image.get(), bytes, size, "strip", TRUE, nullptr);
    });
  }

  bool encode_webp(Plate const& plate) {
    return encode(plate, Format::webp, Role::still, [&](void** bytes, std::size_t* size) {
      return vips_.vips_webpsave_buffer(plate.image.get(), bytes, size, "Q", kWebpQuality, "effort", kWebpEffort,
                                        "strip", TRUE, nullptr);
    });
  }

  bool encode_avif(Plate const& plate) {
    return encode(plate, Format::avif, Role::still, [&](void** bytes, std::size_t* size) {
      return vips_.vips_heifsave_buffer(plate.image.get(), bytes, size, "Q", kAvifQuality, "compression",
                                        VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", kAvifEffort, "strip", TRUE,
                                        nullptr);
    });
  }

  /// All frames, small. When it fails the still picture stands alone: better than no picture.
  void encode_animation() {
    VipsImage* made = nullptr;
    if (vips_.vips_thumbnail_buffer(const_cast<char*>(bytes_.data()), bytes_.size(), &made, kAnimationWidth, "height",
                                    kMaxHeight, "size", VIPS_SIZE_DOWN, "export_profile", export_profile(), "intent",
                                    VIPS_INTENT_PERCEPTUAL, "option_string", "[n=-1]", nullptr) != 0)
      return vips_.vips_error_clear();
    Image const image(vips_, made);
    void* bytes = nullptr;
    std::size_t size = 0;
    if (vips_.vips_webpsave_buffer(made, &bytes, &size, "Q", kAnimationQuality, "effort", kWebpEffort, "strip", TRUE,
                                   nullptr) != 0)
      return vips_.vips_error_clear();
    Buffer const encoded(vips_, bytes, size);
    (void)keep(Format::webp, Role::animation, vips_.vips_image_get_width(made), vips_.vips_image_get_page_height(made),
               encoded.view());
  }

  [[nodiscard]] bool wants(Format format) const { return (job_.formats >> static_cast<unsigned>(format) & 1U) != 0; }

  template <class Save>
  bool encode(Plate const& plate, Format format, Role role, Save save) {
    void* bytes = nullptr;
    std::size_t size = 0;
    if (save(&bytes, &size) != 0) return fail(Outcome::failed);
    Buffer const encoded(vips_, bytes, size);
    return keep(format, role, plate.pixels.width, plate.pixels.height, encoded.view());
  }

  bool keep(Format format, Role role, std::int32_t width, std::int32_t height, std::string_view encoded) {
    std::string clean;
    if (format == Format::webp) encoded = clean = without_webp_metadata(encoded);
    if (reply_.encoded_count == reply_.encoded.size()) return fail(Outcome::failed, "too many sizes");
    reply_.encoded[reply_.encoded_count++] = {
        static_cast<std::uint8_t>(format),        static_cast<std::uint8_t>(role), width, height, written_,
        static_cast<std::int64_t>(encoded.size())};
    while (!encoded.empty()) {
      auto const written = ::pwrite(out_, encoded.data(), encoded.size(), written_);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return fail(Outcome::failed, std::strerror(errno));
      written_ += written;
      encoded.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  bool fail(Outcome outcome, std::string detail = {}) {
    auto error = vips_.take_error();
    failure_ = {outcome, detail.empty() ? std::move(error) : std::move(detail)};
    return false;
  }

  Vips const& vips_;
  Job const& job_;
  std::string_view bytes_;
  int out_;
  bool has_profile_ = false;
  bool animate_ = false;
  std::int64_t written_ = 0;
  Reply reply_;
  Failure failure_ = {Outcome::failed, {}};
};

}  // namespace

Reply develop(Vips const& vips, Job const& job, std::string_view bytes, int out) {
  return Development(vips, job, bytes, out).run();
}

}  // namespace courant::media
