#include "app/say.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "web/catalogue.hpp"
#include "web/embedded.hpp"

namespace courant::app {
namespace {

/// The English catalogue's sentence for a key; empty when there is none (the key itself tells a person nothing).
std::string sentence(std::string_view key, MessageArguments const& arguments) {
  static auto const catalogue = web::Catalogue::from_json(web::embedded_file("messages.json"));
  if (key.empty() || !catalogue.ok() || !catalogue->find(web::Language::en, key)) return {};
  return catalogue->text(web::Language::en, key, arguments);
}

}  // namespace

std::string say(Error const& error) {
  std::string text = sentence(error.message, error.arguments);
  if (text.empty())
    text = error.detail.empty() ? error.message : error.detail;
  else if (!error.detail.empty())
    text += " (" + error.detail + ")";
  if (text.empty() && error.complaints.empty()) text = describe(error);
  for (auto const& complaint : error.complaints) {
    auto const reason = sentence(complaint.message, complaint.arguments);
    text += fmt::format("{}{}: {}", text.empty() ? "" : "\n  ", complaint.field,
                        reason.empty() ? complaint.message : reason);
  }
  return text;
}

int fail(Error const& error) {
  fmt::print(stderr, "courant: {}\n", say(error));
  return 1;
}

}  // namespace courant::app
