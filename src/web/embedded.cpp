#include "web/embedded.hpp"

#include <algorithm>
#include <charconv>

namespace courant::web {

std::string_view embedded_file(std::string_view path) {
  auto const files = embedded_files();
  auto const found = std::ranges::lower_bound(files, path, {}, &EmbeddedFile::path);
  return found != files.end() && found->path == path ? found->bytes : std::string_view{};
}

namespace {

/// "articles/migrations/0001-begin.sql" and its text as a step of "articles".
store::Migration step_from(std::string_view owner, std::string_view file_name, std::string_view text) {
  store::Migration step;
  step.owner = owner;
  step.number = 0;
  std::from_chars(file_name.data(), file_name.data() + 4, step.number);
  step.name = file_name.substr(5, file_name.size() - 5 - std::string_view(".sql").size());
  constexpr std::string_view kUndo = "-- undo:";
  auto at = text.starts_with(kUndo) ? 0 : text.find("\n-- undo:");
  if (at == std::string_view::npos) {
    step.sql = text;
    return step;
  }
  if (at != 0) ++at;
  step.sql = text.substr(0, at);
  auto const rest = text.substr(at);
  auto const line_end = rest.find('\n');
  if (line_end != std::string_view::npos) step.undo = rest.substr(line_end + 1);
  return step;
}

}  // namespace

std::vector<store::Migration> migrations_of(std::string_view owner) { return migrations_of(owner, embedded_files()); }

std::vector<store::Migration> migrations_of(std::string_view owner, std::span<EmbeddedFile const> files) {
  std::vector<store::Migration> steps;
  std::string const folder = std::string(owner) + "/migrations/";
  for (auto const& file : files)
    if (file.path.starts_with(folder)) steps.push_back(step_from(owner, file.path.substr(folder.size()), file.bytes));
  std::ranges::sort(steps, {}, &store::Migration::number);
  return steps;
}

}  // namespace courant::web
