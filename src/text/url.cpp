#include "text/url.hpp"

#include <arpa/inet.h>
#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "text/utf8.hpp"

namespace courant::text {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trim_controls_and_spaces(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

/// The scheme's name without ":", or nothing when the text has none.
std::string_view scheme_of(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return {};
  for (std::size_t at = 1; at < text.size(); ++at) {
    char const c = text[at];
    if (c == ':') return text.substr(0, at);
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return {};
  }
  return {};
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == y; });
}

/// Stays as it is in path, query and fragment. Stricter than the standard's percent-encode sets, so that what comes out
/// is also a valid URL string and safe in any quoting.
bool is_kept(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("-._~!$&()*+,;=:@/?").find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    char const c = text[at];
    bool const escape = c == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2]);
    if (escape || is_kept(c)) {
      out += c;
    } else {
      auto const byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

/// "." and "%2e" are the same in a dot segment (WHATWG URL, "double-dot URL path segment").
std::size_t dots_of(std::string_view segment) {
  std::size_t dots = 0;
  while (!segment.empty()) {
    if (segment[0] == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' && lower(segment[2]) == 'e') {
      segment.remove_prefix(3);
    } else {
      return 0;
    }
    ++dots;
  }
  return dots <= 2 ? dots : 0;
}

enum class Climbing { clamp, refuse };

/// Appends the path without dot segments. REQUIRES: path begins with '/'. False when it climbs out and may not.
bool append_path(std::string& out, std::string_view path, Climbing climbing) {
  std::size_t const root = out.size();
  while (!path.empty()) {
    path.remove_prefix(1);
    std::size_t const end = std::min(path.find('/'), path.size());
    std::string_view const segment = path.substr(0, end);
    bool const last = end == path.size();
    std::size_t const dots = dots_of(segment);
    if (dots == 2) {
      if (out.size() == root && climbing == Climbing::refuse) return false;
      if (out.size() > root) out.resize(out.rfind('/'));
      if (last) out += '/';
    } else if (dots == 1) {
      if (last) out += '/';
    } else {
      out += '/';
      append_encoded(out, segment);
    }
    path.remove_prefix(end);
  }
  if (out.size() == root) out += '/';
  return true;
}

std::string percent_decoded(std::string_view text) {
  auto const value = [](char c) { return is_digit(c) ? c - '0' : lower(c) - 'a' + 10; };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) {
      out += static_cast<char>(value(text[at + 1]) << 4 | value(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

/// UTS #46 ToASCII, nontransitional, as the WHATWG's "domain to ASCII" asks.
Result<std::string> domain_to_ascii(std::string const& host) {
  static UIDNA* const idna = [] {
    UErrorCode status = U_ZERO_ERROR;
    return uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
  }();
  if (!idna) return broken("ICU has no UTS 46 data");
  std::array<char, 512> buffer;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t const length =
      uidna_nameToASCII_UTF8(idna, host.data(), static_cast<std::int32_t>(host.size()), buffer.data(),
                             static_cast<std::int32_t>(buffer.size()), &info, &status);
  if (U_FAILURE(status) || info.errors != 0) return invalid("text.url_host", "IDNA");
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

bool is_host_character(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_'; }

/// A last label of digits (or 0x…) means an IPv4 address, which we take in dotted decimal only: browsers also read
/// octal, hexadecimal and short forms, and such a disguise is refused here.
bool is_acceptable_if_ipv4(std::string const& host) {
  std::string_view label = host;
  if (label.ends_with('.')) label.remove_suffix(1);
  label = label.substr(label.rfind('.') + 1);
  bool const number = std::all_of(label.begin(), label.end(), is_digit) ||
                      (label.starts_with("0x") && std::all_of(label.begin() + 2, label.end(), is_hex));
  if (!number) return true;
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool has_good_labels(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 253) return false;
  while (true) {
    std::size_t const dot = std::min(host.find('.'), host.size());
    if (dot == 0 || dot > 63) return false;
    if (dot == host.size()) return true;
    host.remove_prefix(dot + 1);
  }
}

Result<std::string> normal_ipv6(std::string_view inside) {
  in6_addr address;
  std::array<char, INET6_ADDRSTRLEN> text;
  if (inet_pton(AF_INET6, std::string(inside).c_str(), &address) != 1 ||
      !inet_ntop(AF_INET6, &address, text.data(), text.size()))
    return invalid("text.url_host", "IPv6");
  return "[" + std::string(text.data()) + "]";
}

Result<std::string> normal_host(std::string_view written) {
  if (written.starts_with('[') && written.ends_with(']')) return normal_ipv6(written.substr(1, written.size() - 2));
  std::string host = percent_decoded(written);
  std::transform(host.begin(), host.end(), host.begin(), lower);
  bool const ascii = std::all_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii || host.find("xn--") != std::string::npos) host = TRY(domain_to_ascii(host));
  if (!std::all_of(host.begin(), host.end(), is_host_character) || !has_good_labels(host) ||
      !is_acceptable_if_ipv4(host))
    return invalid("text.url_host");
  return host;
}

/// 0 for no port or an empty one.
Result<std::uint16_t> read_port(std::string_view text) {
  if (text.empty()) return std::uint16_t{0};
  std::uint16_t port = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return invalid("text.url_port");
  return port;
}

/// "dir/file" of "/a/b?x" is "/a/dir/file".
std::string merged_path(std::string_view base_path, std::string_view relative) {
  return std::string(base_path.substr(0, base_path.rfind('/') + 1)).append(relative);
}

struct Parts {
  std::string_view path, query, fragment;
  bool has_query = false, has_fragment = false;
};

Parts split(std::string_view rest) {
  Parts parts;
  if (auto const hash = rest.find('#'); hash != std::string_view::npos) {
    parts.fragment = rest.substr(hash + 1);
    parts.has_fragment = true;
    rest = rest.substr(0, hash);
  }
  if (auto const mark = rest.find('?'); mark != std::string_view::npos) {
    parts.query = rest.substr(mark + 1);
    parts.has_query = true;
    rest = rest.substr(0, mark);
  }
  parts.path = rest;
  return parts;
}

}  // namespace

/// Builds a Url from its parts; the only one who writes into it.
class UrlReader {
 public:
  /// `rest` is what follows "http:" or "https:" and its slashes.
  Result<Url> web(Url::Scheme scheme, std::string_view rest) {
    url_.scheme_ = scheme;
    url_.text_ = scheme == Url::Scheme::https ? "https://" : "http://";
    std::size_t const authority_end = std::min(rest.find_first_of("/?#\\"), rest.size());
    TRY(authority(rest.substr(0, authority_end)));
    return tail(rest.substr(authority_end), Climbing::clamp);
  }

  Result<Url> mail(std::string_view rest) {
    Parts const parts = split(rest);
    if (parts.path.empty() || parts.path.find_first_of("/\\") != std::string_view::npos) {
      return invalid("text.url_host", "mailto without an address");
    }
    url_.scheme_ = Url::Scheme::mailto;
    url_.text_ = "mailto:";
    url_.host_begin_ = url_.host_end_ = url_.path_begin_ = size();
    append_encoded(url_.text_, parts.path);
    url_.path_end_ = size();
    add_query(parts);
    return finish();
  }

  /// `base` with another path, query and fragment.
  Result<Url> relative(Url const& base, std::string_view reference) {
    url_ = base;
    if (reference.starts_with('/') || reference.starts_with('\\')) {
      url_.text_.resize(base.path_begin_);
      return tail(reference, Climbing::clamp);
    }
    Parts const parts = split(reference);
    if (!parts.path.empty()) {
      std::string const path = merged_path(base.path(), reference);
      url_.text_.resize(base.path_begin_);
      return tail(path, Climbing::clamp);
    }
    url_.text_.resize(parts.has_query ? base.path_end_ : base.query_end_);
    if (parts.has_query) {
      add_query(parts);
    } else {
      add_fragment(parts);
    }
    return finish();
  }

 private:
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(url_.text_.size()); }

  Done authority(std::string_view text) {
    if (text.find('@') != std::string_view::npos) return invalid("text.url_credentials");
    std::size_t const bracket = text.rfind(']');
    std::size_t const colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    std::string const host = TRY(normal_host(text.substr(0, colon)));
    std::uint16_t const standard = url_.scheme_ == Url::Scheme::https ? 443 : 80;
    std::uint16_t const named =
        colon == std::string_view::npos ? std::uint16_t{0} : TRY(read_port(text.substr(colon + 1)));
    url_.host_begin_ = size();
    url_.text_ += host;
    url_.host_end_ = size();
    url_.port_ = named ? named : standard;
    if (url_.port_ != standard) url_.text_ += ":" + std::to_string(url_.port_);
    return {};
  }

  /// The path (which may be empty), query and fragment. A backslash in the path is a slash, as browsers read it.
  Result<Url> tail(std::string_view text, Climbing climbing) {
    Parts const parts = split(text);
    std::string path = parts.path.empty() ? std::string("/") : std::string(parts.path);
    std::replace(path.begin(), path.end(), '\\', '/');
    url_.path_begin_ = size();
    append_path(url_.text_, path, climbing);
    url_.path_end_ = size();
    add_query(parts);
    return finish();
  }

  void add_query(Parts const& parts) {
    if (parts.has_query) {
      url_.text_ += '?';
      append_encoded(url_.text_, parts.query);
    }
    url_.query_end_ = size();
    add_fragment(parts);
  }

  void add_fragment(Parts const& parts) {
    if (!parts.has_fragment) return;
    url_.text_ += '#';
    append_encoded(url_.text_, parts.fragment);
  }

  Result<Url> finish() {
    if (url_.text_.size() > kMaximalUrlBytes) return invalid("text.url_too_long");
    return std::move(url_);
  }

  Url url_;
};

namespace {

Result<std::string_view> checked_text(std::string_view text) {
  text = trim_controls_and_spaces(text);
  if (text.empty()) return invalid("text.url_empty");
  if (text.size() > kMaximalUrlBytes) return invalid("text.url_too_long");
  if (has_control(text)) return invalid("text.url_control");
  return text;
}

/// After "http:": slashes of either kind, as many as there are (WHATWG, "special authority ignore slashes state").
Result<Url> parse_web(Url::Scheme scheme, std::string_view rest) {
  std::size_t const begin = rest.find_first_not_of("/\\");
  if (begin == 0 || begin == std::string_view::npos) return invalid("text.url_host");
  return UrlReader().web(scheme, rest.substr(begin));
}

Result<Url> parse_with_scheme(std::string_view scheme, std::string_view text) {
  std::string_view const rest = text.substr(scheme.size() + 1);
  if (equals_ignoring_case(scheme, "https")) return parse_web(Url::Scheme::https, rest);
  if (equals_ignoring_case(scheme, "http")) return parse_web(Url::Scheme::http, rest);
  if (equals_ignoring_case(scheme, "mailto")) return UrlReader().mail(rest);
  return invalid("text.url_scheme");
}

bool begins_with_two_slashes(std::string_view text) {
  auto const slash = [](char c) { return c == '/' || c == '\\'; };
  return text.size() >= 2 && slash(text[0]) && slash(text[1]);
}

}  // namespace

Result<Url> Url::parse(std::string_view written) {
  std::string_view const text = TRY(checked_text(written));
  std::string_view const scheme = scheme_of(text);
  if (scheme.empty()) return invalid("text.url_relative");
  return parse_with_scheme(scheme, text);
}

Result<Url> Url::parse(std::string_view written, Url const& base) {
  if (trim_controls_and_spaces(written).empty()) return UrlReader().relative(base, {});
  std::string_view const text = TRY(checked_text(written));
  std::string_view const scheme = scheme_of(text);
  if (!scheme.empty()) return parse_with_scheme(scheme, text);
  if (!base.is_web()) return invalid("text.url_relative");
  if (begins_with_two_slashes(text)) return parse_web(base.scheme(), text);
  return UrlReader().relative(base, text);
}

std::string_view Url::host() const {
  std::string_view host = std::string_view(text_).substr(host_begin_, host_end_ - host_begin_);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return host;
}

std::uint16_t Url::port() const { return port_; }

std::string_view Url::path() const { return std::string_view(text_).substr(path_begin_, path_end_ - path_begin_); }

std::string_view Url::query() const {
  if (query_end_ <= path_end_) return {};
  return std::string_view(text_).substr(path_end_ + 1, query_end_ - path_end_ - 1);
}

std::string_view Url::fragment() const {
  if (text_.size() <= query_end_) return {};
  return std::string_view(text_).substr(query_end_ + 1);
}

std::string Url::origin() const { return is_web() ? text_.substr(0, path_begin_) : std::string(); }

Result<std::string> parse_own_path(std::string_view text) {
  if (text.size() > kMaximalUrlBytes) return invalid("text.url_too_long");
  if (has_control(text)) return invalid("text.url_control");
  Parts const parts = split(text);
  if (!parts.path.starts_with('/') || parts.path.starts_with("//") || parts.path.find('\\') != std::string_view::npos) {
    return invalid("text.url_own_path");
  }
  std::string out;
  if (!append_path(out, parts.path, Climbing::refuse) || out.starts_with("//")) return invalid("text.url_own_path");
  if (parts.has_query) append_encoded(out += '?', parts.query);
  if (parts.has_fragment) append_encoded(out += '#', parts.fragment);
  if (out.size() > kMaximalUrlBytes) return invalid("text.url_too_long");
  return out;
}

}  // namespace courant::text
