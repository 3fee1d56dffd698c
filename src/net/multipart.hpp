// multipart/form-data (RFC 7578 over RFC 2046 section 5.1), read as it arrives: fields to memory, files to disk.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "web/request.hpp"

namespace courant::net {

/// What the header of a part says.
struct PartHeader {
  std::string name;
  std::optional<std::string> file_name;  ///< present (perhaps empty): the part is a file
  std::string content_type;
};

/// Receives the parts in order.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual Done begin_part(PartHeader header) = 0;
  virtual Done add(std::string_view data) = 0;
  virtual Done end_part() = 0;
};

struct MultipartLimits {
  int most_parts = 200;
  std::size_t most_part_header_bytes = 4096;
};

/// The boundary of a Content-Type "multipart/form-data; boundary=…"; nullopt for another type or without a valid one
/// (RFC 2046: 1 to 70 characters).
[[nodiscard]] std::optional<std::string> multipart_boundary(std::string_view content_type);

/// The pure parser: bytes in, parts out; holds back at most a delimiter's length.
class MultipartParser {
 public:
  MultipartParser(std::string boundary, MultipartLimits limits, PartSink& sink);

  /// Error: invalid (not a multipart body, limits), or what the sink answered. Do not feed after an error.
  Done feed(std::string_view bytes);
  /// The body is over. Error: invalid when the closing delimiter has not come.
  Done finish() const;

 private:
  enum class At : std::uint8_t { preamble, delimiter_end, header, data, epilogue };

  Done read_preamble();
  Done read_delimiter_end();
  Done read_header();
  Done read_data();
  Done begin_part(std::string_view header);

  std::string delimiter_;  // CRLF "--" boundary
  MultipartLimits limits_;
  PartSink& sink_;
  std::string held_;  // bytes not yet decided
  At at_ = At::preamble;
  int parts_ = 0;
  bool waiting_ = false;  // the held bytes need more
};

/// The sink of real requests: fields into Body::fields, files into Body::uploads under `directory` as new files of mode
/// 0600 that are deleted with the Body.
class UploadSink final : public PartSink {
 public:
  /// Limits in bytes: of all fields' names and values together, and of all files together.
  UploadSink(web::Body& body, std::filesystem::path directory, std::int64_t most_field_bytes,
             std::int64_t most_upload_bytes);
  ~UploadSink() override;
  UploadSink(UploadSink const&) = delete;
  UploadSink& operator=(UploadSink const&) = delete;

  /// Errors: too_many when a limit is passed (the wire answers 413), unavailable when the disk does not take it.
  Done begin_part(PartHeader header) override;
  Done add(std::string_view data) override;
  Done end_part() override;

 private:
  Done open_file(PartHeader header);

  web::Body& body_;
  std::filesystem::path directory_;
  std::int64_t field_bytes_left_;
  std::int64_t upload_bytes_left_;
  int file_ = -1;
};

}  // namespace courant::net
