#include "media/pictures.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.hpp"
#include "media/pool.hpp"
#include "media/protocol.hpp"

namespace courant::media {
namespace {

/// A file that is open for reading and what is known of it before any decoder sees it.
struct Input {
  Descriptor descriptor;
  std::int64_t bytes = 0;
  Format format = Format::jpeg;
};

Error unreadable(std::string detail) { return invalid("media.picture_unreadable", std::move(detail)); }

Error over_limit(std::string message, std::int64_t limit, std::string detail) {
  auto error = invalid(std::move(message), std::move(detail));
  error.arguments = {{"limit", std::to_string(limit)}};
  return error;
}

Result<Input> inspect(Descriptor descriptor, PictureLimits const& limits) {
  struct stat about{};
  if (::fstat(descriptor.get(), &about) != 0 || !S_ISREG(about.st_mode)) return missing();
  if (about.st_size > limits.bytes)
    return over_limit("media.too_many_bytes", limits.bytes / 1'000'000, fmt::format("{} bytes", about.st_size));
  std::array<char, 64> first;
  auto const got = ::pread(descriptor.get(), first.data(), first.size(), 0);
  if (got < 0) return unavailable(std::string("reading a picture: ") + std::strerror(errno), "media.storage_failed");
  auto const format = sniff({first.data(), static_cast<std::size_t>(got)});
  if (!format) return invalid("media.not_a_picture");
  return Input{std::move(descriptor), about.st_size, *format};
}

/// A file without a name, in memory. Pages of it count for this process group only while it is open.
Result<Descriptor> nameless_file() {
  Descriptor descriptor(::memfd_create("courant-picture", MFD_CLOEXEC));
  if (!descriptor) return unavailable(std::string("memfd_create: ") + std::strerror(errno));
  return descriptor;
}

Result<Descriptor> nameless_file_of(std::string_view bytes) {
  auto descriptor = TRY(nameless_file());
  for (std::size_t at = 0; at < bytes.size();) {
    auto const written = ::write(descriptor.get(), bytes.data() + at, bytes.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return unavailable(std::string("a picture in memory: ") + std::strerror(errno));
    at += static_cast<std::size_t>(written);
  }
  return descriptor;
}

constexpr std::uint8_t bit(Format format) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(format)); }

Job job_for(Input const& input, PictureOptions const& options) {
  Job job;
  job.format = static_cast<std::uint8_t>(input.format);
  job.bytes = input.bytes;
  job.max_pixels = options.limits.pixels;
  job.max_dimension = options.limits.dimension;
  job.max_frames = options.limits.frames;
  job.width_count = static_cast<std::uint8_t>(std::min(options.widths.size(), kMaxWidths));
  std::copy_n(options.widths.begin(), job.width_count, job.widths.begin());
  return job;
}

Job job_of_taking_in(Input const& input, PictureOptions const& options, Effort effort, Damage damage) {
  auto job = job_for(input, options);
  job.formats = bit(Format::jpeg) | bit(Format::png) | bit(Format::webp);
  if (effort == Effort::full) job.formats |= bit(Format::avif);
  job.with_master = 1;
  job.with_animation = 1;
  job.accept_damage = damage == Damage::accept ? 1 : 0;
  return job;
}

/// The hash of the whole file, made while the worker works.
Result<std::string> hash_of(Input const& input) {
  crypto::Sha256 hash;
  std::array<char, 128 * 1024> buffer;
  for (off_t at = 0; at < input.bytes;) {
    auto const got = ::pread(input.descriptor.get(), buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return unavailable("a picture's file changed while it was read", "media.storage_failed");
    hash.add({buffer.data(), static_cast<std::size_t>(got)});
    at += got;
  }
  return crypto::hex(hash.finish());
}

std::string printable(std::array<char, 200> const& detail) {
  std::string text(detail.begin(), std::find(detail.begin(), detail.end(), '\0'));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

Done check_outcome(Reply const& reply, PictureLimits const& limits) {
  switch (static_cast<Outcome>(reply.outcome)) {
    case Outcome::done:
      return {};
    case Outcome::damaged:
      return invalid("media.picture_damaged", printable(reply.detail));
    case Outcome::too_many_pixels:
      return over_limit("media.too_many_pixels", limits.pixels / 1'000'000, printable(reply.detail));
    case Outcome::failed:
      break;
  }
  return unreadable(printable(reply.detail));
}

bool is_output_format(std::uint8_t number) {
  auto const format = static_cast<Format>(number);
  return format == Format::jpeg || format == Format::png || format == Format::webp || format == Format::avif;
}

/// What the worker wrote begins as its format says; it could not be served as anything else.
bool begins_as(Format format, int file, std::int64_t offset) {
  std::array<char, 64> first;
  auto const got = ::pread(file, first.data(), first.size(), offset);
  return got > 0 && sniff({first.data(), static_cast<std::size_t>(got)}) == format;
}

/// A worker may have been taken over by what it decoded: every number is checked, and the file only counts as it is
/// now.
Done check_encoded(Reply const& reply, int file) {
  struct stat about{};
  if (::fstat(file, &about) != 0 || about.st_size > kMaxOutput) return unreadable("the worker's file");
  if (reply.encoded_count > reply.encoded.size()) return unreadable("the worker's count");
  for (std::size_t i = 0; i < reply.encoded_count; ++i) {
    auto const& one = reply.encoded[i];
    bool const fits =
        one.offset >= 0 && one.bytes > 0 && one.offset <= about.st_size && one.bytes <= about.st_size - one.offset;
    bool const sized = one.width > 0 && one.height > 0 && one.width <= kMasterWidth && one.height <= kMaxHeight;
    if (!fits || !sized || !is_output_format(one.format) || one.role > static_cast<std::uint8_t>(Role::animation) ||
        !begins_as(static_cast<Format>(one.format), file, one.offset))
      return unreadable("the worker's table");
  }
  return {};
}

/// Keeps what was made as blobs; the variants in the order of the reply.
Result<std::vector<Variant>> keep(Blobs& blobs, Reply const& reply, int file) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < reply.encoded_count; ++i)
    pieces.push_back({file, reply.encoded[i].offset, reply.encoded[i].bytes});
  auto names = TRY(blobs.put_all(pieces));
  std::vector<Variant> variants;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto const& one = reply.encoded[i];
    variants.push_back({static_cast<Format>(one.format), one.width, one.height,
                        one.role == static_cast<std::uint8_t>(Role::animation), std::move(names[i]), one.bytes});
  }
  return variants;
}

