#include "net/head.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <cstring>

#include "net/words.hpp"

namespace courant::net {
namespace {

namespace http = boost::beast::http;

// A body of an exabyte is nobody's; 18 digits also cannot overflow.
constexpr std::size_t kMostLengthDigits = 18;

/// 0 when the line can be a request line of HTTP/1.0 or 1.1. The details are the parser's.
int request_line_refusal(std::string_view line) {
  auto const last_space = line.rfind(' ');
  if (last_space == std::string_view::npos) return 400;  // HTTP/0.9 among them
  auto const version = line.substr(last_space + 1);
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return 0;
  bool const other_version = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                             version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
  return other_version ? 505 : 400;
}

bool is_target_character(char c) { return c > 0x20 && c < 0x7f && c != '#'; }

/// Only origin-form (RFC 9112 section 3.2.1): this server is no proxy, and an absolute target beside a Host header is
/// a second opinion about the host.
bool is_origin_form(std::string_view target) {
  return target.starts_with('/') && std::all_of(target.begin(), target.end(), is_target_character);
}

/// uri-host [":" port] (RFC 9110 section 7.2), as far as characters go; empty is allowed by the grammar.
bool is_host(std::string_view host) {
  return host.size() <= 261 && std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  std::string_view("-._~:[]%!$&'()*+;=").find(c) != std::string_view::npos;
         });
}

class HeadParser final : public http::basic_parser<true> {
 public:
  HeadParser(web::Request& request, HeadFacts& facts) : request_(request), facts_(facts) {
    header_limit(kMostHeadBytes + 1);
    body_limit(boost::none);
    skip(true);  // bodies are read by us, see chunked.hpp
  }

  /// What the single headers cannot say alone.
  int verdict() {
    if (refusal_ != 0) return refusal_;
    bool const http11 = facts_.minor_version == 1;
    if (hosts_ > 1 || (http11 && hosts_ == 0)) return 400;
    if (lengths_ > 1 || transfer_encodings_ > 1) return 400;
    if (transfer_encodings_ == 1) {
      // RFC 9112 section 6.1: both together is an attack or an error, and HTTP/1.0 knows no transfer coding.
      if (lengths_ != 0 || !http11) return 400;
      facts_.framing = Framing::chunked;
    } else if (lengths_ == 1 && facts_.length > 0) {
      facts_.framing = Framing::length;
    }
    facts_.keep_alive = !close_ && (http11 || keep_alive_);
    if (!http11) facts_.expects_continue = false;  // RFC 9110 section 10.1.1
    return 0;
  }

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  static std::string_view ours(string_view text) { return {text.data(), text.size()}; }

  void refuse(int status, error_code& error) {
    refusal_ = status;
    error = http::error::bad_value;
  }

  void on_request_impl(http::verb verb, string_view method, string_view target, int version,
                       error_code& error) override {
    facts_.method = ours(method);
    facts_.minor_version = version - 10;
    switch (verb) {
      case http::verb::get:
        request_.method = web::Method::get;
        break;
      case http::verb::head:
        request_.method = web::Method::head;
        break;
      case http::verb::post:
        request_.method = web::Method::post;
        break;
      case http::verb::put:
        request_.method = web::Method::put;
        break;
      case http::verb::patch:
        request_.method = web::Method::patch;
        break;
      case http::verb::delete_:
        request_.method = web::Method::del;
        break;
      case http::verb::options:
        request_.method = web::Method::options;
        break;
      default:
        request_.method = web::Method::other;
        break;
    }
    request_.target = ours(target);
    if (!is_origin_form(request_.target)) return refuse(400, error);
    auto const question = request_.target.find('?');
    request_.path = request_.target.substr(0, question);
    request_.query = question == std::string_view::npos ? std::string_view{} : request_.target.substr(question + 1);
  }

  void on_field_impl(http::field field, string_view name, string_view raw_value, error_code& error) override {
    auto const value = ours(raw_value);
    request_.headers.push_back({ours(name), value});
    switch (field) {
      case http::field::host:
        ++hosts_;
        if (!is_host(value)) refuse(400, error);
        break;
      case http::field::content_length:
        return read_length(value, error);
      case http::field::transfer_encoding:
        ++transfer_encodings_;
        // RFC 9112 section 6.1: 501 for a coding that is not understood.
        if (!same_word(value, "chunked")) refuse(501, error);
        break;
      case http::field::connection:
        for (auto list = value; !list.empty();) {
          auto const option = take_element(list);
          close_ = close_ || same_word(option, "close");
          keep_alive_ = keep_alive_ || same_word(option, "keep-alive");
        }
        break;
      case http::field::expect:
        facts_.expects_continue = same_word(value, "100-continue");
        if (!facts_.expects_continue) refuse(417, error);
        break;
      default:
        break;
    }
  }

  void read_length(std::string_view value, error_code& error) {
    ++lengths_;
    bool const digits = !value.empty() && value.size() <= kMostLengthDigits &&
                        std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return refuse(400, error);
    std::from_chars(value.data(), value.data() + value.size(), facts_.length);
  }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  web::Request& request_;
  HeadFacts& facts_;
  int refusal_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;
  int transfer_encodings_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
};

}  // namespace

HeadScan::State HeadScan::refuse(int status) {
  refusal_ = status;
  return State::refused;
}

HeadScan::State HeadScan::look(std::string_view bytes) {
  for (;;) {
    // Not the first letter of a method: TLS on a plain port, most often.
    bool const begun = lines_ == 0 && bytes.size() > begin_ && (begin_ != 0 || bytes[0] != '\r');
    if (begun && !is_token_character(bytes[begin_])) return refuse(400);
    auto const from = std::max(seen_, line_);
    auto const* found = from < bytes.size()
                            ? static_cast<char const*>(std::memchr(bytes.data() + from, '\n', bytes.size() - from))
                            : nullptr;
    if (found == nullptr) {
      seen_ = bytes.size();
      if (lines_ == 0 && bytes.size() - begin_ > kMostRequestLineBytes) return refuse(414);
      return bytes.size() - begin_ >= kMostHeadBytes ? refuse(431) : State::incomplete;
    }
    auto const feed = static_cast<std::size_t>(found - bytes.data());
    if (feed == line_ || bytes[feed - 1] != '\r') return refuse(400);  // a bare line feed ends no line here
    auto const line = bytes.substr(line_, feed - 1 - line_);
    line_ = feed + 1;
    if (line.empty()) {
      if (lines_ != 0) return line_ - begin_ > kMostHeadBytes ? refuse(431) : State::complete;
      if (begin_ != 0) return refuse(400);
      begin_ = line_;  // RFC 9112 section 2.2: one empty line before the request line is ignored
      continue;
    }
    if (lines_ == 0) {
      if (line.size() > kMostRequestLineBytes) return refuse(414);
      if (int const status = request_line_refusal(line); status != 0) return refuse(status);
    } else if (line.front() == ' ' || line.front() == '\t') {
      return refuse(400);  // obs-fold, RFC 9112 section 5.2
    }
    if (++lines_ > kMostHeaderLines + 1) return refuse(431);
  }
}

int read_head(std::string_view head, web::Request& request, HeadFacts& facts) {
  HeadParser parser(request, facts);
  boost::beast::error_code error;
  auto const taken = parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (int const refusal = parser.verdict(); refusal != 0) return refusal;
  return error || !parser.is_done() || taken != head.size() ? 400 : 0;
}

}  // namespace courant::net
