// What a client asked, without the wire. Views point into the connection's buffers, which outlive the request.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace courant::web {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

[[nodiscard]] Method method_named(std::string_view name) noexcept;
[[nodiscard]] std::string_view name_of(Method method) noexcept;

/// ASCII letters compare without case (RFC 9110 section 5.1: field names).
[[nodiscard]] bool same_without_case(std::string_view a, std::string_view b) noexcept;
/// One cookie's value in a Cookie field (RFC 6265 section 5.4); its data() is null when the cookie is absent.
[[nodiscard]] std::string_view cookie_in(std::string_view cookies, std::string_view name) noexcept;

struct HeaderField {
  std::string_view name;  ///< as sent; compare without case
  std::string_view value;
};

/// A file of a multipart/form-data body, streamed to disk as it came. Deleted with the Body.
struct Upload {
  std::string field;
  std::string file_name;     ///< as the client said: for display only, never a path
  std::string content_type;  ///< as the client said: never trusted
  std::filesystem::path path;
  std::int64_t bytes = 0;
};

/// What came after the head. A multipart form arrives parsed; anything else as text.
class Body {
 public:
  Body() = default;
  Body(Body&&) noexcept = default;
  Body& operator=(Body&&) noexcept = default;
  ~Body();

  std::string text;
  std::vector<std::pair<std::string, std::string>> fields;  ///< of a multipart form, decoded, in order
  std::vector<Upload> uploads;
};

struct Request {
  Method method = Method::get;
  std::string_view target;  ///< origin-form as sent: path and query
  std::string_view path;    ///< still percent-encoded; begins with "/"
  std::string_view query;   ///< without "?"; empty when absent
  std::vector<HeaderField> headers;
  std::string_view client;  ///< the client's address after trusted proxies, without port
  bool https = false;       ///< by TLS here, or as a trusted proxy says
  bool loopback_listener = true;
  Time arrived;
  Body body;
  bool rebuild = false;  ///< the site's own note between answer_now and answer: render anew although a page is kept

  /// The first header of that name (compared without case), or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  /// The value of one cookie, or empty.
  [[nodiscard]] std::string_view cookie(std::string_view name) const noexcept;
  /// A decoded query parameter; nullopt when absent.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;

  /// Filled by the router: the decoded parts of the path that its pattern names.
  std::vector<std::pair<std::string_view, std::string>> path_parts;
  [[nodiscard]] std::string_view part(std::string_view name) const noexcept;
};

}  // namespace courant::web
