// The bodies' encodings: gzip (RFC 1952) by libdeflate, br (RFC 7932) by brotli.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::web {

enum class Encoding : std::uint8_t { identity, gzip, brotli };

/// "gzip", "br"; empty for identity.
[[nodiscard]] std::string_view name_of(Encoding encoding) noexcept;
/// The best that an Accept-Encoding field allows (RFC 9110 section 12.5.3). brotli only when gzip is welcome too, so
/// that whoever gets brotli may be given gzip while a page has no better yet.
[[nodiscard]] Encoding best_encoding(std::string_view accept_encoding) noexcept;
/// Text shrinks; pictures and archives do not.
[[nodiscard]] bool worth_compressing(std::string_view content_type, std::size_t bytes) noexcept;

/// How much work compressing may be: a page that is made once, or one that many will read.
enum class Effort : std::uint8_t { quick, thorough };

[[nodiscard]] std::string gzip(std::string_view text, Effort effort);
[[nodiscard]] std::string brotli(std::string_view text);
/// What gzip() made of a text of `bytes` bytes. Error: broken.
[[nodiscard]] Result<std::string> gunzip(std::string_view compressed, std::size_t bytes);

/// A short name of the content, the same on all nodes: 24 hexadecimal digits. Tells versions of one page apart and is
/// no safeguard against forgery.
[[nodiscard]] std::string content_name(std::string_view content);

}  // namespace courant::web
