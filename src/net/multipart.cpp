#include "net/multipart.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/crypto.hpp"
#include "net/words.hpp"

namespace courant::net {
namespace {

constexpr std::size_t kMostBoundary = 70;

Error not_multipart(std::string detail, std::source_location where = std::source_location::current()) {
  return invalid("net.bad_form", std::move(detail), where);
}

/// One parameter of "value; name=token; name=\"quoted\"" (RFC 9110 section 5.6.6). Takes it off the front of `rest`.
struct Parameter {
  std::string_view name;
  std::string value;
};

std::optional<Parameter> take_parameter(std::string_view& rest) {
  rest = trimmed(rest);
  while (rest.starts_with(';')) rest = trimmed(rest.substr(1));
  auto const equals = rest.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Parameter parameter{trimmed(rest.substr(0, equals)), {}};
  rest = trimmed(rest.substr(equals + 1));
  if (!rest.starts_with('"')) {
    auto const end = rest.find(';');
    parameter.value = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    return parameter;
  }
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    // Browsers do not escape a backslash (they write a quote as %22), so only \" and \\ are escapes.
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
    parameter.value += rest[i];
  }
  if (i >= rest.size()) return std::nullopt;
  rest.remove_prefix(i + 1);
  return parameter;
}

/// The three escapes that HTML forms use in names (HTML standard, "multipart/form-data encoding algorithm").
std::string unescaped(std::string text) {
  struct Escape {
    std::string_view from;
    char to;
  };
  for (auto const& [from, to] : {Escape{"%22", '"'}, Escape{"%0D", '\r'}, Escape{"%0A", '\n'}}) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + 1))
      text.replace(at, from.size(), 1, to);
  }
  return text;
}

bool is_boundary_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::strchr("'()+_,-./:=? ", c) != nullptr);
}

