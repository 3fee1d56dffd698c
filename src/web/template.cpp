#include "web/template.hpp"

#include <ctemplate/per_expand_data.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary_interface.h>
#include <ctemplate/template_emitter.h>
#include <ctemplate/template_modifiers.h>

#include <fmt/ranges.h>

#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

#include "base/log.hpp"
#include "text/query.hpp"
#include "web/template_rules.hpp"

namespace courant::web {

// ---- the model
// ----------------------------------------------------------------------------------------------------------

/// A few dozen names at most, so lists searched from the front beat maps.
struct Model::State {
  struct Value {
    std::string name;
    std::string text;
  };
  struct Section {
    std::string name;
    std::vector<std::unique_ptr<Model>> shown;
  };
  std::vector<Value> values;
  std::vector<Section> sections;

  [[nodiscard]] std::string const* value(std::string_view name) const {
    for (auto const& each : values)
      if (each.name == name) return &each.text;
    return nullptr;
  }
  [[nodiscard]] Section const* section(std::string_view name) const {
    for (auto const& each : sections)
      if (each.name == name) return &each;
    return nullptr;
  }
  void put(std::string_view name, std::string text) {
    for (auto& each : values)
      if (each.name == name) {
        each.text = std::move(text);
        return;
      }
    values.push_back({std::string(name), std::move(text)});
  }
};

Model::Model() : state_(std::make_unique<State>()) {}
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

Model& Model::set(std::string_view name, std::string_view value) {
  if (is_trusted_name(name)) throw std::logic_error(fmt::format("{} takes trusted HTML only", name));
  state_->put(name, std::string(value));
  return *this;
}

Model& Model::set(std::string_view name, std::int64_t value) {
  return set(name, std::string_view(std::to_string(value)));
}

Model& Model::set(std::string_view name, TrustedHtml const& html) {
  if (!is_trusted_name(name)) throw std::logic_error(fmt::format("{} is not on the list of trusted HTML", name));
  state_->put(name, html.html);
  return *this;
}

Model& Model::add(std::string_view section) {
  for (auto& each : state_->sections)
    if (each.name == section) return *each.shown.emplace_back(std::make_unique<Model>());
  state_->sections.push_back({std::string(section), {}});
  return *state_->sections.back().shown.emplace_back(std::make_unique<Model>());
}

Model& Model::show(std::string_view section, bool shown) {
  if (shown && state_->section(section) == nullptr) add(section);
  return *this;
}

TrustedHtml json_ld(json::Value const& value) {
  return {"<script type=\"application/ld+json\">" + json::write_for_html(value) + "</script>"};
}

// ---- what ctemplate sees of it
// ------------------------------------------------------------------------------------------

namespace {

/// One act of rendering: what all of its scopes share.
struct Rendering {
  CommonNames const& common;
  std::set<std::string> unset;
};

std::string_view view(ctemplate::TemplateString const& text) { return {text.data(), text.size()}; }

/// A model as ctemplate's dictionary; names and sections that it lacks are looked for around it.
class Scope final : public ctemplate::TemplateDictionaryInterface {
 public:
  Scope(Model const& model, Scope const* around, Rendering& rendering)
      : state_(&model.state()), around_(around), rendering_(rendering) {}

  void enter(Model const& model) { state_ = &model.state(); }

 protected:
  ctemplate::TemplateString GetValue(ctemplate::TemplateString const& variable) const override {
    auto const name = view(variable);
    std::string const* text = nullptr;
    for (auto const* scope = this; scope != nullptr && text == nullptr; scope = scope->around_)
      text = scope->state_->value(name);
    if (text == nullptr && rendering_.common) text = rendering_.common(name);
    if (text != nullptr) return {text->data(), text->size()};
    rendering_.unset.emplace(name);
    return {"", 0};
  }

  bool IsHiddenSection(ctemplate::TemplateString const& name) const override { return section(view(name)) == nullptr; }
  bool IsUnhiddenSection(ctemplate::TemplateString const& name) const override {
    return section(view(name)) != nullptr;
  }
  Iterator* CreateSectionIterator(ctemplate::TemplateString const& name) const override;  // ctemplate deletes it

  // Templates include no others: the loader refuses that.
  bool IsHiddenTemplate(ctemplate::TemplateString const&) const override { return true; }
  char const* GetIncludeTemplateName(ctemplate::TemplateString const&, int) const override { return ""; }
  Iterator* CreateTemplateIterator(ctemplate::TemplateString const&) const override { return nullptr; }
  void DumpToString(std::string*, int) const override {}

 private:
  class Shown;

  Model::State const* state_;
  Scope const* around_;
  Rendering& rendering_;

  [[nodiscard]] Model::State::Section const* section(std::string_view name) const {
    for (auto const* scope = this; scope != nullptr; scope = scope->around_)
      if (auto const* const found = scope->state_->section(name)) return found;
    return nullptr;
  }
};

/// Goes through the models of a shown section with one scope.
class Scope::Shown final : public Iterator {
 public:
  Shown(Model::State::Section const& section, Scope const& around)
      : section_(section), scope_(*section.shown.front(), &around, around.rendering_) {}
  bool HasNext() const override { return next_ < section_.shown.size(); }
  ctemplate::TemplateDictionaryInterface const& Next() override {
    scope_.enter(*section_.shown[next_++]);
    return scope_;
  }

