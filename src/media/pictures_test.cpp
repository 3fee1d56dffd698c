#include "media/pictures.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <bit>
#include <fstream>
#include <thread>

#include "media/folder_for_test.hpp"

using namespace courant;
using namespace courant::media;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// --- pictures that the tests write themselves ---------------------------------------------------------------------

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U), static_cast<char>(value >> 8U),
          static_cast<char>(value)};
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::uint32_t crc32(std::string_view data) {  // PNG annex D
  std::uint32_t crc = 0xFFFFFFFF;
  for (char const c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string stored_zlib(std::string_view data) {  // RFC 1950 with stored blocks of RFC 1951
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (char const c : data) a = (a + static_cast<unsigned char>(c)) % 65521, b = (b + a) % 65521;
  std::string out = "\x78\x01";
  do {
    auto const part = data.substr(0, 65535);
    data.remove_prefix(part.size());
    out += data.empty() ? '\1' : '\0';
    out += little_endian(static_cast<std::uint32_t>(part.size()), 2);
    out += little_endian(~static_cast<std::uint32_t>(part.size()), 2);
    out += part;
  } while (!data.empty());
  return out + big_endian(b << 16U | a);
}

std::string chunk(std::string_view type, std::string_view data) {
  auto const body = std::string(type) + std::string(data);
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc32(body));
}

struct Colour {
  std::uint8_t red, green, blue, alpha = 255;
};
using Paint = std::function<Colour(int x, int y)>;

std::string png(int width, int height, Paint const& paint, bool with_alpha = false,
                std::string_view extra_chunks = {}) {
  std::string rows;
  for (int y = 0; y < height; ++y) {
    rows += '\0';
    for (int x = 0; x < width; ++x) {
      auto const colour = paint(x, y);
      rows += static_cast<char>(colour.red);
      rows += static_cast<char>(colour.green);
      rows += static_cast<char>(colour.blue);
      if (with_alpha) rows += static_cast<char>(colour.alpha);
    }
  }
  auto const header = big_endian(static_cast<std::uint32_t>(width)) + big_endian(static_cast<std::uint32_t>(height)) +
                      "\x08"s + (with_alpha ? "\x06"s : "\x02"s) + "\0\0\0"s;
  return "\x89PNG\r\n\x1A\n"s + chunk("IHDR", header) + std::string(extra_chunks) + chunk("IDAT", stored_zlib(rows)) +
         chunk("IEND", "");
}

/// A GIF of two colours whose frames are filled with a single code each; codes are reset before the width would grow.
std::string gif(int width, int height, int frames) {
  std::string out = "GIF89a" + little_endian(static_cast<std::uint32_t>(width), 2) +
                    little_endian(static_cast<std::uint32_t>(height), 2) + "\x80\0\0"s + "\xFF\0\0\0\0\xFF"s;
  out += "\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0"s;
  for (int frame = 0; frame < frames; ++frame) {
    out += "\x21\xF9\x04\0\x0A\0\0\0"s + ","s + "\0\0\0\0"s + little_endian(static_cast<std::uint32_t>(width), 2) +
           little_endian(static_cast<std::uint32_t>(height), 2) + "\0\x02"s;
    std::string bits;  // each code is 3 bits: clear (4), two pixels, clear, …, end (5)
    auto const add = [&](unsigned code) {
      for (unsigned bit = 0; bit < 3; ++bit) bits += static_cast<char>(code >> bit & 1U);
    };
    for (int pixel = 0; pixel < width * height; ++pixel) {
      if (pixel % 2 == 0) add(4);
      add(static_cast<unsigned>(frame % 2));
    }
    add(5);
    std::string codes((bits.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < bits.size(); ++i)
      codes[i / 8] =
          static_cast<char>(static_cast<unsigned char>(codes[i / 8]) | static_cast<unsigned>(bits[i]) << i % 8);
    for (std::size_t at = 0; at < codes.size(); at += 255) {
      auto const part = codes.substr(at, 255);
      out += static_cast<char>(part.size());
      out += part;
    }
    out += '\0';
  }
  return out + ";";
}

/// Bright at the top left, dark at the bottom right, with a red box in one corner: no turn of it looks like another.
Paint scene(int width, int height) {
  return [=](int x, int y) -> Colour {
    if (x < width / 3 && y > height * 2 / 3) return {220, 20, 20};
    auto const wave = (x * 9 / width) * (y * 8 / height + 1) * 37 % 120;  // differs in each field of the hash
    auto const grey = static_cast<std::uint8_t>(250 - wave - x * 40 / width - y * 60 / height);
    return {grey, grey, static_cast<std::uint8_t>(grey / 2)};
  };
}

std::string const kSecretPlace = "SECRETPLACE";

/// EXIF (CIPA DC-008) with an orientation, a description and a GPS directory.
std::string exif(int orientation) {
  auto const entry = [](int tag, int type, std::uint32_t count, std::string const& value) {
    return little_endian(static_cast<std::uint32_t>(tag), 2) + little_endian(static_cast<std::uint32_t>(type), 2) +
           little_endian(count, 4) + value;
  };
  auto const text_at = 8 + 2 + 3 * 12 + 4;
  auto const gps_at = text_at + 12;
  std::string tiff = "II*\0"s + little_endian(8, 4) + little_endian(3, 2);
  tiff += entry(0x010E, 2, 12, little_endian(static_cast<std::uint32_t>(text_at), 4));
  tiff += entry(0x0112, 3, 1, little_endian(static_cast<std::uint32_t>(orientation), 4));
  tiff += entry(0x8825, 4, 1, little_endian(static_cast<std::uint32_t>(gps_at), 4));
  tiff += little_endian(0, 4) + kSecretPlace + "\0"s;
  tiff += little_endian(2, 2) + entry(1, 2, 2, "N\0\0\0"s) +
          entry(2, 5, 3, little_endian(static_cast<std::uint32_t>(gps_at + 30), 4)) + little_endian(0, 4);
  for (std::uint32_t const number : {48U, 1U, 12U, 1U, 30U, 1U}) tiff += little_endian(number, 4);
  return "Exif\0\0"s + tiff;
}

std::string segment(char marker, std::string const& data) {
  auto const size = static_cast<std::uint32_t>(data.size() + 2);
  return "\xFF"s + marker + static_cast<char>(size >> 8U) + static_cast<char>(size) + data;
}

/// The JPEG with EXIF, XMP, IPTC and a comment put behind its first marker.
std::string with_metadata(std::string const& jpeg, int orientation) {
  return jpeg.substr(0, 2) + segment('\xE1', exif(orientation)) +
         segment('\xE1', "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"s + kSecretPlace + "</x:xmpmeta>") +
         segment('\xED',
                 "Photoshop 3.0\0"s + "8BIM\x04\x04\0\0"s + big_endian(16) + "\x1C\x02\x5A\0\x0B"s + kSecretPlace) +
         segment('\xFE', kSecretPlace) + jpeg.substr(2);
}

// --- the site under test ------------------------------------------------------------------------------------------

fs::path test_program() { return fs::read_symlink("/proc/self/exe").parent_path() / "media_test_program"; }

PictureOptions options(std::string role = "media-worker") {
  PictureOptions options;
  options.program = test_program();
  options.argument = std::move(role);
  options.limits.time = kSanitized ? 300s : 60s;
  return options;
}

struct Site {
  explicit Site(PictureOptions with = options())
      : blobs(Blobs::open(folder.path() / "blobs").value()), pictures(blobs, std::move(with)) {}

  std::string jpeg_of(int width, int height, Paint const& paint) {
    auto const picture = pictures.take_in_bytes(png(width, height, paint)).value();
    return blobs.read(picture.master.blob).value();
  }
  std::size_t blob_count() {
    std::size_t count = 0;
    REQUIRE(blobs.each([&](BlobName const&, std::int64_t) -> Done { return ++count, Done(); }).ok());
    return count;
  }

  FolderForTest folder;
  Blobs blobs;
  Pictures pictures;
};

std::string content_of(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int bits_apart(std::uint64_t a, std::uint64_t b) { return std::popcount(a ^ b); }

/// Takes a picture in that must be good; a failing test says why it was not.
Picture taken_in(Site& site, std::string_view bytes, Effort effort = Effort::quick, Damage damage = Damage::refuse) {
  auto picture = site.pictures.take_in_bytes(bytes, effort, damage);
  REQUIRE_MESSAGE(picture.ok(), (picture.ok() ? "" : describe(picture.error())));
  return *std::move(picture);
}

/// The size of an encoded variant as its own header tells it: taken in again.
std::pair<int, int> size_told_by(Site& site, Variant const& variant) {
  auto const again = taken_in(site, site.blobs.read(variant.blob).value());
  return {again.width, again.height};
}

void check_free_of_metadata(std::string const& bytes) {
  for (auto const* trace : {"Exif", "EXIF", "http://ns.adobe.com", "xmpmeta", "Photoshop", "8BIM", "ICC_PROFILE",
                            "ICCP", "iCCP", "XMP ", "tEXt", "iTXt", "zTXt", "eXIf", "SECRETPLACE"})
    CHECK_MESSAGE(bytes.find(trace) == std::string::npos, std::string(trace));
}

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

bool ends_within(int pid, int milliseconds) {
  Descriptor const process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return true;
  pollfd one{process.get(), POLLIN, 0};
  return ::poll(&one, 1, milliseconds) == 1;
}

/// Runs the test program in a role and returns what waitpid says.
int run_program(std::string role, std::string what) {
  auto program = test_program().string();
  std::array<char*, 4> arguments = {program.data(), role.data(), what.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t pid = -1;
  REQUIRE(::posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()) == 0);
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return status;
}

std::optional<fs::path> test_data(FolderForTest const& folder, std::string const& archive) {
  auto const* data = std::getenv("COURANT_TEST_DATA");
  if (!data || !fs::exists(fs::path(data) / archive)) {
    MESSAGE("skipped: COURANT_TEST_DATA names no folder with " << archive);
    return std::nullopt;
  }
  auto const command =
      "zstd -dc '" + (fs::path(data) / archive).string() + "' | tar xf - -C '" + folder.path().string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  return folder.path() / archive.substr(0, archive.find('.'));
}

std::vector<fs::path> files_below(fs::path const& folder) {
  std::vector<fs::path> files;
  for (auto const& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace

TEST_CASE("a picture becomes a master and still variants of the right sizes, never upscaled") {
  Site site;
  auto const picture = taken_in(site, png(1000, 500, scene(1000, 500)));
  CHECK(picture.width == 1000);
  CHECK(picture.height == 500);
  CHECK_FALSE(picture.has_alpha);
  CHECK_FALSE(picture.animated);
  CHECK(picture.master.format == Format::jpeg);
  CHECK(picture.master.width == 1000);
  std::vector<std::tuple<Format, int, int>> seen;
  for (auto const& variant : picture.variants) {
    seen.emplace_back(variant.format, variant.width, variant.height);
    auto const bytes = site.blobs.read(variant.blob).value();
    CHECK(sniff(bytes) == variant.format);
    CHECK(static_cast<std::int64_t>(bytes.size()) == variant.bytes);
    CHECK(site.blobs.verify(variant.blob).ok());
    CHECK(size_told_by(site, variant) == std::pair(variant.width, variant.height));
  }
  using enum Format;
  CHECK(seen == decltype(seen){{jpeg, 320, 160},
                               {jpeg, 640, 320},
                               {jpeg, 960, 480},
                               {jpeg, 1000, 500},
                               {webp, 320, 160},
                               {webp, 640, 320},
                               {webp, 960, 480},
                               {webp, 1000, 500}});
}

TEST_CASE("the original is known by the hash of its bytes and its dominant colour") {
  Site site;
  auto const bytes = png(50, 40, [](int, int) { return Colour{30, 60, 90}; });
  auto const picture = taken_in(site, bytes);
  CHECK(picture.original_sha256 == crypto::hex(crypto::sha256(bytes)));
  auto const red = std::stoi(picture.dominant_colour.substr(1, 2), nullptr, 16);
  auto const blue = std::stoi(picture.dominant_colour.substr(5, 2), nullptr, 16);
  CHECK(std::abs(red - 30) <= 3);
  CHECK(std::abs(blue - 90) <= 3);
}

TEST_CASE("a file and its bytes give the same picture, and taking it in twice keeps nothing twice") {
  Site site;
  auto const bytes = png(400, 300, scene(400, 300));
  std::ofstream(site.folder.path() / "upload", std::ios::binary) << bytes;
  auto const from_file = site.pictures.take_in(site.folder.path() / "upload").value();
  auto const count = site.blob_count();
  CHECK(taken_in(site, bytes) == from_file);
  CHECK(site.blob_count() == count);
}

TEST_CASE("AVIF comes with full effort, or later by derive, with the same sizes") {
  Site site;
  auto const bytes = png(700, 350, scene(700, 350));
  auto const full = taken_in(site, bytes, Effort::full);
  auto quick = taken_in(site, bytes, Effort::quick);
  CHECK(full.variants.size() == 9);
  CHECK(quick.variants.size() == 6);
  auto const avif = site.pictures.derive(quick, Format::avif).value();
  REQUIRE(avif.size() == 3);
  add_variants(quick, avif);
  for (std::size_t i = 0; i < full.variants.size(); ++i) {
    CHECK(quick.variants[i].format == full.variants[i].format);
    CHECK(quick.variants[i].width == full.variants[i].width);
    CHECK(quick.variants[i].height == full.variants[i].height);
  }
  CHECK(sniff(site.blobs.read(avif.front().blob).value()) == Format::avif);
  CHECK(size_told_by(site, avif.front()) == std::pair(avif.front().width, avif.front().height));
  CHECK(site.pictures.derive(quick, Format::avif).value().front().blob == avif.front().blob);
  CHECK(site.pictures.derive(quick, Format::gif).error().kind == ErrorKind::broken);
  quick.master.blob = BlobName::of(crypto::sha256("another"));
  CHECK(site.pictures.derive(quick, Format::avif).error().kind == ErrorKind::missing);
}

TEST_CASE("transparency is kept in PNG, WebP and AVIF; an alpha channel that hides nothing is dropped") {
  Site site;
  auto const round = [](int x, int y) -> Colour {
    auto const inside = (x - 50) * (x - 50) + (y - 50) * (y - 50) < 2000;
    return {10, 120, 200, static_cast<std::uint8_t>(inside ? 255 : 0)};
  };
  auto const picture = taken_in(site, png(100, 100, round, true), Effort::full);
  CHECK(picture.has_alpha);
  CHECK(picture.master.format == Format::webp);
  REQUIRE(picture.variants.size() == 3);
  CHECK(picture.variants[0].format == Format::png);
  for (auto const& variant : picture.variants) CHECK(taken_in(site, site.blobs.read(variant.blob).value()).has_alpha);

  auto const opaque = taken_in(site, png(100, 100, scene(100, 100), true));
  CHECK_FALSE(opaque.has_alpha);
  CHECK(opaque.variants[0].format == Format::jpeg);
}

TEST_CASE("each of the eight EXIF orientations comes out upright") {
  Site site;
  int const width = 96;
  int const height = 64;
  auto const upright = scene(width, height);
  auto const expected = taken_in(site, png(width, height, upright));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    bool const swapped = orientation >= 5;
    // Where the stored pixel (x, y) belongs in the upright picture (CIPA DC-008 section 4.6.5, tag Orientation).
    auto const stored = [&](int x, int y) -> Colour {
      switch (orientation) {
        case 2:
          return upright(width - 1 - x, y);
        case 3:
          return upright(width - 1 - x, height - 1 - y);
        case 4:
          return upright(x, height - 1 - y);
        case 5:
          return upright(y, x);
        case 6:
          return upright(width - 1 - y, x);
        case 7:
          return upright(width - 1 - y, height - 1 - x);
        case 8:
          return upright(y, height - 1 - x);
        default:
          return upright(x, y);
      }
    };
    auto const jpeg = site.jpeg_of(swapped ? height : width, swapped ? width : height, stored);
    auto const picture = taken_in(site, with_metadata(jpeg, orientation));
    CHECK(picture.width == width);
    CHECK(picture.height == height);
    CHECK(picture.variants.front().width == width);
    CHECK(bits_apart(picture.perceptual_hash, expected.perceptual_hash) <= 6);
    if (orientation > 1) {
      auto const unturned = taken_in(site, jpeg);
      CHECK(bits_apart(unturned.perceptual_hash, expected.perceptual_hash) > 6);
    }
  }
}

TEST_CASE("no output holds anything of EXIF, GPS, XMP, IPTC, comments, text chunks or profiles") {
  Site site;
  auto const jpeg = with_metadata(site.jpeg_of(300, 400, scene(300, 400)), 6);
  REQUIRE(jpeg.find(kSecretPlace) != std::string::npos);
  auto const text = chunk("tEXt", "Comment\0"s + kSecretPlace) + chunk("eXIf", exif(1).substr(6));
  auto const described = png(400, 300, scene(400, 300), false, text);
  for (auto const& bytes : {jpeg, described}) {
    auto const picture = taken_in(site, bytes, Effort::full);
    CHECK(picture.variants.size() == 6);
    for (auto const& name : blobs_of(picture)) check_free_of_metadata(site.blobs.read(name).value());
  }
}

TEST_CASE("an animated GIF keeps its first frame as stills and moves as WebP") {
  Site site;
  auto const picture = taken_in(site, gif(40, 30, 3));
  CHECK(picture.animated);
  CHECK(picture.width == 40);
  CHECK(picture.height == 30);
  REQUIRE(picture.variants.size() == 3);
  CHECK(picture.dominant_colour == "#ff0000");  // the first frame is red, the second blue
  auto const& moving = picture.variants.back();
  CHECK(moving.animated);
  CHECK(moving.format == Format::webp);
  CHECK(moving.height == 30);
  auto const bytes = site.blobs.read(moving.blob).value();
  CHECK(bytes.find("ANIM") != std::string::npos);  // RFC 9649 section 2.7.1.1
  CHECK(taken_in(site, bytes).animated);

  auto limited = options();
  limited.limits.frames = 2;
  Site strict(limited);
  auto const still = taken_in(strict, gif(40, 30, 3));
  CHECK_FALSE(still.animated);
  CHECK(still.variants.size() == 2);
}

TEST_CASE("the smallest picture and a very tall one are taken in") {
  Site site;
  auto const dot = taken_in(site, png(1, 1, [](int, int) { return Colour{1, 2, 3}; }), Effort::full);
  CHECK(dot.variants.size() == 2);  // too small for AVIF
  auto const tall = taken_in(site, png(20, 20'000, scene(20, 20'000)));
  CHECK(tall.height == 20'000);
  CHECK(tall.master.height == 16'383);  // WebP's limit
  CHECK(tall.variants.size() == 2);
}

TEST_CASE("what is no picture is refused before a worker starts") {
  Site site;
  for (auto const* text : {"", "hello", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.4", "GIF"}) {
    auto const error = site.pictures.take_in_bytes(text).error();
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.message == "media.not_a_picture");
  }
  CHECK(site.pictures.take_in("/nowhere").error().kind == ErrorKind::missing);
  CHECK(site.pictures.take_in("/dev/zero").error().kind == ErrorKind::missing);
  CHECK(site.pictures.take_in(site.folder.path()).error().kind == ErrorKind::missing);
  CHECK(site.pictures.counts().workers_started == 0);
}

TEST_CASE("limits on bytes, pixels and sides are told with their number") {
  auto strict = options();
  strict.limits.bytes = 2'000'000;
  strict.limits.pixels = 1'000'000;
  strict.limits.dimension = 2'000;
  Site site(strict);
  auto const error = site.pictures.take_in_bytes(png(1001, 600, scene(1001, 600)) + std::string(300'000, 'x')).error();
  CHECK(error.message == "media.too_many_bytes");
  CHECK(error.arguments == MessageArguments{{"limit", "2"}});
  auto const grey = [](int width, int height) {  // valid headers are enough: nothing is decoded
    return "\x89PNG\r\n\x1A\n"s +
           chunk("IHDR", big_endian(static_cast<std::uint32_t>(width)) +
                             big_endian(static_cast<std::uint32_t>(height)) + "\x08\0\0\0\0"s) +
           chunk("IDAT", stored_zlib(std::string(1000, '\0'))) + chunk("IEND", "");
  };
  auto const wide = site.pictures.take_in_bytes(grey(1001, 1000)).error();
  CHECK(wide.kind == ErrorKind::invalid);
  CHECK(wide.message == "media.too_many_pixels");
  CHECK(wide.arguments == MessageArguments{{"limit", "1"}});
  CHECK(site.pictures.take_in_bytes(grey(2001, 10)).error().message == "media.too_many_pixels");
  CHECK(site.pictures.take_in_bytes(grey(60'000, 60'000)).error().message == "media.too_many_pixels");
  CHECK(site.pictures.counts().workers_lost == 0);
}

TEST_CASE("a picture that ends too early is refused at an upload and accepted by an import") {
  Site site;
  auto const whole = site.jpeg_of(600, 400, scene(600, 400));
  auto const half = whole.substr(0, whole.size() / 2);
  auto const error = site.pictures.take_in_bytes(half).error();
  CHECK(error.kind == ErrorKind::invalid);
  CHECK(error.message == "media.picture_damaged");
  CHECK(taken_in(site, half, Effort::quick, Damage::accept).width == 600);
  CHECK(site.pictures.counts().workers_lost == 0);
}

TEST_CASE("a picture cut anywhere or with any byte changed is a picture or an error, never the end of the site") {
  Site site;
  std::vector<std::string> const wholes = {with_metadata(site.jpeg_of(60, 40, scene(60, 40)), 6),
                                           png(30, 20, scene(30, 20), true), gif(16, 16, 3)};
  for (auto const& whole : wholes) {
    for (std::size_t i = 0; i < 40; ++i) {
      auto const at = i * whole.size() / 40;
      auto const cut = site.pictures.take_in_bytes(whole.substr(0, at));
      CHECK((cut.ok() || cut.error().kind == ErrorKind::invalid));
      auto changed = whole;
      changed[at] = static_cast<char>(~changed[at]);
      auto const other = site.pictures.take_in_bytes(changed, Effort::quick, Damage::accept);
      CHECK((other.ok() || other.error().kind == ErrorKind::invalid));
    }
  }
  CHECK(site.pictures.take_in_bytes(wholes[0]).ok());
}

TEST_CASE("a worker that crashes over a picture is that picture's error") {
  Site site(options("crash"));
  for (int i = 0; i < 2; ++i) {
    auto const error = site.pictures.take_in_bytes(png(8, 8, scene(8, 8))).error();
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(error.message == "media.picture_unreadable");
  }
  CHECK(site.pictures.counts().workers_lost == 2);
  CHECK(site.pictures.counts().worker_pids.empty());
  CHECK(site.blob_count() == 0);
}

TEST_CASE("a worker that takes too long is killed") {
  auto quick = options("stall");
  quick.limits.time = 50ms;
  Site site(quick);
  auto const error = site.pictures.take_in_bytes(png(8, 8, scene(8, 8))).error();
  CHECK(error.message == "media.picture_unreadable");
  CHECK(site.pictures.counts().workers_lost == 1);
  CHECK(site.pictures.counts().worker_pids.empty());
}

TEST_CASE("a worker that answers nonsense is not believed and not asked again") {
  for (auto const* role : {"lie-count", "lie-place", "lie-html"}) {
    CAPTURE(role);
    Site site(options(role));
    auto const error = site.pictures.take_in_bytes(png(8, 8, scene(8, 8))).error();
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(site.pictures.counts().worker_pids.empty());
    CHECK(site.blob_count() == 0);
  }
}

TEST_CASE("a program that is no worker, or absent, is our fault and not the picture's") {
  for (auto const* program : {"/bin/true", "/nowhere/at/all"}) {
    auto wrong = options();
    wrong.program = program;
    Site site(wrong);
    CHECK(site.pictures.take_in_bytes(png(8, 8, scene(8, 8))).error().kind == ErrorKind::broken);
  }
}

TEST_CASE("after a worker was killed in the middle of a job the next picture gets a new one") {
  auto quick = options();
  quick.limits.time = kSanitized ? 5s : 3s;
  Site site(quick);
  auto const bytes = png(80, 60, scene(80, 60));
  REQUIRE(site.pictures.take_in_bytes(bytes).ok());
  auto const pid = site.pictures.counts().worker_pids.at(0);
  REQUIRE(::kill(pid, SIGSTOP) == 0);  // it takes the job and does not answer in time
  CHECK(site.pictures.take_in_bytes(bytes).error().message == "media.picture_unreadable");
  CHECK(ends_within(pid, 0));
  CHECK(site.pictures.take_in_bytes(bytes).ok());
  CHECK(site.pictures.counts().workers_started == 2);
  CHECK(site.pictures.counts().workers_lost == 1);
}

TEST_CASE("a worker that died while idle is replaced without anyone noticing") {
  Site site;
  auto const bytes = png(80, 60, scene(80, 60));
  REQUIRE(site.pictures.take_in_bytes(bytes).ok());
  auto const pid = site.pictures.counts().worker_pids.at(0);
  REQUIRE(::kill(pid, SIGKILL) == 0);
  REQUIRE(ends_within(pid, 10'000));
  CHECK(site.pictures.take_in_bytes(bytes).ok());
  CHECK(site.pictures.counts().worker_pids.size() == 1);
}

TEST_CASE("workers start at first use, end when idle, when worn, and with the site") {
  auto brief = options();
  brief.idle = 20ms;
  brief.pictures_a_worker = 2;
  int last = 0;
  {
    Site site(brief);
    CHECK(site.pictures.counts().worker_pids.empty());
    auto const bytes = png(80, 60, scene(80, 60));
    REQUIRE(site.pictures.take_in_bytes(bytes).ok());
    auto const started = site.pictures.counts();
    CHECK(started.workers_started >= 1);
    for (int const pid : started.worker_pids) CHECK(ends_within(pid, 20'000));
  }
  brief.idle = 60s;
  {
    Site site(brief);
    auto const bytes = png(80, 60, scene(80, 60));
    for (int i = 0; i < 3; ++i) REQUIRE(site.pictures.take_in_bytes(bytes).ok());
    CHECK(site.pictures.counts().workers_started == 2);
    last = site.pictures.counts().worker_pids.at(0);
  }
  CHECK(ends_within(last, 0));
}

TEST_CASE("a worker dies with its site, even one that could not notice by itself") {
  FolderForTest folder;
  std::ofstream(folder.path() / "picture", std::ios::binary) << png(80, 60, scene(80, 60));
  auto program = test_program().string();
  std::string role = "site";
  auto blobs = (folder.path() / "blobs").string();
  auto picture = (folder.path() / "picture").string();
  std::array<char*, 5> arguments = {program.data(), role.data(), blobs.data(), picture.data(), nullptr};
  std::array<char*, 1> environment = {nullptr};
  std::array<int, 2> pipe = {-1, -1};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  Descriptor const output(pipe[0]);
  Descriptor input(pipe[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), 1);
  pid_t site = -1;
  REQUIRE(::posix_spawn(&site, program.c_str(), &actions, nullptr, arguments.data(), environment.data()) == 0);
  ::posix_spawn_file_actions_destroy(&actions);
  input.close();
  std::array<char, 32> said = {};
  REQUIRE(::read(output.get(), said.data(), said.size() - 1) > 0);
  auto const worker = std::stoi(said.data());
  REQUIRE(::kill(worker, SIGSTOP) == 0);
  REQUIRE(::kill(site, SIGKILL) == 0);
  REQUIRE(::waitpid(site, nullptr, 0) == site);
  CHECK(ends_within(worker, 20'000));
}

TEST_CASE("several workers take pictures of several callers at once, and no more workers than said") {
  auto two = options();
  two.workers = 2;
  Site site(two);
  std::vector<std::thread> callers;
  std::atomic<int> good = 0;
  for (int i = 0; i < 6; ++i)
    callers.emplace_back([&, i] { good += site.pictures.take_in_bytes(png(200 + i, 100, scene(200, 100))).ok(); });
  for (auto& caller : callers) caller.join();
  CHECK(good == 6);
  CHECK(site.pictures.counts().workers_started <= 2);
  CHECK(site.pictures.counts().taken_in == 6);
}

TEST_CASE("when too many wait for a worker the next is told to come later") {
  auto narrow = options("stall");
  narrow.waiting = 0;
  narrow.limits.time = 3s;
  Site site(narrow);
  auto const bytes = png(8, 8, scene(8, 8));
  std::thread first([&] { CHECK(site.pictures.take_in_bytes(bytes).error().kind == ErrorKind::invalid); });
  while (site.pictures.counts().workers_started == 0) std::this_thread::yield();
  auto const error = site.pictures.take_in_bytes(bytes).error();
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK(error.message == "media.busy");
  first.join();
}

TEST_CASE("this process never maps libvips; the worker does, locked down, with nothing but its socket") {
  Site site;
  REQUIRE(site.pictures.take_in_bytes(png(80, 60, scene(80, 60)), Effort::full).ok());
  for (auto const* library : {"libvips", "libheif", "libMagick", "libpoppler", "librsvg"})
    CHECK(content_of("/proc/self/maps").find(library) == std::string::npos);

  auto const worker = "/proc/" + std::to_string(site.pictures.counts().worker_pids.at(0));
  auto const status = content_of(worker + "/status");
  CHECK(status.find("Seccomp:\t2\n") != std::string::npos);
  CHECK(status.find("NoNewPrivs:\t1\n") != std::string::npos);
  std::error_code not_ours;  // the worker is not dumpable: only root sees the rest
  auto const open_files = fs::directory_iterator(worker + "/fd", not_ours);
  if (not_ours) {
    MESSAGE("not root: the worker's descriptors, environment and mappings are not looked at");
    return;
  }
  std::set<std::string> numbers;
  for (auto const& entry : open_files) numbers.insert(entry.path().filename());
  CHECK(numbers == std::set<std::string>{"0", "1", "2", "3"});
  CHECK(content_of(worker + "/environ").find("PATH") == std::string::npos);
  CHECK(fs::read_symlink(worker + "/cwd") == "/");
  CHECK(content_of(worker + "/maps").find("libvips.so") != std::string::npos);
  CHECK(status.find("Uid:\t65534\t65534\t65534\t65534\n") != std::string::npos);
  CHECK(content_of(worker + "/limits").find("Max core file size        0                    0") != std::string::npos);
}

TEST_CASE("after lock-down files stay shut, and sockets, processes and new code are the end") {
  auto const refused = [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; };
  auto const killed = [](int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; };
  CHECK(refused(run_program("forbidden", "nothing")));
  CHECK(refused(run_program("forbidden", "open")));
  CHECK(refused(run_program("forbidden", "write")));
  CHECK_FALSE(fs::exists("/tmp/courant-forbidden"));
  CHECK(killed(run_program("forbidden", "socket")));
  CHECK(killed(run_program("forbidden", "fork")));
  CHECK(killed(run_program("forbidden", "exec")));
  CHECK(killed(run_program("forbidden", "kill")));
  CHECK(killed(run_program("forbidden", "code")));
}

// --- pictures that nobody here made -------------------------------------------------------------------------------

TEST_CASE("photographs of cameras come out upright and without their places") {
  FolderForTest folder;
  auto const data = test_data(folder, "media.tar.zst");
  if (!data) return;
  Site site;
  auto const samples = *data / "exif-samples" / "jpg";
  for (auto const* kind : {"landscape", "portrait"}) {
    auto const first = site.pictures.take_in(samples / "orientation" / (kind + "_1.jpg"s)).value();
    for (int i = 2; i <= 8; ++i) {
      CAPTURE(i);
      auto const file = samples / "orientation" / (kind + "_"s + std::to_string(i) + ".jpg");
      if (!fs::exists(file)) continue;  // some are kept aside
      auto const turned = site.pictures.take_in(file);
      REQUIRE_MESSAGE(turned.ok(), (turned.ok() ? "" : describe(turned.error())));
      CHECK(turned->width == first.width);
      CHECK(turned->height == first.height);
      CHECK(bits_apart(turned->perceptual_hash, first.perceptual_hash) <= 8);
    }
  }
  for (auto const* kind : {"gps", "xmp"})
    for (auto const& file : files_below(samples / kind)) {
      CAPTURE(file.string());
      auto const picture = site.pictures.take_in(file, Effort::quick, Damage::accept);
      REQUIRE(picture.ok());
      for (auto const& name : blobs_of(*picture)) check_free_of_metadata(site.blobs.read(name).value());
    }
}

TEST_CASE("all of PngSuite is taken in but the files made to be wrong") {
  FolderForTest folder;
  auto const data = test_data(folder, "media.tar.zst");
  if (!data) return;
  Site site;
  int good = 0;
  for (auto const& file : files_below(*data / "image-png" / "pngsuite")) {
    CAPTURE(file.string());
    auto const picture = site.pictures.take_in(file);
    if (file.filename().string().starts_with('x'))
      CHECK((picture.ok() || picture.error().kind == ErrorKind::invalid));
    else
      CHECK(picture.ok());
    good += picture.ok();
  }
  CHECK(good > 0);
  CHECK(site.pictures.counts().workers_lost == 0);
}

TEST_CASE("AVIF, HEIC, WebP, GIF, PNG and JPEG of one picture are the same picture") {
  FolderForTest folder;
  auto const data = test_data(folder, "media.tar.zst");
  if (!data) return;
  Site site;
  auto const first = site.pictures.take_in(*data / "mastodon" / "600x400.jpeg").value();
  for (auto const* ending : {"avif", "heic", "webp", "png"}) {
    CAPTURE(ending);
    auto const other = site.pictures.take_in(*data / "mastodon" / ("600x400."s + ending));
    REQUIRE(other.ok());
    CHECK(other->width == 600);
    CHECK(other->height == 400);
    CHECK(bits_apart(other->perceptual_hash, first.perceptual_hash) <= 6);
  }
  CHECK(site.pictures.take_in(*data / "mastodon" / "attachment.gif").ok());

  // The same picture in sRGB and in XYB, whose profile turns it into nonsense unless it is applied.
  auto const plain = site.pictures.take_in(*data / "libvips" / "sample.jpg").value();
  auto const xyb = site.pictures.take_in(*data / "libvips" / "sample-xyb.jpg").value();
  CHECK(xyb.dominant_colour == plain.dominant_colour);
  CHECK(bits_apart(xyb.perceptual_hash, plain.perceptual_hash) <= 4);
}

TEST_CASE("no picture of the collections crashes, hangs or fattens the site") {
  FolderForTest folder;
  auto const data = test_data(folder, "media.tar.zst");
  if (!data) return;
  auto two = options();
  two.workers = 2;
  Site site(two);
  REQUIRE(site.pictures.take_in_bytes(png(80, 60, scene(80, 60))).ok());
  auto const before = resident_bytes();
  std::vector<fs::path> files;
  for (auto const* kind : {"exif-samples", "fuzz-corpora", "image-png", "image-rs", "libvips", "mastodon",
                           "ghost-migrate", "video-generated"})
    std::ranges::move(files_below(*data / kind), std::back_inserter(files));
  std::atomic<std::size_t> next = 0;
  std::atomic<int> good = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i)
    callers.emplace_back([&] {
      for (auto at = next++; at < files.size(); at = next++) {
        auto const picture = site.pictures.take_in(files[at], Effort::quick, Damage::accept);
        good += picture.ok();
        if (!picture && picture.error().kind != ErrorKind::invalid)
          FAIL_CHECK(files[at].string() << ": " << describe(picture.error()));
      }
    });
  for (auto& caller : callers) caller.join();
  MESSAGE(good.load() << " of " << files.size() << " taken in, workers lost: " << site.pictures.counts().workers_lost);
  CHECK(good > 300);
  if (!kSanitized) CHECK(resident_bytes() - before < 16'000'000);
}

TEST_CASE("pictures made to hurt are refused, whatever they unfold to") {
  FolderForTest folder;
  auto const data = test_data(folder, "generated-hostile.tar.zst");
  if (!data) return;
  Site site;
  REQUIRE(site.pictures.take_in_bytes(png(80, 60, scene(80, 60))).ok());
  auto const before = resident_bytes();
  // The JPEG of 65500 was patched in its EXIF thumbnail only, which nobody reads.
  std::set<std::string> const harmless = {"jpeg-exif-xss.jpg", "jpeg-dims-patched-65500x65500.jpg",
                                          "png-trailing-zip.png", "png-ztxt-bomb-64MiB.png"};
  for (auto const* kind : {"image", "svg", "archive", "html"})
    for (auto const& file : files_below(*data / kind)) {
      CAPTURE(file.string());
      auto const picture = site.pictures.take_in(file);
      if (!harmless.contains(file.filename())) CHECK_FALSE(picture.ok());
      if (!picture)
        CHECK(picture.error().kind == ErrorKind::invalid);
      else
        for (auto const& name : blobs_of(*picture)) check_free_of_metadata(site.blobs.read(name).value());
    }
  if (!kSanitized) CHECK(resident_bytes() - before < 16'000'000);

  auto careless = options();  // without a limit on pixels the limits of the process hold
  careless.limits.pixels = 10'000'000'000;
  careless.limits.dimension = 100'000;
  careless.limits.time = 3s;
  Site open(careless);
  for (auto const* name :
       {"png-20000x20000-rgba-valid.png", "jpeg-dims-patched-65500x65500.jpg", "webp-vp8x-16384x16384-empty.webp"}) {
    CAPTURE(name);
    auto const picture = open.pictures.take_in(*data / "image" / name);
    CHECK((picture.ok() || picture.error().kind == ErrorKind::invalid));
  }
  CHECK(open.pictures.take_in_bytes(png(80, 60, scene(80, 60))).ok());
  if (!kSanitized) CHECK(resident_bytes() - before < 32'000'000);
}
