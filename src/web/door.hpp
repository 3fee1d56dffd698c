// The face that net/ talks to: requests in, finished bytes out.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "web/request.hpp"
#include "web/response.hpp"

namespace courant::web {

/// Finished bytes. `head` is the status line and all header fields but Date and Connection, each line with CRLF,
/// without the empty line that ends the head; Content-Length is in it unless `file` is set (net adds it, with Range and
/// 206).
struct Reply {
  int status = 200;
  std::shared_ptr<std::string const> head;
  std::shared_ptr<std::string const> body;  ///< null: no body (304, redirects without text)
  std::optional<FileBody> file;
  bool close = false;  ///< net closes after this reply
};

/// What body a request may carry; asked before a byte of it is read.
struct BodyRules {
  std::int64_t most_bytes = 0;  ///< of the whole body; 0: no body allowed
  bool multipart = false;       ///< multipart/form-data is streamed to `upload_directory`
  std::int64_t most_upload_bytes = 0;
  std::filesystem::path upload_directory;
};

/// `answer` must run on a worker. Requests with the same non-empty `flight` want the same page: net runs one and lets
/// the others wait, then asks answer_now again for each.
struct NeedsWorker {
  std::string flight;
};

class Door {
 public:
  virtual ~Door() = default;

  /// On an I/O thread, for requests without a body; never blocks, microseconds when the page is cached.
  virtual std::variant<Reply, NeedsWorker> answer_now(Request& request) = 0;
  /// On a worker; may block on the database. Never throws: a bug becomes the page of ErrorKind::broken.
  virtual Reply answer(Request& request) = 0;
  virtual BodyRules body_rules(Request const& request) = 0;
  /// net's own refusals (400, 408, 413, 414, 431, 501, 503, 505): a short text in English, `close` set.
  virtual Reply refusal(int status) = 0;
};

}  // namespace courant::web
