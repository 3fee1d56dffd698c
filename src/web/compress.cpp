#include "web/compress.hpp"

#include <brotli/encode.h>
#include <fmt/format.h>
#include <libdeflate.h>

#include <memory>

#include "base/crypto.hpp"
#include "web/request.hpp"

namespace courant::web {

std::string_view name_of(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::gzip:
      return "gzip";
    case Encoding::brotli:
      return "br";
    case Encoding::identity:
      break;
  }
  return {};
}

namespace {

/// "q=0", "q=0.0": not wanted.
bool refused(std::string_view parameters) noexcept {
  auto const at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  for (char const c : parameters.substr(at + 2))
    if (c >= '1' && c <= '9') return false;
  return true;
}

}  // namespace

Encoding best_encoding(std::string_view accept_encoding) noexcept {
  bool gzip = false;
  bool brotli = false;
  while (!accept_encoding.empty()) {
    auto const comma = accept_encoding.find(',');
    auto item = accept_encoding.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    auto const semicolon = item.find(';');
    auto name = item.substr(0, semicolon);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    bool const wanted = semicolon == std::string_view::npos || !refused(item.substr(semicolon));
    if (same_without_case(name, "gzip") || same_without_case(name, "x-gzip")) gzip = wanted;
    if (same_without_case(name, "br")) brotli = wanted;
    if (comma == std::string_view::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return !gzip ? Encoding::identity : brotli ? Encoding::brotli : Encoding::gzip;
}

bool worth_compressing(std::string_view content_type, std::size_t bytes) noexcept {
  constexpr std::size_t kSmallest = 256;  // below it the frame eats the gain
  auto const type = content_type.substr(0, content_type.find(';'));
  return bytes >= kSmallest && (type.starts_with("text/") || type.ends_with("xml") || type.ends_with("json") ||
                                type == "application/javascript" || type == "image/svg+xml");
}

namespace {

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
using Compressor = std::unique_ptr<libdeflate_compressor, FreeCompressor>;

std::string gzip_with(libdeflate_compressor* compressor, std::string_view text) {
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  out.shrink_to_fit();
  return out;
}

}  // namespace

std::string gzip(std::string_view text, Effort effort) {
  if (effort == Effort::thorough) return gzip_with(Compressor(libdeflate_alloc_compressor(6)).get(), text);
  thread_local Compressor const quick(libdeflate_alloc_compressor(1));
  return gzip_with(quick.get(), text);
}

std::string brotli(std::string_view text) {
  constexpr int kQuality = 5;
  constexpr int kWindowBits = 18;  // 256 KiB: more than a page, little memory
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(kQuality, kWindowBits, BROTLI_MODE_TEXT, text.size(),
                            reinterpret_cast<std::uint8_t const*>(text.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_FALSE)
    return {};
  out.resize(size);
  out.shrink_to_fit();
  return out;
}

Result<std::string> gunzip(std::string_view compressed, std::size_t bytes) {
  struct FreeDecompressor {
    void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
  };
  std::unique_ptr<libdeflate_decompressor, FreeDecompressor> const decompressor(libdeflate_alloc_decompressor());
  std::string out(bytes, '\0');
  std::size_t made = 0;
  auto const result = libdeflate_gzip_decompress(decompressor.get(), compressed.data(), compressed.size(), out.data(),
                                                 out.size(), &made);
  if (result != LIBDEFLATE_SUCCESS || made != bytes) return broken("a kept page does not decompress");
  return out;
}

std::string content_name(std::string_view content) {
  return fmt::format("{:016x}{:08x}", crypto::quick_hash(content), libdeflate_crc32(0, content.data(), content.size()));
}

}  // namespace courant::web
