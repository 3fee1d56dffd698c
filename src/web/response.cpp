#include "web/response.hpp"

#include "web/next.hpp"
#include "web/request.hpp"

namespace courant::web {
namespace {

Response to(std::string location, int status) {
  Response response;
  response.status = status;
  response.content_type.clear();
  // A Location made of a visitor's words must not leave the site.
  response.headers.emplace_back("Location", is_own_path(location) ? std::move(location) : "/");
  return response;
}

}  // namespace

Response see_other(std::string location) { return to(std::move(location), 303); }
Response moved(std::string location) { return to(std::move(location), 301); }

Response plain(std::string text, int status) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

Response json(std::string text, int status) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(text);
  return response;
}

std::string_view header_of(Response const& response, std::string_view name) noexcept {
  for (auto const& [each, value] : response.headers)
    if (same_without_case(each, name)) return value;
  return {};
}

}  // namespace courant::web
