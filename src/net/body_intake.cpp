#include "net/body_intake.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "net/words.hpp"

namespace courant::net {
namespace {

constexpr std::size_t kMostReserved = 64 * 1024;  // what a client promises is not yet memory
constexpr std::size_t kChunkedRead = 4096;
constexpr std::size_t kCountedRead = 64 * 1024;

int status_of(Error const& error) {
  switch (error.kind) {
    case ErrorKind::too_many:
      return 413;
    case ErrorKind::invalid:
      return 400;
    default:
      log::error("a body cannot be taken in: {}", describe(error));
      return 503;
  }
}

}  // namespace

BodyIntake::BodyIntake(web::Request& request, HeadFacts const& facts, web::BodyRules rules)
    : request_(request), framing_(facts.framing), left_(facts.length) {
  auto const type = request.header("content-type");
  bool const is_form = rules.multipart && same_word(type.substr(0, 19), "multipart/form-data");
  // What stays in memory may not use the part that is meant for files.
  auto const most_in_memory = rules.most_bytes - (rules.multipart ? rules.most_upload_bytes : 0);
  most_bytes_ = is_form ? rules.most_bytes : most_in_memory;
  if (most_bytes_ <= 0 || (framing_ == Framing::length && left_ > most_bytes_)) {
    head_refusal_ = 413;
  } else if (is_form) {
    auto boundary = multipart_boundary(type);
    if (!boundary) {
      head_refusal_ = 400;
      return;
    }
    uploads_.emplace(request.body, std::move(rules.upload_directory), most_in_memory, rules.most_upload_bytes);
    form_.emplace(std::move(*boundary), MultipartLimits{}, *uploads_);
  } else if (framing_ == Framing::length) {
    request.body.text.reserve(std::min(static_cast<std::size_t>(left_), kMostReserved));
  }
}

BodyIntake::Taken BodyIntake::take(std::string_view bytes) {
  return framing_ == Framing::length ? take_counted(bytes) : take_chunked(bytes);
}

std::size_t BodyIntake::wanted() const noexcept {
  return framing_ == Framing::length ? static_cast<std::size_t>(std::min<std::int64_t>(left_, kCountedRead))
                                     : kChunkedRead;
}

BodyIntake::Taken BodyIntake::take_counted(std::string_view bytes) {
  Taken taken;
  taken.bytes = static_cast<std::size_t>(std::min<std::int64_t>(left_, static_cast<std::int64_t>(bytes.size())));
  left_ -= static_cast<std::int64_t>(taken.bytes);
  taken.refusal = store(bytes.substr(0, taken.bytes));
  taken.complete = left_ == 0;
  if (taken.complete && taken.refusal == 0) taken.refusal = finish();
  return taken;
}

BodyIntake::Taken BodyIntake::take_chunked(std::string_view bytes) {
  Taken taken;
  while (taken.bytes < bytes.size() && !taken.complete) {
    auto const step = chunks_.next(bytes.substr(taken.bytes));
    taken.bytes += step.taken;
    if (step.state == ChunkDecoder::State::bad) taken.refusal = 400;
    if (taken.refusal == 0) taken.refusal = store(step.data);
    if (taken.refusal != 0) return taken;
    taken.complete = step.state == ChunkDecoder::State::done;
  }
  if (taken.complete) taken.refusal = finish();
  return taken;
}

int BodyIntake::store(std::string_view data) {
  stored_ += static_cast<std::int64_t>(data.size());
  if (stored_ > most_bytes_) return 413;
  if (!form_) {
    request_.body.text.append(data);
    return 0;
  }
  auto const fed = form_->feed(data);
  return fed.ok() ? 0 : status_of(fed.error());
}

int BodyIntake::finish() {
  if (!form_) return 0;
  auto const finished = form_->finish();
  return finished.ok() ? 0 : status_of(finished.error());
}

}  // namespace courant::net
