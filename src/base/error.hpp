// An expected failure: of which kind (about the caller), which sentence of the catalogue says it to the person, and a
// detail in English for the log. `web/` turns kinds into statuses and pages; nothing below it knows HTTP numbers.
#pragma once
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace courant {

enum class ErrorKind : std::uint8_t {
  invalid,        ///< what was sent does not follow the rules; complaints say which field and why
  unauthorized,   ///< nobody is signed in and somebody must be
  forbidden,      ///< this person may not do this
  missing,        ///< no such thing (or not for this person's eyes)
  conflict,       ///< somebody else was quicker, or a unique key is taken
  too_many,       ///< a rate limit
  unavailable,    ///< not now: disk full, database away, overloaded; trying again later may help
  broken,         ///< our own fault or damaged data
  not_in_memory,  ///< never seen outside: the page needs a worker that may load
};

/// The stable English name of a kind, for logs and metrics.
[[nodiscard]] std::string_view name_of(ErrorKind kind) noexcept;

/// Named values for the sentence of the catalogue: {{"limit", "64"}} fills "{limit}".
using MessageArguments = std::vector<std::pair<std::string, std::string>>;

/// One thing wrong with one field of a form. An empty `field` concerns the whole form.
struct Complaint {
  std::string field;
  std::string message;  ///< key in the catalogue, such as "articles.title_too_long"
  MessageArguments arguments;
};

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::broken;
  std::string message;  ///< key in the catalogue; empty: the general sentence of the kind
  std::string detail;   ///< English, for the log only; never shown, never holds bound SQL values or secrets
  MessageArguments arguments;
  std::vector<Complaint> complaints;  ///< for `invalid`: all of them at once
  std::source_location where = std::source_location::current();
};

// Factories, so that a call reads as a sentence: `return missing("articles.no_such_article")`.
Error invalid(std::string message, std::string detail = {},
              std::source_location where = std::source_location::current());
Error invalid(std::vector<Complaint> complaints, std::source_location where = std::source_location::current());
Error unauthorized(std::string message = {}, std::source_location where = std::source_location::current());
Error forbidden(std::string message = {}, std::source_location where = std::source_location::current());
Error missing(std::string message = {}, std::source_location where = std::source_location::current());
Error conflict(std::string message = {}, std::string detail = {},
               std::source_location where = std::source_location::current());
Error too_many(std::string message = {}, std::source_location where = std::source_location::current());
Error unavailable(std::string detail, std::string message = {},
                  std::source_location where = std::source_location::current());
Error broken(std::string detail, std::source_location where = std::source_location::current());
Error not_in_memory(std::source_location where = std::source_location::current());

/// "kind: message: detail (file:line)", for log lines and the command line.
[[nodiscard]] std::string describe(Error const& error);

}  // namespace courant
