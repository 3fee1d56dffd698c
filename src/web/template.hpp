// Pages' templates: ctemplate with AUTOESCAPE behind our words. Templates are *.html files beside their feature, named
// "articles/article.html". `[[key]]` in a template is the catalogue's text in the page's language, resolved when templates are
// loaded (so it costs nothing per page); {names} in that text become template variables in capitals: [[articles.count]] with
// "{count} articles" reads COUNT. Loading refuses: a file without the AUTOESCAPE pragma, `:none` off the named list of
// trusted HTML variables, variables in script, style, on*, srcset, formaction, xlink:href, srcdoc; unknown keys.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "web/catalogue.hpp"

namespace courant::web {

/// HTML that is known to be safe: rendered by a template, or cleaned by text::sanitize. Only these go into {{NAME:none}}.
struct TrustedHtml {
  std::string html;
};

/// What a template is filled with: a tree of named values and repeated sections.
class Model {
 public:
  Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  Model& set(std::string_view name, std::string_view value);
  Model& set(std::string_view name, std::int64_t value);
  /// For {{NAME:none}}: names on the template loader's list only (CONTENT, BODY, HEAD, and those ending in _HTML).
  Model& set(std::string_view name, TrustedHtml const& html);
  /// Shows the section once more and returns its model.
  Model& add(std::string_view section);
  /// Shows the section once when `shown`.
  Model& show(std::string_view section, bool shown = true);

 private:
  friend class Templates;
  struct State;
  std::unique_ptr<State> state_;
  explicit Model(std::unique_ptr<State> state);
};

struct TemplateSource {
  std::string name;
  std::string_view text;
};

class Templates {
 public:
  static Result<Templates> load(std::span<TemplateSource const> sources, Catalogue const& catalogue);
  Templates(Templates&&) noexcept;
  Templates& operator=(Templates&&) noexcept;
  ~Templates();

  /// Fills a template. Safe from any thread. Error: broken for an unknown name.
  Result<TrustedHtml> render(std::string_view name, Language language, Model const& model) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  Templates();
};

}  // namespace courant::web