Result<Picture> picture_of(Reply const& reply, std::string original_sha256, std::vector<Variant> variants,
                           PictureLimits const& limits) {
  if (reply.width < 1 || reply.height < 1 || reply.width > limits.dimension || reply.height > limits.dimension)
    return unreadable("the worker's size");
  Picture picture;
  picture.original_sha256 = std::move(original_sha256);
  picture.perceptual_hash = reply.perceptual_hash;
  picture.width = reply.width;
  picture.height = reply.height;
  picture.dominant_colour = fmt::format("#{:02x}{:02x}{:02x}", reply.colour[0], reply.colour[1], reply.colour[2]);
  picture.has_alpha = reply.has_alpha != 0;
  std::vector<Variant> shown;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (reply.encoded[i].role == static_cast<std::uint8_t>(Role::master)) {
      picture.master = std::move(variants[i]);
      continue;
    }
    picture.animated = picture.animated || variants[i].animated;
    shown.push_back(std::move(variants[i]));
  }
  if (!picture.master.blob || shown.empty()) return unreadable("the worker made too little");
  add_variants(picture, std::move(shown));
  return picture;
}

}  // namespace

struct Pictures::Workers {
  Workers(Blobs& the_blobs, PictureOptions the_options)
      : blobs(the_blobs), options(std::move(the_options)), pool(options) {}