bool is_header_text(std::string_view line) {
  return std::all_of(line.begin(), line.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  auto const type_end = content_type.find(';');
  if (type_end == std::string_view::npos ||
      !same_word(trimmed(content_type.substr(0, type_end)), "multipart/form-data"))
    return std::nullopt;
  auto rest = content_type.substr(type_end);
  while (auto parameter = take_parameter(rest)) {
    if (!same_word(parameter->name, "boundary")) continue;
    auto& boundary = parameter->value;
    bool const valid = !boundary.empty() && boundary.size() <= kMostBoundary && boundary.back() != ' ' &&
                       std::all_of(boundary.begin(), boundary.end(), is_boundary_character);
    return valid ? std::optional(std::move(boundary)) : std::nullopt;
  }
  return std::nullopt;
}

MultipartParser::MultipartParser(std::string boundary, MultipartLimits limits, PartSink& sink)
    : delimiter_("\r\n--" + std::move(boundary)), limits_(limits), sink_(sink) {
  held_ = "\r\n";  // the first delimiter may stand at the very beginning, without its CRLF
}

Done MultipartParser::feed(std::string_view bytes) {
  if (at_ == At::epilogue) return {};
  held_.append(bytes);
  waiting_ = false;
  while (!waiting_ && at_ != At::epilogue) {
    switch (at_) {
      case At::preamble:
        TRY(read_preamble());
        break;
      case At::delimiter_end:
        TRY(read_delimiter_end());
        break;
      case At::header:
        TRY(read_header());
        break;
      case At::data:
        TRY(read_data());
        break;
      case At::epilogue:
        break;
    }
  }
  if (at_ == At::epilogue) held_.clear();
  return {};
}

Done MultipartParser::finish() const {
  if (at_ != At::epilogue) return not_multipart("the form ends before its closing delimiter");
  return {};
}

// RFC 7578 forms have no preamble; what stands before the first delimiter is dropped as RFC 2046 says.
Done MultipartParser::read_preamble() {
  auto const at = held_.find(delimiter_);
  if (at != std::string::npos) {
    held_.erase(0, at + delimiter_.size());
    at_ = At::delimiter_end;
    return {};
  }
  if (held_.size() > delimiter_.size()) held_.erase(0, held_.size() - delimiter_.size());
  waiting_ = true;
  return {};
}

// After a delimiter: "--" ends the form; else optional white space and CRLF begin a part.
Done MultipartParser::read_delimiter_end() {
  if (held_.starts_with("--")) {
    at_ = At::epilogue;
    return {};
  }
  auto const padding = held_.find_first_not_of(" \t");
  if (padding == std::string::npos || held_.size() < padding + 2) {
    waiting_ = held_.size() < limits_.most_part_header_bytes;
    return waiting_ ? Done{} : not_multipart("a delimiter's line does not end");
  }
  if (held_.compare(padding, 2, "\r\n") != 0) return not_multipart("a delimiter is followed by other text");
  held_.erase(0, padding + 2);
  at_ = At::header;
  return {};
}

Done MultipartParser::read_header() {
  // A part without any header has no name either; begin_part says so.
  auto const end = held_.starts_with("\r\n") ? 0 : held_.find("\r\n\r\n");
  if (end == std::string::npos && held_.size() <= limits_.most_part_header_bytes) {
    waiting_ = true;
    return {};
  }
  if (end > limits_.most_part_header_bytes) return not_multipart("the header of a part is too long");
  TRY(begin_part(std::string_view(held_).substr(0, end)));
  held_.erase(0, end + 4);
  at_ = At::data;
  return {};
}

Done MultipartParser::begin_part(std::string_view header) {
  if (++parts_ > limits_.most_parts) return not_multipart("the form has too many parts");
  PartHeader part;
  bool named = false;
  while (!header.empty()) {
    auto const line_end = header.find("\r\n");
    auto const line = header.substr(0, line_end);
    header = line_end == std::string_view::npos ? std::string_view{} : header.substr(line_end + 2);
    auto const colon = line.find(':');
    if (colon == std::string_view::npos || !is_header_text(line))
      return not_multipart("the header of a part is malformed");
    auto const name = line.substr(0, colon);
    auto const value = trimmed(line.substr(colon + 1));
    if (same_word(name, "content-type")) part.content_type = value;
    if (!same_word(name, "content-disposition")) continue;
    auto rest = value.substr(std::min(value.find(';'), value.size()));
    if (!same_word(trimmed(value.substr(0, value.find(';'))), "form-data"))
      return not_multipart("a part is not form-data");
    while (auto parameter = take_parameter(rest)) {
      if (same_word(parameter->name, "name")) {
        part.name = unescaped(std::move(parameter->value));
        named = true;
      } else if (same_word(parameter->name, "filename")) {
        part.file_name = unescaped(std::move(parameter->value));
      }
    }
  }
  if (!named) return not_multipart("a part has no name");
  return sink_.begin_part(std::move(part));
}

Done MultipartParser::read_data() {
  auto const at = held_.find(delimiter_);
  if (at != std::string::npos) {
    if (at > 0) TRY(sink_.add(std::string_view(held_).substr(0, at)));
    held_.erase(0, at + delimiter_.size());
    at_ = At::delimiter_end;
    return sink_.end_part();
  }
  // The end may be the beginning of a delimiter; everything before it is data.
  auto const keep = delimiter_.size() - 1;
  if (held_.size() > keep) {
    TRY(sink_.add(std::string_view(held_).substr(0, held_.size() - keep)));
    held_.erase(0, held_.size() - keep);
  }
  waiting_ = true;
  return {};
}

UploadSink::UploadSink(web::Body& body, std::filesystem::path directory, std::int64_t most_field_bytes,
                       std::int64_t most_upload_bytes)
    : body_(body),
      directory_(std::move(directory)),
      field_bytes_left_(most_field_bytes),
      upload_bytes_left_(most_upload_bytes) {}

UploadSink::~UploadSink() {
  if (file_ >= 0) ::close(file_);
}

Done UploadSink::begin_part(PartHeader header) {
  field_bytes_left_ -= static_cast<std::int64_t>(header.name.size());
  if (field_bytes_left_ < 0) return too_many("net.form_too_large");
  if (header.file_name) return open_file(std::move(header));
  body_.fields.emplace_back(std::move(header.name), std::string{});
  return {};
}

Done UploadSink::open_file(PartHeader header) {
  auto path = directory_ / ("upload-" + crypto::random_token(16));
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file_ < 0) return unavailable("cannot create " + path.string() + ": " + std::strerror(errno));
  body_.uploads.push_back(
      {std::move(header.name), std::move(*header.file_name), std::move(header.content_type), std::move(path), 0});
  return {};
}

Done UploadSink::add(std::string_view data) {
  auto const bytes = static_cast<std::int64_t>(data.size());
  if (file_ < 0) {
    field_bytes_left_ -= bytes;
    if (field_bytes_left_ < 0) return too_many("net.form_too_large");
    body_.fields.back().second.append(data);
    return {};
  }
  upload_bytes_left_ -= bytes;
  if (upload_bytes_left_ < 0) return too_many("net.upload_too_large");
  while (!data.empty()) {
    auto const written = ::write(file_, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return unavailable(std::string("cannot write an upload: ") + std::strerror(errno));
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  body_.uploads.back().bytes += bytes;
  return {};
}

Done UploadSink::end_part() {
  if (file_ < 0) return {};
  auto const closed = ::close(std::exchange(file_, -1));
  if (closed != 0) return unavailable(std::string("cannot write an upload: ") + std::strerror(errno));
  return {};
}

}  // namespace courant::net
