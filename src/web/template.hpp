// Pages' templates: ctemplate with AUTOESCAPE behind our words. Templates are *.html files beside their feature, named
// "articles/article.html". `[[key]]` in a template is the catalogue's text in the page's language, resolved when
// templates are loaded (so it costs nothing per page); {names} in that text become template variables in capitals:
// [[articles.count]] with
// "{count} articles" reads COUNT. Loading refuses: a file without the AUTOESCAPE pragma, `:none` off the named list of
// trusted HTML variables, variables in script, style, on*, srcset, formaction, xlink:href, srcdoc; unknown keys.
// `[[asset:site.css]]` is the hashed address of an asset. ui/README.md shows what templates look like.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "web/catalogue.hpp"

namespace courant::web {

/// HTML that is known to be safe: rendered by a template, or cleaned by text::sanitize. Only these go into
/// {{NAME:none}}.
struct TrustedHtml {
  std::string html;
};

/// A JSON-LD block for PageHead::head, with everything escaped that could end the script element.
[[nodiscard]] TrustedHtml json_ld(json::Value const& value);

/// What a template is filled with: a tree of named values and repeated sections.
class Model {
 public:
  struct State;  ///< opaque: only template.cpp looks inside
  [[nodiscard]] State const& state() const { return *state_; }

  Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  Model& set(std::string_view name, std::string_view value);
  Model& set(std::string_view name, std::int64_t value);
  /// For {{NAME:none}}: names on the template loader's list only (CONTENT, BODY, HEAD, and those ending in _HTML),
  /// which in turn take nothing else. A wrong name is a bug and throws std::logic_error.
  Model& set(std::string_view name, TrustedHtml const& html);
  /// Shows the section once more and returns its model.
  Model& add(std::string_view section);
  /// Shows the section once when `shown`.
  Model& show(std::string_view section, bool shown = true);

 private:
  std::unique_ptr<State> state_;
};

struct TemplateSource {
  std::string name;
  std::string_view text;
};

/// From "site.css" to "/assets/site-HASH.css".
using AssetAddresses = std::map<std::string, std::string, std::less<>>;

/// Values that every template may read although its model does not set them (CSRF); null: no such name. What it points
/// to stays until the rendering has ended.
using CommonNames = std::function<std::string const*(std::string_view name)>;

/// A name that a template reads and nobody has set: an error while we develop, a log line and nothing shown when we
/// serve.
enum class UnsetNames : std::uint8_t { refuse, log };
[[nodiscard]] UnsetNames unset_names_of_this_build() noexcept;

class Templates {
 public:
  static Result<Templates> load(std::span<TemplateSource const> sources, Catalogue const& catalogue,
                                AssetAddresses const& assets = {}, UnsetNames unset = unset_names_of_this_build());
  Templates(Templates&&) noexcept;
  Templates& operator=(Templates&&) noexcept;
  ~Templates();

  /// Fills a template. Safe from any thread. Error: broken for an unknown template, and for names unset when these are
  /// refused.
  Result<TrustedHtml> render(std::string_view name, Language language, Model const& model,
                             CommonNames const& common = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  Templates();
};

}  // namespace courant::web
