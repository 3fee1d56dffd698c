#include <doctest/doctest.h>

#include "media/pictures.hpp"
#include "media/pixels.hpp"

using namespace courant;
using namespace courant::media;
using namespace std::string_view_literals;

namespace {
BlobName blob(std::string_view of) { return BlobName::of(crypto::sha256(of)); }

Picture sample() {
  Picture picture;
  picture.original_sha256 = blob("original").str();
  picture.perceptual_hash = 0xFEDCBA9876543210;
  picture.width = 4000;
  picture.height = 3000;
  picture.dominant_colour = "#12ab90";
  picture.has_alpha = true;
  picture.animated = true;
  picture.master = {Format::webp, 2560, 1920, false, blob("master"), 123'456};
  picture.variants = {{Format::png, 320, 240, false, blob("a"), 1}, {Format::webp, 320, 240, true, blob("b"), 2}};
  return picture;
}
}  // namespace

TEST_CASE("a file is what its first bytes say and nothing else") {
  CHECK(sniff("\xFF\xD8\xFF\xE0"sv) == Format::jpeg);
  CHECK(sniff("\x89PNG\r\n\x1A\n"sv) == Format::png);
  CHECK(sniff("GIF89a"sv) == Format::gif);
  CHECK(sniff("GIF87a"sv) == Format::gif);
  CHECK(sniff("RIFF\x10\0\0\0WEBPVP8L"sv) == Format::webp);
  CHECK(sniff("\0\0\0\x1C"
              "ftypavif\0\0\0\0mif1miaf"sv) == Format::avif);
  CHECK(sniff("\0\0\0\x18"
              "ftypmif1\0\0\0\0mif1avif"sv) == Format::avif);
  CHECK(sniff("\0\0\0\x18"
              "ftypheic\0\0\0\0mif1heic"sv) == Format::heic);
  CHECK(sniff("\0\0\0\x18"
              "ftypmif1\0\0\0\0mif1heic"sv) == Format::heic);
}

TEST_CASE("what is not an accepted picture is not recognised") {
  for (auto const other :
       {""sv, "\xFF\xD8"sv, "<svg xmlns='http://www.w3.org/2000/svg'/>"sv, "%PDF-1.7"sv, "BM6\0\0\0"sv, "II*\0"sv,
        "\0\0\0\x0CjP  \r\n\x87\n"sv, "RIFF\x10\0\0\0WAVEfmt "sv, "RIFF\x10\0\0\0WEBPXXXX"sv,
        "\0\0\0\x18"
        "ftypisom\0\0\0\0mp41mp42"sv,
        "\0\0\0\x10"
        "ftypmif1\0\0\0\0avif"sv,
        "\0\0\0\x04"
        "ftypavif"sv,
        "gimp xcf file"sv,
        "\x8A"
        "MNG\r\n\x1A\n"sv,
        "/* XPM */"sv})
    CHECK_FALSE(sniff(other));
}

TEST_CASE("every format has a word that leads back to it") {
  for (auto const format : {Format::jpeg, Format::png, Format::webp, Format::gif, Format::avif, Format::heic}) {
    CHECK(format_named(name_of(format)) == format);
    CHECK(content_type(format) == "image/" + std::string(name_of(format)));
  }
  CHECK_FALSE(format_named("svg"));
}

TEST_CASE("a picture survives its JSON form") {
  auto const picture = sample();
  auto const text = json::write(to_json(picture));
  CHECK(picture_from_json(json::parse(text).value()).value() == picture);
}

TEST_CASE("JSON that to_json did not write is refused, whichever member is wrong") {
  auto const good = to_json(sample());
  CHECK_FALSE(picture_from_json(json::Value(1)).ok());
  for (auto const& member : good) {
    auto without = good;
    without.erase(member.key());
    CHECK_FALSE(picture_from_json(without).ok());
    auto wrong = good;
    wrong[member.key()] = -1;
    CHECK_FALSE(picture_from_json(wrong).ok());
  }
  auto path = good;
  path["master"].as_object()["blob"] = "../../etc/passwd";
  CHECK_FALSE(picture_from_json(path).ok());
  auto style = good;
  style["dominant_colour"] = "red;x:y";
  CHECK_FALSE(picture_from_json(style).ok());
}

TEST_CASE("added variants take their place in order and replace their like") {
  auto picture = sample();
  add_variants(picture, {{Format::avif, 320, 240, false, blob("c"), 3},
                         {Format::webp, 320, 240, false, blob("d"), 4},
                         {Format::png, 320, 240, false, blob("e"), 5}});
  REQUIRE(picture.variants.size() == 4);
  CHECK(picture.variants[0].blob == blob("e"));
  CHECK(picture.variants[1].blob == blob("d"));
  CHECK(picture.variants[2].blob == blob("b"));
  CHECK(picture.variants[3].blob == blob("c"));
  CHECK(blobs_of(picture).size() == 5);
}

TEST_CASE("a blob that two variants share is named once") {
  auto picture = sample();
  picture.variants[1].blob = picture.variants[0].blob;
  CHECK(blobs_of(picture).size() == 2);
}

TEST_CASE("widths are those wanted that the picture reaches, and its own below the widest") {
  std::array<std::int32_t, 4> const wanted = {320, 640, 960, 1600};
  using Widths = std::vector<std::int32_t>;
  CHECK(widths_for(4000, wanted) == Widths{1600, 960, 640, 320});
  CHECK(widths_for(1600, wanted) == Widths{1600, 960, 640, 320});
  CHECK(widths_for(1000, wanted) == Widths{1000, 960, 640, 320});
  CHECK(widths_for(100, wanted) == Widths{100});
  CHECK(widths_for(1, wanted) == Widths{1});
  CHECK(widths_for(500, {}) == Widths{500});
}

TEST_CASE("the dominant colour is the mean of the fullest box and ignores what is transparent") {
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 60; ++i) bytes.insert(bytes.end(), {200, 16, 32, 255});
  for (int i = 0; i < 20; ++i) bytes.insert(bytes.end(), {0, 255, 0, 255});
  for (int i = 0; i < 120; ++i) bytes.insert(bytes.end(), {0, 0, 255, 0});
  CHECK(dominant_colour({bytes, 20, 10, 4}) == std::array<std::uint8_t, 3>{200, 16, 32});
  std::vector<std::uint8_t> const nothing(16, 0);
  CHECK(dominant_colour({nothing, 2, 2, 4}) == std::array<std::uint8_t, 3>{255, 255, 255});
}

