// The one table that turns kinds of errors into answers.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "web/catalogue.hpp"
#include "web/response.hpp"

namespace courant::web {

struct ProblemKind {
  int status;
  std::string_view title;  ///< key in the catalogue
  std::string_view text;   ///< key of the general sentence, used when the error brings none
};

[[nodiscard]] ProblemKind problem_of(Error const& error) noexcept;
/// "web.error_method_title" and so on, for 405.
[[nodiscard]] ProblemKind method_problem() noexcept;

/// RFC 9457: {"type":"about:blank","title":…,"status":…,"detail":…,"kind":…,"complaints":[{"field":…,"message":…}]}.
[[nodiscard]] Response problem_json(ProblemKind const& kind, Error const& error, Catalogue const& catalogue,
                                    Language language);

}  // namespace courant::web
