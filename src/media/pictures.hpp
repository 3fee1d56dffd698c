// Takes pictures in: a stranger's file becomes clean pictures in the sizes and formats that pages need.
//
// This process only looks at the first bytes. Everything else happens in worker processes (worker.hpp) that hold no
// secret and can open nothing; what they answer is checked again here. A picture that crashes, fills or stalls its
// worker is an error for the one who sent it; the next picture gets a new worker.
//
// What is kept: a master (at most 2560 wide, upright, sRGB, without any metadata) from which sizes can be made again,
// and variants of it. The original file is not kept: it may tell where its author lives. Only its hash is, for
// blocking.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/blobs.hpp"

namespace courant::media {

enum class Format : std::uint8_t { jpeg, png, webp, gif, avif, heic };

/// "jpeg", "png", …: the word in addresses and in the database.
[[nodiscard]] std::string_view name_of(Format format);
[[nodiscard]] std::optional<Format> format_named(std::string_view name);
/// "image/jpeg" and so on.
[[nodiscard]] std::string_view content_type(Format format);
/// Which of the accepted formats a file is, by its first bytes (64 are enough) and nothing else: names and declared
/// types are not believed.
[[nodiscard]] std::optional<Format> sniff(std::string_view first_bytes);

/// One encoded size of a picture.
struct Variant {
  Format format = Format::jpeg;
  std::int32_t width = 0;   ///< pixels
  std::int32_t height = 0;  ///< pixels
  bool animated = false;    ///< the moving one (WebP only); its still siblings show the first frame
  BlobName blob;
  std::int64_t bytes = 0;

  friend bool operator==(Variant const&, Variant const&) = default;
};

/// Plain data; to_json/picture_from_json give it a form to keep in a row.
struct Picture {
  std::string original_sha256;        ///< of the file as it was sent, 64 hexadecimal digits
  std::uint64_t perceptual_hash = 0;  ///< difference hash of 9×8 greys: alike pictures differ in few bits
  std::int32_t width = 0;             ///< of the original, once upright
  std::int32_t height = 0;
  std::string dominant_colour;  ///< "#rrggbb", a background while loading
  bool has_alpha = false;       ///< some pixel is really transparent
  bool animated = false;        ///< there is a moving variant
  Variant master;
  /// Ascending by format, animated, width. Still: JPEG (PNG when has_alpha) and WebP always; AVIF with Effort::full or
  /// after derive().
  std::vector<Variant> variants;

  friend bool operator==(Picture const&, Picture const&) = default;
};

[[nodiscard]] json::Object to_json(Picture const& picture);
/// Error: broken, when it is not what to_json wrote.
[[nodiscard]] Result<Picture> picture_from_json(json::Value const& value);

/// AVIF takes several times as long as all else together. An upload is `quick`, answers, and a job calls derive();
/// an import may say `full`.
enum class Effort : std::uint8_t { quick, full };

/// What to do with a file that ends too early: an upload refuses it so that the author can send it again; an import
/// takes what is there, since every browser showed it.
enum class Damage : std::uint8_t { refuse, accept };

struct PictureLimits {
  std::int64_t bytes = 50'000'000;
  std::int64_t pixels = 100'000'000;    ///< of one frame
  std::int32_t dimension = 30'000;      ///< of each side
  std::int32_t frames = 500;            ///< more, or more pixels in all frames together, and only the first is kept
  Duration time = 30s;                  ///< for one picture, on the wall
  std::int64_t memory = 2'000'000'000;  ///< address space of one worker, bytes
};

struct PictureOptions {
  PictureLimits limits;
  std::vector<std::int32_t> widths = {320, 640, 960, 1600};  ///< ascending, at most 8, at most 2560; never upscaled
  /// How many pictures are worked on at once. Workers start when needed, each is one process of mostly one thread.
  int workers = 1;
  int waiting = 64;             ///< callers that may wait for a free worker; the next is told `unavailable`
  Duration idle = 60s;          ///< a worker that had nothing to do for so long ends
  int pictures_a_worker = 250;  ///< then a fresh one takes over, so that nothing lives in it for long
  /// What is started as worker: this program with the argument "media-worker". Tests name another.
  std::filesystem::path program = "/proc/self/exe";
  std::string argument = "media-worker";
};

/// What an operator sees.
struct PictureCounts {
  std::vector<int> worker_pids;  ///< alive now
  std::uint64_t taken_in = 0;
  std::uint64_t refused = 0;
  std::uint64_t workers_started = 0;
  std::uint64_t workers_lost = 0;  ///< crashed, or killed for taking too long
};

/// Owns the workers. All functions may be called from any thread; they block until the picture is done, so call them
/// from a worker thread, never from an I/O thread. Costs nothing until the first call. `blobs` must outlive it.
class Pictures {
 public:
  explicit Pictures(Blobs& blobs, PictureOptions options = {});
  ~Pictures();  ///< ends the workers; nobody may be inside a call any more
  Pictures(Pictures&&) noexcept;
  Pictures& operator=(Pictures&&) noexcept;

  /// Checks, cleans and sizes a picture and keeps its blobs durably. On an error nothing is kept (blobs that were
  /// written already stay as orphans only when the disk failed between them).
  /// Errors, all `invalid` unless said: media.not_a_picture, media.too_many_bytes {limit, MB}, media.too_many_pixels
  /// {limit, millions; also for sides}, media.picture_damaged, media.picture_unreadable (it crashed or stalled the
  /// worker); unavailable media.busy; missing when the file cannot be opened; broken when no worker can be started.
  [[nodiscard]] Result<Picture> take_in(std::filesystem::path const& file, Effort effort = Effort::quick,
                                        Damage damage = Damage::refuse);
  [[nodiscard]] Result<Picture> take_in_bytes(std::string_view bytes, Effort effort = Effort::quick,
                                              Damage damage = Damage::refuse);

  /// Makes the variants of a format (AVIF, WebP, JPEG or PNG) from the master; the caller adds them to the picture with
  /// add_variants and saves it. Does not change a blob that exists, so running twice is safe. Errors as take_in.
  [[nodiscard]] Result<std::vector<Variant>> derive(Picture const& picture, Format format);

  [[nodiscard]] PictureCounts counts() const;

 private:
  struct Workers;
  std::unique_ptr<Workers> workers_;
};

/// Puts variants in their place; those of the same format, width and animation are replaced.
void add_variants(Picture& picture, std::vector<Variant> more);

/// Every blob that belongs to a picture, each once: for removing, backing up, and knowing orphans.
[[nodiscard]] std::vector<BlobName> blobs_of(Picture const& picture);

}  // namespace courant::media
