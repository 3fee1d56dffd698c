#include "web/catalogue.hpp"

#include <set>

#include "base/json.hpp"
#include "base/log.hpp"
#include "web/request.hpp"

namespace courant::web {
namespace {

constexpr std::array<std::string_view, kLanguages> kTags{"zh-Hans", "en"};

/// The {names} of a text, in order of the alphabet, each once.
std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  for_each_piece(text, [](std::string_view) {}, [&](std::string_view name) { names.emplace(name); });
  return names;
}

Result<std::unordered_map<std::string, std::string>> texts_of(json::Object const& all, std::string_view tag) {
  auto const* const found = all.if_contains(tag);
  if (found == nullptr || !found->is_object()) return broken(fmt::format("the catalogue has no texts in {}", tag));
  std::unordered_map<std::string, std::string> texts;
  for (auto const& [key, value] : found->get_object()) {
    if (!value.is_string()) return broken(fmt::format("message {} in {} is no text", std::string_view(key), tag));
    texts.emplace(std::string_view(key), std::string_view(value.get_string()));
  }
  return texts;
}

}  // namespace

std::string_view tag_of(Language language) noexcept { return kTags[static_cast<std::size_t>(language)]; }

std::optional<Language> language_tagged(std::string_view tag) noexcept {
  for (std::size_t i = 0; i < kTags.size(); ++i)
    if (kTags[i] == tag) return static_cast<Language>(i);
  return std::nullopt;
}

namespace {

/// The language of a range such as "zh-CN" or "en"; Traditional Chinese is served Simplified until it has its own
/// edition.
std::optional<Language> language_of_range(std::string_view range) noexcept {
  auto const primary = range.substr(0, range.find('-'));
  if (same_without_case(primary, "zh")) return Language::zh_hans;
  if (same_without_case(primary, "en")) return Language::en;
  return std::nullopt;
}

/// The weight of "en;q=0.8" in thousandths; 1000 without one, 0 for a malformed one.
int weight_of(std::string_view parameters) noexcept {
  auto const at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  auto const text = parameters.substr(at + 2);
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = (text[0] - '0') * 1000;
  int unit = 100;
  for (std::size_t i = 2; i < text.size() && unit > 0 && text[1] == '.' && text[i] >= '0' && text[i] <= '9';
       ++i, unit /= 10)
    weight += (text[i] - '0') * unit;
  return std::min(weight, 1000);
}

std::string_view without_spaces(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Language preferred_language(std::string_view accept_language, Language otherwise) noexcept {
  Language best = otherwise;
  int best_weight = 0;
  while (!accept_language.empty()) {
    auto const comma = accept_language.find(',');
    auto const item = accept_language.substr(0, comma);
    auto const semicolon = item.find(';');
    auto const language = language_of_range(without_spaces(item.substr(0, semicolon)));
    int const weight = semicolon == std::string_view::npos ? 1000 : weight_of(item.substr(semicolon + 1));
    if (language && weight > best_weight) {
      best = *language;
      best_weight = weight;
    }
    if (comma == std::string_view::npos) break;
    accept_language.remove_prefix(comma + 1);
  }
  return best;
}

Result<Catalogue> Catalogue::from_json(std::string_view text) {
  auto const parsed = TRY(json::parse(text));
  if (!parsed.is_object()) return broken("the catalogue is no JSON object");
  Catalogue catalogue;
  for (std::size_t i = 0; i < kTags.size(); ++i) catalogue.texts_[i] = TRY(texts_of(parsed.get_object(), kTags[i]));
  std::string wrong;
  for (std::size_t i = 0; i < kTags.size(); ++i)
    for (auto const& [key, message] : catalogue.texts_[i])
      for (std::size_t j = 0; j < kTags.size(); ++j) {
        auto const other = catalogue.texts_[j].find(key);
        if (other == catalogue.texts_[j].end())
          wrong += fmt::format(" {} is missing in {};", key, kTags[j]);
        else if (i < j && names_in(message) != names_in(other->second))
          wrong += fmt::format(" {} has other {{names}} in {} than in {};", key, kTags[i], kTags[j]);
      }
  if (!wrong.empty()) return broken("the catalogue is not whole:" + wrong);
  return catalogue;
}

std::string Catalogue::text(Language language, std::string_view key, MessageArguments const& arguments) const {
  auto const* const raw = find(language, key);
  if (raw == nullptr) {
    log::warn("the catalogue has no message {}", key);
    return std::string(key);
  }
  std::string out;
  for_each_piece(
      *raw, [&](std::string_view literal) { out += literal; },
      [&](std::string_view name) {
        for (auto const& [each, value] : arguments)
          if (each == name) {
            out += value;
            return;
          }
        out += fmt::format("{{{}}}", name);
      });
  return out;
}

std::string const* Catalogue::find(Language language, std::string_view key) const {
  auto const& texts = texts_[static_cast<std::size_t>(language)];
  auto const found = texts.find(std::string(key));
  return found == texts.end() ? nullptr : &found->second;
}

void for_each_piece(std::string_view text, std::function<void(std::string_view)> const& literal,
                    std::function<void(std::string_view)> const& name) {
  while (!text.empty()) {
    auto const open = text.find('{');
    auto const close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return literal(text);
    literal(text.substr(0, open));
    name(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

}  // namespace courant::web
