#include "base/error.hpp"

#include <fmt/format.h>

#include <array>

namespace courant {

std::string_view name_of(ErrorKind kind) noexcept {
  static constexpr std::array<std::string_view, 9> kNames{"invalid",     "unauthorized", "forbidden",
                                                          "missing",     "conflict",     "too_many",
                                                          "unavailable", "broken",       "not_in_memory"};
  return kNames[static_cast<std::size_t>(kind)];
}

Error invalid(std::string message, std::string detail, std::source_location where) {
  return {ErrorKind::invalid, std::move(message), std::move(detail), {}, {}, where};
}
Error invalid(std::vector<Complaint> complaints, std::source_location where) {
  return {ErrorKind::invalid, {}, {}, {}, std::move(complaints), where};
}
Error unauthorized(std::string message, std::source_location where) {
  return {ErrorKind::unauthorized, std::move(message), {}, {}, {}, where};
}
Error forbidden(std::string message, std::source_location where) {
  return {ErrorKind::forbidden, std::move(message), {}, {}, {}, where};
}
Error missing(std::string message, std::source_location where) {
  return {ErrorKind::missing, std::move(message), {}, {}, {}, where};
}
Error conflict(std::string message, std::string detail, std::source_location where) {
  return {ErrorKind::conflict, std::move(message), std::move(detail), {}, {}, where};
}
Error too_many(std::string message, std::source_location where) {
  return {ErrorKind::too_many, std::move(message), {}, {}, {}, where};
}
Error unavailable(std::string detail, std::string message, std::source_location where) {
  return {ErrorKind::unavailable, std::move(message), std::move(detail), {}, {}, where};
}
Error broken(std::string detail, std::source_location where) {
  return {ErrorKind::broken, {}, std::move(detail), {}, {}, where};
}
Error not_in_memory(std::source_location where) { return {ErrorKind::not_in_memory, {}, {}, {}, {}, where}; }

std::string describe(Error const& error) {
  std::string text{name_of(error.kind)};
  if (!error.message.empty()) text += ": " + error.message;
  if (!error.detail.empty()) text += ": " + error.detail;
  for (auto const& complaint : error.complaints) text += fmt::format(" [{}: {}]", complaint.field, complaint.message);
  return fmt::format("{} ({}:{})", text, error.where.file_name(), error.where.line());
}

}  // namespace courant
