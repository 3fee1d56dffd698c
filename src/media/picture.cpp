// A picture as plain data: names, order, and the form it has in a row.
#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "media/pictures.hpp"

namespace courant::media {
namespace {

struct FormatWords {
  Format format;
  std::string_view name;
  std::string_view content_type;
};

constexpr std::array<FormatWords, 6> kFormats = {{{Format::jpeg, "jpeg", "image/jpeg"},
                                                  {Format::png, "png", "image/png"},
                                                  {Format::webp, "webp", "image/webp"},
                                                  {Format::gif, "gif", "image/gif"},
                                                  {Format::avif, "avif", "image/avif"},
                                                  {Format::heic, "heic", "image/heic"}}};

json::Object variant_to_json(Variant const& variant) {
  return {{"format", name_of(variant.format)}, {"width", variant.width},     {"height", variant.height},
          {"animated", variant.animated},      {"blob", variant.blob.str()}, {"bytes", variant.bytes}};
}

Error unknown_form() { return broken("a picture's JSON is not what to_json writes"); }

Result<std::int64_t> number(json::Object const& object, std::string_view key, std::int64_t largest) {
  auto const* value = object.if_contains(key);
  if (!value || !value->is_int64() || value->get_int64() < 0 || value->get_int64() > largest) return unknown_form();
  return value->get_int64();
}

Result<bool> yes_or_no(json::Object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  if (!value || !value->is_bool()) return unknown_form();
  return value->get_bool();
}

Result<Variant> variant_from_json(json::Value const* value) {
  if (!value || !value->is_object()) return unknown_form();
  auto const& object = value->get_object();
  auto const format = format_named(json::string_or_empty(object, "format"));
  auto blob = BlobName::parse(json::string_or_empty(object, "blob"));
  if (!format || !blob) return unknown_form();
  Variant variant;
  variant.format = *format;
  variant.width = static_cast<std::int32_t>(TRY(number(object, "width", INT32_MAX)));
  variant.height = static_cast<std::int32_t>(TRY(number(object, "height", INT32_MAX)));
  variant.animated = TRY(yes_or_no(object, "animated"));
  variant.blob = *std::move(blob);
  variant.bytes = TRY(number(object, "bytes", INT64_MAX));
  return variant;
}

Result<std::uint64_t> hash_from_hex(std::string_view text) {
  std::uint64_t hash = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size()) return unknown_form();
  return hash;
}

bool is_colour(std::string_view text) {
  return text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

auto place_of(Variant const& variant) { return std::tuple(variant.format, variant.animated, variant.width); }

}  // namespace

std::string_view name_of(Format format) { return kFormats[static_cast<std::size_t>(format)].name; }

std::string_view content_type(Format format) { return kFormats[static_cast<std::size_t>(format)].content_type; }

std::optional<Format> format_named(std::string_view name) {
  for (auto const& words : kFormats)
    if (words.name == name) return words.format;
  return std::nullopt;
}

json::Object to_json(Picture const& picture) {
  json::Array variants;
  for (auto const& variant : picture.variants) variants.push_back(variant_to_json(variant));
  return {{"original_sha256", picture.original_sha256},
          {"perceptual_hash", fmt::format("{:016x}", picture.perceptual_hash)},
          {"width", picture.width},
          {"height", picture.height},
          {"dominant_colour", picture.dominant_colour},
          {"has_alpha", picture.has_alpha},
          {"animated", picture.animated},
          {"master", variant_to_json(picture.master)},
          {"variants", std::move(variants)}};
}

Result<Picture> picture_from_json(json::Value const& value) {
  if (!value.is_object()) return unknown_form();
  auto const& object = value.get_object();
  Picture picture;
  auto const original = BlobName::parse(json::string_or_empty(object, "original_sha256"));
  picture.dominant_colour = json::string_or_empty(object, "dominant_colour");
  auto const* variants = object.if_contains("variants");
  if (!original || !is_colour(picture.dominant_colour) || !variants || !variants->is_array()) return unknown_form();
  picture.original_sha256 = original->str();
  picture.perceptual_hash = TRY(hash_from_hex(json::string_or_empty(object, "perceptual_hash")));
  picture.width = static_cast<std::int32_t>(TRY(number(object, "width", INT32_MAX)));
  picture.height = static_cast<std::int32_t>(TRY(number(object, "height", INT32_MAX)));
  picture.has_alpha = TRY(yes_or_no(object, "has_alpha"));
  picture.animated = TRY(yes_or_no(object, "animated"));
  picture.master = TRY(variant_from_json(object.if_contains("master")));
  for (auto const& variant : variants->get_array()) picture.variants.push_back(TRY(variant_from_json(&variant)));
  return picture;
}

void add_variants(Picture& picture, std::vector<Variant> more) {
  for (auto& variant : more) {
    auto const at = std::ranges::lower_bound(picture.variants, place_of(variant), {}, place_of);
    if (at != picture.variants.end() && place_of(*at) == place_of(variant))
      *at = std::move(variant);
    else
      picture.variants.insert(at, std::move(variant));
  }
}

std::vector<BlobName> blobs_of(Picture const& picture) {
  std::vector<BlobName> names;
  if (picture.master.blob) names.push_back(picture.master.blob);
  for (auto const& variant : picture.variants) names.push_back(variant.blob);
  std::ranges::sort(names);
  auto const [first, last] = std::ranges::unique(names);
  names.erase(first, last);
  return names;
}

}  // namespace courant::media
