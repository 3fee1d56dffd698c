// Writes heads: the status line and the fields that every answer carries.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "web/compress.hpp"
#include "web/response.hpp"

namespace courant::web {

/// Whether browsers reach us by https: then they are told to stay with it (RFC 6797).
enum class Transport : std::uint8_t { http, https };

struct HeadFacts {
  Transport transport = Transport::http;
  Encoding encoding = Encoding::identity;
  std::string_view etag;              ///< with its quotes; empty: none
  std::optional<std::size_t> length;  ///< of the body; nullopt: net says it
};

/// The head as Reply::head wants it. A field that the response brings itself replaces the usual one of that name.
[[nodiscard]] std::string write_head(Response const& response, HeadFacts const& facts);
/// The head of 304 Not Modified (RFC 9110 section 15.4.5).
[[nodiscard]] std::string not_modified_head(Caching caching, std::string_view etag);
/// Whether an If-None-Match field names `content` (RFC 9110 section 13.1.2); `content` is the name inside our tags,
/// which stand as "name-encoding". Gives the tag that matched, with quotes, "*" for any; empty when none does.
[[nodiscard]] std::string_view matching_tag(std::string_view if_none_match, std::string_view content) noexcept;

[[nodiscard]] std::string_view phrase_of(int status) noexcept;
[[nodiscard]] std::string_view content_security_policy() noexcept;

}  // namespace courant::web
