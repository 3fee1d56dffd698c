#include "net/status_door.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace courant::net {
namespace {

std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return status < 400 ? "Answer" : "Refused";
  }
}

web::Reply reply_of(StatusAnswer answer, std::string_view further_fields = {}) {
  web::Reply reply{.status = answer.status};
  reply.head = std::make_shared<std::string>(
      fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{}",
                  answer.status, phrase_of(answer.status), answer.content_type, answer.text.size(), further_fields));
  reply.body = std::make_shared<std::string>(std::move(answer.text));
  return reply;
}

web::Reply ask(std::function<StatusAnswer()> const& answer) {
  try {
    return reply_of(answer());
  } catch (std::exception const& failure) {
    log::error("a status page failed: {}", failure.what());
    return reply_of({503, "failed\n"});
  }
}

}  // namespace

void StatusDoor::add(std::string path, Where where, std::function<StatusAnswer()> answer) {
  pages_.insert_or_assign(std::move(path), Page{where, std::move(answer)});
}

std::variant<web::Reply, web::NeedsWorker> StatusDoor::answer_now(web::Request& request) {
  auto const page = pages_.find(request.path);
  if (page == pages_.end()) return reply_of({404, "not found\n"});
  if (request.method != web::Method::get && request.method != web::Method::head)
    return reply_of({405, "only GET and HEAD\n"}, "Allow: GET, HEAD\r\n");
  if (page->second.where == Where::worker) return web::NeedsWorker{};
  return ask(page->second.answer);
}

web::Reply StatusDoor::answer(web::Request& request) {
  auto const page = pages_.find(request.path);
  return page == pages_.end() ? reply_of({404, "not found\n"}) : ask(page->second.answer);
}

web::Reply StatusDoor::refusal(int status) {
  auto reply = reply_of({status, fmt::format("{}\n", status)});
  reply.close = true;
  return reply;
}

}  // namespace courant::net