TEST_CASE("the difference hash tells left from right and bears a change of size") {
  auto const slope = [](std::int32_t width, std::int32_t height, bool rising) {
    std::vector<std::uint8_t> bytes;
    for (std::int32_t y = 0; y < height; ++y)
      for (std::int32_t x = 0; x < width; ++x)
        bytes.insert(bytes.end(), 3, static_cast<std::uint8_t>((rising ? x : width - 1 - x) * 255 / width));
    return bytes;
  };
  auto const large = slope(90, 80, true);
  auto const small = slope(45, 16, true);
  auto const mirrored = slope(90, 80, false);
  CHECK(difference_hash({large, 90, 80, 3}) == ~std::uint64_t{0});
  CHECK(difference_hash({small, 45, 16, 3}) == ~std::uint64_t{0});
  CHECK(difference_hash({mirrored, 90, 80, 3}) == 0);
  std::vector<std::uint8_t> const one = {1, 2, 3};
  CHECK(difference_hash({one, 1, 1, 3}) == 0);
}

TEST_CASE("one transparent pixel makes a picture transparent") {
  std::vector<std::uint8_t> bytes(40, 255);
  CHECK_FALSE(is_transparent({bytes, 5, 2, 4}));
  bytes[39] = 254;
  CHECK(is_transparent({bytes, 5, 2, 4}));
  CHECK_FALSE(is_transparent({{bytes.data(), 30}, 5, 2, 3}));
}
