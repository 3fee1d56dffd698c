// Addresses that strangers name: a checked type. Only http, https and mailto exist; everything else is refused.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::text {

inline constexpr std::size_t kMaximalUrlBytes = 4096;

/// An absolute address in normal form (WHATWG URL for these schemes): lower-case scheme and host, IDNA in ASCII, no
/// default port, dot segments resolved, all of it printable ASCII without spaces, quotes or angle brackets.
class Url {
 public:
  enum class Scheme : std::uint8_t { http, https, mailto };

  /// An absolute http, https or mailto address. White space around it is ignored; tab and newline inside, control
  /// characters, credentials and empty hosts are refused. Error: invalid, text.url_*.
  static Result<Url> parse(std::string_view text);
  /// As above, where a relative address, "//host/path", "?query" or "#fragment" is resolved against `base`
  /// (http/https).
  static Result<Url> parse(std::string_view text, Url const& base);

  [[nodiscard]] Scheme scheme() const { return scheme_; }
  [[nodiscard]] bool is_web() const { return scheme_ != Scheme::mailto; }
  [[nodiscard]] std::string const& str() const { return text_; }
  [[nodiscard]] std::string_view host() const;      ///< without brackets; empty for mailto
  [[nodiscard]] std::uint16_t port() const;         ///< the default one when none is named; 0 for mailto
  [[nodiscard]] std::string_view path() const;      ///< percent-encoded, begins with '/'; for mailto the address
  [[nodiscard]] std::string_view query() const;     ///< without '?'
  [[nodiscard]] std::string_view fragment() const;  ///< without '#'
  [[nodiscard]] std::string origin() const;         ///< "https://host" or "https://host:8443"; empty for mailto

  friend bool operator==(Url const& a, Url const& b) { return a.text_ == b.text_; }

 private:
  Scheme scheme_ = Scheme::https;
  std::string text_;
  std::uint32_t host_begin_ = 0, host_end_ = 0, path_begin_ = 0, path_end_ = 0, query_end_ = 0;
  std::uint16_t port_ = 0;

  friend class UrlReader;
};

/// A path on this site with its query and fragment ("/a/17/title?page=2#c-note"), in normal form. Refused: "//host", a
/// backslash, control characters, dot segments that climb out. For `next=`, own links and /media/ pictures.
/// Error: invalid, text.url_*.
[[nodiscard]] Result<std::string> parse_own_path(std::string_view text);

}  // namespace courant::text
