#include "net/outgoing.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/byte_range.hpp"

namespace courant::net {
namespace {

/// The door's fields without its status line.
std::string_view fields_of(std::string_view head) {
  auto const end = head.find("\r\n");
  return end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
}

}  // namespace

Done Outgoing::prepare(web::Request const& request, HeadFacts const& facts, web::Reply reply, Ending ending,
                       std::string_view date_line) {
  reply_ = std::move(reply);
  first_ = count_ = 0;
  sent_ = 0;
  file_left_ = 0;
  if (reply_.file) TRY(prepare_file(request));

  // HTTP/1.1 stays open unless it is said otherwise, HTTP/1.0 the other way round (RFC 9112 section 9.3).
  std::string_view connection;
  if (ending == Ending::close)
    connection = "Connection: close\r\n";
  else if (facts.minor_version == 0)
    connection = "Connection: keep-alive\r\n";
  char* end = tail_.data();
  for (auto const piece : {date_line, connection, std::string_view("\r\n")}) {
    end = std::copy(piece.begin(), piece.end(), end);
  }
  add(*reply_.head);
  add({tail_.data(), static_cast<std::size_t>(end - tail_.data())});
  bool const bodyless = request.method == web::Method::head || reply_.status == 204 || reply_.status == 304;
  if (bodyless) {
    file_left_ = 0;
    file_ = OwnedFile();
  } else if (reply_.body) {
    add(*reply_.body);
  }
  return {};
}

Done Outgoing::prepare_file(web::Request const& request) {
  auto const& about = *reply_.file;
  file_ = OwnedFile(::open(about.path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found{};
  if (!file_ || ::fstat(file_.get(), &found) != 0)
    return unavailable("cannot open " + about.path.string() + ": " + std::strerror(errno));
  if (!S_ISREG(found.st_mode) || found.st_size != about.bytes)
    return unavailable(about.path.string() + " is not the file that was announced");

  auto const range = reply_.status == 200 ? byte_range(request, about.bytes, about.etag) : ByteRange{};
  switch (range.answer) {
    case ByteRange::Answer::unsatisfiable:
      reply_.status = 416;
      reply_.head = std::make_shared<std::string>(fmt::format(
          "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{}\r\nContent-Length: 0\r\n", about.bytes));
      file_ = OwnedFile();
      return {};
    case ByteRange::Answer::part:
      file_offset_ = range.first;
      file_left_ = range.length;
      reply_.status = 206;
      reply_.head = std::make_shared<std::string>(
          fmt::format("HTTP/1.1 206 Partial Content\r\n{}Accept-Ranges: bytes\r\nContent-Range: bytes {}-{}/{}\r\n"
                      "Content-Length: {}\r\n",
                      fields_of(*reply_.head), range.first, range.first + range.length - 1, about.bytes, range.length));
      return {};
    case ByteRange::Answer::whole:
      break;
  }
  file_offset_ = 0;
  file_left_ = about.bytes;
  reply_.head = std::make_shared<std::string>(
      fmt::format("{}Accept-Ranges: bytes\r\nContent-Length: {}\r\n", *reply_.head, about.bytes));
  return {};
}

Io Outgoing::send(Wire& wire) {
  while (first_ < count_) {
    auto const moved = wire.write(std::span(parts_).subspan(first_, count_ - first_));
    if (moved.io != Io::done) return moved.io;
    skip(moved.bytes);
  }
  while (file_left_ > 0) {
    auto const moved = wire.send_file(file_.get(), file_offset_, file_left_);
    if (moved.io != Io::done) return moved.io;
    auto const bytes = static_cast<std::int64_t>(moved.bytes);
    file_offset_ += bytes;
    file_left_ -= bytes;
    sent_ += bytes;
  }
  return Io::done;
}

void Outgoing::clear() {
  reply_.head.reset();
  reply_.body.reset();
  reply_.file.reset();
  file_ = OwnedFile();
}

void Outgoing::add(std::string_view text) {
  if (!text.empty()) parts_[count_++] = {const_cast<char*>(text.data()), text.size()};
}

void Outgoing::skip(std::size_t bytes) {
  sent_ += static_cast<std::int64_t>(bytes);
  while (first_ < count_ && bytes >= parts_[first_].iov_len) bytes -= parts_[first_++].iov_len;
  if (bytes == 0) return;
  parts_[first_].iov_base = static_cast<char*>(parts_[first_].iov_base) + bytes;
  parts_[first_].iov_len -= bytes;
}

}  // namespace courant::net
