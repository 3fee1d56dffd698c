// For tests and fuzzers: an independent look at what the sanitizer let through. It parses the output with gumbo, walks
// the tree with an allow-list of its own, and writes the tree down again, which must give the very same bytes.
#pragma once
#include <gumbo.h>

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "text/html.hpp"
#include "text/xml_write.hpp"

namespace courant::text::check {

class Checker {
 public:
  /// The first fault of clean HTML, or empty.
  std::string fault_in(std::string const& html) {
    GumboOptions options = kGumboDefaultOptions;
    options.fragment_context = GUMBO_TAG_BODY;
    options.max_errors = 0;
    GumboOutput* const output = gumbo_parse_with_options(&options, html.data(), html.size());
    children(output->root);
    gumbo_destroy_output(&options, output);
    if (fault_.empty() && written_ != html) fault_ = "another parser writes it down as: " + written_;
    return fault_;
  }

 private:
  static std::map<std::string_view, std::set<std::string_view>> const& allowed() {
    static std::map<std::string_view, std::set<std::string_view>> const table = {
        {"p", {}},
        {"h2", {}},
        {"h3", {}},
        {"h4", {}},
        {"h5", {}},
        {"h6", {}},
        {"blockquote", {"cite"}},
        {"pre", {"class"}},
        {"ul", {}},
        {"ol", {"start", "type", "reversed"}},
        {"li", {"value"}},
        {"dl", {}},
        {"dt", {}},
        {"dd", {}},
        {"table", {}},
        {"caption", {}},
        {"colgroup", {"span"}},
        {"col", {"span"}},
        {"thead", {}},
        {"tbody", {}},
        {"tfoot", {}},
        {"tr", {}},
        {"td", {"colspan", "rowspan"}},
        {"th", {"colspan", "rowspan", "scope"}},
        {"figure", {}},
        {"figcaption", {}},
        {"details", {"open"}},
        {"summary", {}},
        {"hr", {}},
        {"a", {"href", "rel"}},
        {"b", {}},
        {"code", {"class"}},
        {"em", {}},
        {"i", {}},
        {"s", {}},
        {"small", {}},
        {"strong", {}},
        {"u", {}},
        {"abbr", {}},
        {"bdi", {}},
        {"bdo", {}},
        {"cite", {}},
        {"del", {"cite", "datetime"}},
        {"dfn", {}},
        {"ins", {"cite", "datetime"}},
        {"kbd", {}},
        {"mark", {}},
        {"q", {"cite"}},
        {"rp", {}},
        {"rt", {}},
        {"ruby", {}},
        {"samp", {}},
        {"span", {}},
        {"sub", {}},
        {"sup", {}},
        {"time", {"datetime"}},
        {"var", {}},
        {"br", {}},
        {"wbr", {}},
        {"img", {"src", "alt", "width", "height", "loading", "decoding"}},
        {"video", {"controls", "preload", "width", "height", "poster"}},
        {"audio", {"controls", "preload"}},
        {"source", {"src", "type"}}};
    return table;
  }

  static bool is_void(std::string_view name) {
    return name == "br" || name == "hr" || name == "wbr" || name == "img" || name == "col" || name == "source";
  }

  static bool is_safe_address(std::string_view name, std::string_view attribute, std::string_view value) {
    if (value.starts_with("https://") || value.starts_with("http://")) return true;
    bool const link = attribute == "href" || attribute == "cite";
    if (link && value.starts_with("mailto:")) return true;
    if (link && value.starts_with("#c-")) return name == "a";
    if (value.starts_with("//") || value.starts_with("/\\")) return false;
    return value.starts_with(link ? "/" : "/media/");
  }

  void blame(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
  }

  void children(GumboNode const* node) {
    GumboVector const& nodes = node->v.element.children;
    for (unsigned i = 0; i < nodes.length; ++i) visit(static_cast<GumboNode const*>(nodes.data[i]));
  }

  void visit(GumboNode const* node) {
    switch (node->type) {
      case GUMBO_NODE_TEXT:
      case GUMBO_NODE_WHITESPACE:
        append_escaped_text(written_, node->v.text.text);
        return;
      case GUMBO_NODE_ELEMENT:
        return element(node->v.element, node);
      default:
        return blame("a node that is neither element nor text");
    }
  }

  void element(GumboElement const& element, GumboNode const* node) {
    std::string const name = element.tag == GUMBO_TAG_UNKNOWN
                                 ? std::string(element.original_tag.data, element.original_tag.length)
                                 : gumbo_normalized_tagname(element.tag);
    auto const found = allowed().find(name);
    if (found == allowed().end() || element.tag_namespace != GUMBO_NAMESPACE_HTML) {
      return blame("element " + name);
    }
    written_ += "<" + name;
    for (unsigned i = 0; i < element.attributes.length; ++i) {
      attribute(name, found->second, *static_cast<GumboAttribute const*>(element.attributes.data[i]));
    }
    written_ += ">";
    if (is_void(name)) return;
    std::size_t const begin = written_.size();
    children(node);
    if (name == "pre" && written_.size() > begin && written_[begin] == '\n') written_.insert(begin, "\n");
    written_ += "</" + name + ">";
  }

  void attribute(std::string const& element, std::set<std::string_view> const& own, GumboAttribute const& attribute) {
    std::string_view const name = attribute.name, value = attribute.value;
    static std::set<std::string_view> const global = {"id", "lang", "dir", "title"};
    if (!own.contains(name) && !global.contains(name)) blame("attribute " + element + "[" + std::string(name) + "]");
    bool const address = name == "href" || name == "src" || name == "cite" || name == "poster";
    if (address && !is_safe_address(element, name, value)) blame("address " + std::string(value));
    if (name == "id" && (!value.starts_with("c-") || !ids_.insert(std::string(value)).second)) {
      blame("id " + std::string(value));
    }
    static std::set<std::string_view> const flags = {"reversed", "open", "controls"};
    written_ += " " + std::string(name);
    if (flags.contains(name)) return;
    written_ += "=\"" + escape_attribute(value) + "\"";
  }

  std::string written_, fault_;
  std::set<std::string> ids_;
};

/// Everything that must hold for any input, or the first thing that does not.
inline std::string fault_of_sanitizing(std::string_view input, SanitizeOptions const& options = {}) {
  Result<CleanHtml> const first = sanitize(input, options);
  if (!first) {
    bool const refused = first.error().message == "text.html_too_deep" || first.error().message == "text.html_too_long";
    return refused ? "" : "refused as " + first.error().message;
  }
  std::size_t lost = 0;
  for (Removed const& removed : first->removed) lost += removed.characters;
  if (first->characters_in + first->characters_added != first->characters_out + lost) return "the account is not even";
  if (std::string fault = Checker().fault_in(first->html); !fault.empty()) return fault + "\n--- in\n" + first->html;
  Result<CleanHtml> const second = sanitize(first->html, options);
  if (!second) return "its own output is refused: " + second.error().message;
  if (second->html != first->html) return "not the same twice:\n" + first->html + "\n--- then\n" + second->html;
  if (second->characters_in != first->characters_out) return "characters_out is not what stands in the output";
  return {};
}

}  // namespace courant::text::check
