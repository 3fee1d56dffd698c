#include "web/problem.hpp"

#include "base/json.hpp"

namespace courant::web {

ProblemKind problem_of(Error const& error) noexcept {
  switch (error.kind) {
    // A form that can be corrected is 422, a request that makes no sense is 400 (RFC 9110 sections 15.5.21 and 15.5.1).
    case ErrorKind::invalid:
      return {error.complaints.empty() ? 400 : 422, "web.error_invalid_title", "web.error_invalid_text"};
    case ErrorKind::unauthorized:
      return {401, "web.error_unauthorized_title", "web.error_unauthorized_text"};
    case ErrorKind::forbidden:
      return {403, "web.error_forbidden_title", "web.error_forbidden_text"};
    case ErrorKind::missing:
      return {404, "web.error_missing_title", "web.error_missing_text"};
    case ErrorKind::conflict:
      return {409, "web.error_conflict_title", "web.error_conflict_text"};
    case ErrorKind::too_many:
      return {429, "web.error_too_many_title", "web.error_too_many_text"};
    case ErrorKind::unavailable:
      return {503, "web.error_unavailable_title", "web.error_unavailable_text"};
    case ErrorKind::broken:
    case ErrorKind::not_in_memory:
      break;
  }
  return {500, "web.error_broken_title", "web.error_broken_text"};
}

ProblemKind method_problem() noexcept { return {405, "web.error_method_title", "web.error_method_text"}; }

Response problem_json(ProblemKind const& kind, Error const& error, Catalogue const& catalogue, Language language) {
  json::Object problem;
  problem["type"] = "about:blank";
  problem["title"] = catalogue.text(language, kind.title);
  problem["status"] = kind.status;
  problem["detail"] = error.message.empty() ? catalogue.text(language, kind.text)
                                            : catalogue.text(language, error.message, error.arguments);
  problem["kind"] = name_of(error.kind);
  if (!error.complaints.empty()) {
    json::Array complaints;
    for (auto const& complaint : error.complaints)
      complaints.push_back(json::Object{{"field", complaint.field},
                                        {"message", catalogue.text(language, complaint.message, complaint.arguments)}});
    problem["complaints"] = std::move(complaints);
  }
  auto response = json(json::write(problem), kind.status);
  response.content_type = "application/problem+json";
  return response;
}

}  // namespace courant::web
