#include "web/finish.hpp"

#include <fmt/format.h>

namespace courant::web {
namespace {

bool may_be_unchanged(Response const& response) {
  return response.status == 200 && (response.caching == Caching::revalidate || response.caching == Caching::page);
}

Reply finish_file(Response response, Transport transport, Conditions const& conditions) {
  auto& file = *response.file;
  auto const name = std::string_view(file.etag).substr(1, file.etag.size() < 2 ? 0 : file.etag.size() - 2);
  if (response.status == 200 && !matching_tag(conditions.if_none_match, name).empty())
    return {.status = 304, .head = std::make_shared<std::string const>(not_modified_head(response.caching, file.etag))};
  Reply reply{.status = response.status};
  reply.head = std::make_shared<std::string const>(write_head(response, {.transport = transport, .etag = file.etag}));
  reply.file = std::move(response.file);
  return reply;
}

}  // namespace

Reply finish(Response response, Transport transport, Encoding encoding, Conditions const& conditions) {
  if (response.file) return finish_file(std::move(response), transport, conditions);
  std::string etag;
  if (may_be_unchanged(response)) {
    auto const content = content_name(response.body);
    etag = fmt::format("\"{}\"", content);
    if (!matching_tag(conditions.if_none_match, content).empty())
      return {.status = 304, .head = std::make_shared<std::string const>(not_modified_head(response.caching, etag))};
    encoding = Encoding::identity;
  }
  if (!worth_compressing(response.content_type, response.body.size())) encoding = Encoding::identity;
  if (encoding != Encoding::identity) {
    encoding = Encoding::gzip;
    response.body = gzip(response.body, Effort::quick);
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  bool const bodiless = response.status == 204;
  HeadFacts const facts{transport, encoding, etag, bodiless ? std::nullopt : std::optional(response.body.size())};
  Reply reply{.status = response.status};
  reply.head = std::make_shared<std::string const>(write_head(response, facts));
  if (!response.body.empty() && !bodiless) reply.body = std::make_shared<std::string const>(std::move(response.body));
  return reply;
}

}  // namespace courant::web