 private:
  Model::State::Section const& section_;
  std::size_t next_ = 0;
  Scope scope_;
};

ctemplate::TemplateDictionaryInterface::Iterator* Scope::CreateSectionIterator(
    ctemplate::TemplateString const& name) const {
  return new Shown(*section(view(name)), *this);
}

// ---- loading
// ------------------------------------------------------------------------------------------------------------

std::string escaped(std::string_view text) {
  std::string out;
  for (char const c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '{':
        out += "&#123;";
        break;  // or a text could open a marker
      default:
        out += c;
    }
  return out;
}

std::string variable_for(std::string_view name) {
  std::string out = "{{";
  for (char const c : name) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out + "}}";
}

/// The catalogue's text as a piece of a template.
std::string as_template(std::string_view message) {
  std::string out;
  for_each_piece(
      message, [&](std::string_view literal) { out += escaped(literal); },
      [&](std::string_view name) { out += variable_for(name); });
  return out;
}

Result<std::string> text_for(std::string_view key, Catalogue const& catalogue, Language language,
                             AssetAddresses const& assets) {
  constexpr std::string_view kAsset = "asset:";
  if (key.starts_with(kAsset)) {
    auto const found = assets.find(key.substr(kAsset.size()));
    if (found == assets.end()) return broken(fmt::format("there is no asset {}", key.substr(kAsset.size())));
    return found->second;
  }
  auto const* const message = catalogue.find(language, key);
  if (message == nullptr) return broken(fmt::format("the catalogue has no message {}", key));
  return as_template(*message);
}

/// The template with every [[key]] replaced.
Result<std::string> in_language(TemplateSource const& source, Catalogue const& catalogue, Language language,
                                AssetAddresses const& assets) {
  std::string out;
  auto rest = source.text;
  while (!rest.empty()) {
    auto const open = rest.find("[[");
    auto const close = open == std::string_view::npos ? open : rest.find("]]", open);
    if (close == std::string_view::npos) break;
    out += rest.substr(0, open);
    auto text = text_for(rest.substr(open + 2, close - open - 2), catalogue, language, assets);
    if (!text.ok()) return broken(fmt::format("template {}: {}", source.name, text.error().detail));
    out += *text;
    rest.remove_prefix(close + 2);
  }
  out += rest;
  return out;
}

std::string name_in_cache(std::string_view name, Language language) {
  return fmt::format("{}:{}", tag_of(language), name);
}

class AddressPart final : public ctemplate::TemplateModifier {
 public:
  void Modify(char const* in, std::size_t size, ctemplate::PerExpandData const*, ctemplate::ExpandEmitter* out,
              std::string const&) const override {
    out->Emit(text::percent_encode({in, size}));
  }
};

/// ctemplate's list of modifiers is the process's.
void define_modifiers() {
  static AddressPart const address_part;
  static bool const defined = ctemplate::AddXssSafeModifier(kAddressPartModifier.data(), &address_part);
  (void)defined;
}

constexpr auto kStrip = ctemplate::STRIP_BLANK_LINES;

}  // namespace

UnsetNames unset_names_of_this_build() noexcept {
#ifdef COURANT_REFUSE_UNSET_NAMES
  return UnsetNames::refuse;
#else
  return UnsetNames::log;
#endif
}

struct Templates::State {
  ctemplate::TemplateCache cache;
  std::set<std::string, std::less<>> names;
  UnsetNames unset = UnsetNames::refuse;
  std::mutex mutex;
  std::set<std::string> reported;  // each unset name is logged once
};

Templates::Templates() : state_(std::make_unique<State>()) {}
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;
Templates::~Templates() = default;

Result<Templates> Templates::load(std::span<TemplateSource const> sources, Catalogue const& catalogue,
                                  AssetAddresses const& assets, UnsetNames unset) {
  define_modifiers();
  Templates templates;
  templates.state_->unset = unset;
  for (auto const& source : sources) {
    for (int i = 0; i < kLanguages; ++i) {
      auto const language = static_cast<Language>(i);
      auto const text = TRY(check_template(source.name, TRY(in_language(source, catalogue, language, assets))));
      if (!templates.state_->cache.StringToTemplateCache(name_in_cache(source.name, language), text.data(), text.size(),
                                                         kStrip))
        return broken(fmt::format("template {} cannot be parsed", source.name));
    }
    templates.state_->names.insert(source.name);
  }
  templates.state_->cache.Freeze();
  return templates;
}

Result<TrustedHtml> Templates::render(std::string_view name, Language language, Model const& model,
                                      CommonNames const& common) const {
  if (!state_->names.contains(name)) return broken(fmt::format("there is no template {}", name));
  Rendering rendering{common, {}};
  Scope const scope(model, nullptr, rendering);
  ctemplate::PerExpandData per_expand;
  TrustedHtml out;
  ctemplate::StringEmitter emitter(&out.html);
  if (!state_->cache.ExpandNoLoad(name_in_cache(name, language), kStrip, &scope, &per_expand, &emitter))
    return broken(fmt::format("template {} cannot be filled", name));
  if (rendering.unset.empty()) return out;
  auto const sentence =
      fmt::format("template {} reads names that nobody set: {}", name, fmt::join(rendering.unset, ", "));
  if (state_->unset == UnsetNames::refuse) return broken(sentence);
  std::lock_guard const lock(state_->mutex);
  if (state_->reported.insert(sentence).second) log::warn("{}", sentence);
  return out;
}

}  // namespace courant::web
