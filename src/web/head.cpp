#include "web/head.hpp"

#include <array>
#include <utility>

namespace courant::web {
namespace {

using Field = std::pair<std::string_view, std::string_view>;

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// SECURITY "Sessions and pages"; on every answer, whatever made it.
constexpr std::array kSafety{
    Field{"Content-Security-Policy", kPolicy},
    Field{"X-Content-Type-Options", "nosniff"},
    Field{"Referrer-Policy", "strict-origin-when-cross-origin"},
    Field{"Permissions-Policy",
          "camera=(), display-capture=(), geolocation=(), microphone=(), "
          "payment=(), usb=()"},
    Field{"Cross-Origin-Opener-Policy", "same-origin"},
    Field{"Cross-Origin-Resource-Policy", "same-origin"},
};
constexpr Field kStrictTransport{"Strict-Transport-Security", "max-age=31536000"};

constexpr std::string_view kVaryPage = "Accept-Encoding, Accept-Language, Cookie";
constexpr std::string_view kVaryFile = "Accept-Encoding";

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string_view cache_control(Caching caching) noexcept {
  switch (caching) {
    case Caching::none:
      return "no-store";
    case Caching::page:
      return "no-cache";
    case Caching::revalidate:
      return "no-cache";
    case Caching::immutable:
      return "public, max-age=31536000, immutable";
  }
  return "no-store";
}

/// A value with a line end would let its author write fields of their own (RFC 9110 section 5.5).
bool may_stand(std::string_view value) noexcept {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

std::string_view content_security_policy() noexcept { return kPolicy; }

std::string write_head(Response const& response, HeadFacts const& facts) {
  std::string head;
  head.reserve(1100);
  head.append("HTTP/1.1 ")
      .append(std::to_string(response.status))
      .append(" ")
      .append(phrase_of(response.status))
      .append("\r\n");
  if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
  if (facts.length) add(head, "Content-Length", std::to_string(*facts.length));
  if (facts.encoding != Encoding::identity) add(head, "Content-Encoding", name_of(facts.encoding));
  if (!facts.etag.empty()) add(head, "ETag", facts.etag);
  auto const usual = [&](Field const& field) {
    if (header_of(response, field.first).empty()) add(head, field.first, field.second);
  };
  usual({"Cache-Control", cache_control(response.caching)});
  if (response.caching == Caching::page) usual({"Vary", kVaryPage});
  if (response.caching == Caching::immutable) usual({"Vary", kVaryFile});
  for (auto const& field : kSafety) usual(field);
  if (facts.transport == Transport::https) usual(kStrictTransport);
  for (auto const& [name, value] : response.headers)
    if (may_stand(name) && may_stand(value)) add(head, name, value);
  return head;
}

std::string not_modified_head(Caching caching, std::string_view etag) {
  std::string head = "HTTP/1.1 304 Not Modified\r\n";
  if (!etag.empty()) add(head, "ETag", etag);
  add(head, "Cache-Control", cache_control(caching));
  if (caching == Caching::page) add(head, "Vary", kVaryPage);
  if (caching == Caching::immutable) add(head, "Vary", kVaryFile);
  return head;
}

std::string_view matching_tag(std::string_view if_none_match, std::string_view content) noexcept {
  if (if_none_match == "*") return if_none_match;
  while (!if_none_match.empty()) {
    auto const open = if_none_match.find('"');
    auto const close = open == std::string_view::npos ? open : if_none_match.find('"', open + 1);
    if (close == std::string_view::npos) return {};
    auto const name = if_none_match.substr(open + 1, close - open - 1);
    bool const same =
        name == content || (name.size() > content.size() && name.starts_with(content) && name[content.size()] == '-');
    if (same && !content.empty()) return if_none_match.substr(open, close - open + 1);
    if_none_match.remove_prefix(close + 1);
  }
  return {};
}

std::string_view phrase_of(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

}  // namespace courant::web