  struct Developed {
    Reply reply;
    Descriptor output;
    std::string sha256;
  };

  /// Has one job done, on a second worker when the first was found dead. Whatever the file does to a worker is its
  /// sender's error.
  Result<Developed> develop(Input const& input, Job const& job) {
    auto lease = TRY(pool.borrow());
    Developed developed;
    developed.output = TRY(nameless_file());
    std::array<int, 2> const descriptors = {input.descriptor.get(), developed.output.get()};
    if (!lease.process().send_job(job, descriptors, options.limits.time)) {
      TRY(lease.replace());
      if (!lease.process().send_job(job, descriptors, options.limits.time)) {
        lease.give_up();
        return broken("a fresh media worker takes no job");
      }
    }
    auto hash = hash_of(input);
    auto const received = lease.process().await_reply(developed.reply, options.limits.time);
    if (received != Received::message) {
      lease.give_up();
      return unreadable(received == Received::late ? "the worker took too long" : "the worker died");
    }
    developed.sha256 = TRY(std::move(hash));
    TRY(check_outcome(developed.reply, options.limits));
    if (auto checked = check_encoded(developed.reply, developed.output.get()); !checked) {
      lease.give_up();  // whoever answers like this is not our program any more
      return std::move(checked).error();
    }
    return developed;
  }

  Result<Picture> take_in(Descriptor descriptor, Effort effort, Damage damage) {
    auto const input = TRY(inspect(std::move(descriptor), options.limits));
    auto developed = TRY(develop(input, job_of_taking_in(input, options, effort, damage)));
    auto variants = TRY(keep(blobs, developed.reply, developed.output.get()));
    return picture_of(developed.reply, std::move(developed.sha256), std::move(variants), options.limits);
  }

  template <class T>
  Result<T> counted(Result<T> result) {
    if (result.ok())
      ++taken_in;
    else
      ++refused;
    return result;
  }

  Blobs& blobs;
  PictureOptions const options;
  Pool pool;
  std::atomic<std::uint64_t> taken_in = 0;
  std::atomic<std::uint64_t> refused = 0;
};

Pictures::Pictures(Blobs& blobs, PictureOptions options)
    : workers_(std::make_unique<Workers>(blobs, std::move(options))) {}
Pictures::~Pictures() = default;
Pictures::Pictures(Pictures&&) noexcept = default;
Pictures& Pictures::operator=(Pictures&&) noexcept = default;

Result<Picture> Pictures::take_in(std::filesystem::path const& file, Effort effort, Damage damage) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor) return missing();
  return workers_->counted(workers_->take_in(std::move(descriptor), effort, damage));
}

Result<Picture> Pictures::take_in_bytes(std::string_view bytes, Effort effort, Damage damage) {
  auto const limit = workers_->options.limits.bytes;
  if (static_cast<std::int64_t>(bytes.size()) > limit)
    return over_limit("media.too_many_bytes", limit / 1'000'000, fmt::format("{} bytes", bytes.size()));
  if (!sniff(bytes.substr(0, 64))) return workers_->counted(Result<Picture>(invalid("media.not_a_picture")));
  return workers_->counted(workers_->take_in(TRY(nameless_file_of(bytes)), effort, damage));
}

Result<std::vector<Variant>> Pictures::derive(Picture const& picture, Format format) {
  if (!is_output_format(static_cast<std::uint8_t>(format))) return broken("that format is never written");
  auto master = TRY(workers_->blobs.find(picture.master.blob));
  Input const input{std::move(master.descriptor), master.bytes, picture.master.format};
  auto job = job_for(input, workers_->options);
  job.formats = bit(format);
  auto developed = TRY(workers_->develop(input, job));
  return keep(workers_->blobs, developed.reply, developed.output.get());
}

PictureCounts Pictures::counts() const {
  auto counts = workers_->pool.counts();
  counts.taken_in = workers_->taken_in;
  counts.refused = workers_->refused;
  return counts;
}

}  // namespace courant::media
