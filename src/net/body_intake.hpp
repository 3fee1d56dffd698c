// The body of one request on its way in: framing, limits, and where it goes (text, or a form's fields and files).
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/chunked.hpp"
#include "net/head.hpp"
#include "net/multipart.hpp"
#include "web/door.hpp"

namespace courant::net {

class BodyIntake {
 public:
  /// `request` (its body is filled) and `facts` outlive this. `rules.most_bytes` is of the whole body; what of it is
  /// not `most_upload_bytes` is for text and fields.
  BodyIntake(web::Request& request, HeadFacts const& facts, web::BodyRules rules);

  /// What the head alone forbids: 0, 400 (a form without boundary) or 413.
  [[nodiscard]] int refusal_of_head() const noexcept { return head_refusal_; }

  struct Taken {
    std::size_t bytes = 0;  ///< what is not taken belongs to the next request
    bool complete = false;
    int refusal = 0;  ///< 400, 413 or 503; then nothing more must be given
  };
  Taken take(std::string_view bytes);

  /// The most bytes that may be read from the socket at once without reading far into the next request.
  [[nodiscard]] std::size_t wanted() const noexcept;

 private:
  Taken take_counted(std::string_view bytes);
  Taken take_chunked(std::string_view bytes);
  int store(std::string_view data);
  int finish();

  web::Request& request_;
  Framing framing_;
  std::int64_t most_bytes_ = 0;
  std::int64_t left_;
  std::int64_t stored_ = 0;
  ChunkDecoder chunks_;
  std::optional<UploadSink> uploads_;
  std::optional<MultipartParser> form_;
  int head_refusal_ = 0;
};

}  // namespace courant::net
