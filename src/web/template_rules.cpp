#include "web/template_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace courant::web {
namespace {

constexpr std::string_view kPragma = "{{%AUTOESCAPE context=\"HTML\"}}";
/// Attributes in which ctemplate's escaping is not enough, or that the CSP forbids: no variable may stand there.
constexpr std::array<std::string_view, 8> kNoVariables{"srcset", "imagesrcset", "formaction", "xlink:href",
                                                       "srcdoc", "style",       "ping",       "data"};
constexpr std::array<std::string_view, 5> kAddresses{"href", "src", "action", "poster", "cite"};
/// Elements that pages have no use for and strangers would.
constexpr std::array<std::string_view, 7> kRefusedElements{"base",   "object", "embed", "applet",
                                                           "iframe", "frame",  "style"};

bool contains(std::span<std::string_view const> list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// Where in the HTML the reader stands. The names are those of the tokenizer's states (WHATWG HTML section 13.2.5), few
/// of them, since our own templates are tidy and everything untidy is refused.
enum class Place : std::uint8_t {
  text,
  element_name,
  in_tag,
  attribute_name,
  after_attribute_name,
  before_value,
  value,
  comment,
  script
};

class Checker {
 public:
  Checker(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  Result<std::string> check() {
    if (!text_.starts_with(kPragma)) return refuse(fmt::format("does not begin with {}", kPragma));
    at_ = kPragma.size();
    while (at_ < text_.size()) TRY(text_.substr(at_).starts_with("{{") ? marker() : character());
    if (place_ != Place::text) return refuse("ends inside a tag, a comment or a script");
    return checked_ + std::string(text_.substr(copied_));
  }

 private:
  std::string_view name_;
  std::string_view text_;
  std::size_t at_ = 0;
  Place place_ = Place::text;
  char quote_ = 0;
  bool closing_ = false;
  std::string element_;
  std::string attribute_;
  bool value_has_begun_ = false;
  std::string checked_;  // the template as it goes on, up to copied_
  std::size_t copied_ = 0;

  [[nodiscard]] Error refuse(std::string_view why) const {
    auto const line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())), '\n');
    return broken(fmt::format("template {} line {}: {}", name_, line, why));
  }

  Done marker() {
    auto const close = text_.find("}}", at_);
    if (close == std::string_view::npos) return refuse("{{ without }}");
    auto const inside = text_.substr(at_ + 2, close - at_ - 2);
    if (inside.empty()) return refuse("an empty marker");
    switch (inside[0]) {
      case '!':
        break;
      case '#':
      case '/':
        TRY(section(inside.substr(1)));
        break;
      case '>':
        return refuse("includes are not used here: render the part by itself and set it as TrustedHtml");
      case '%':
        return refuse("a pragma that is not the first line");
      default:
        TRY(variable(inside));
        if (place_ == Place::value) part_of_address(close);
        break;
    }
    at_ = close + 2;
    return {};
  }

  void part_of_address(std::size_t close) {
    if (contains(kAddresses, attribute_) && value_has_begun_) {
      checked_.append(text_.substr(copied_, close - copied_)).append(":").append(kAddressPartModifier);
      copied_ = close;
    }
    value_has_begun_ = true;
  }

  Done section(std::string_view name) const {
    if (!is_variable_name(name)) return refuse(fmt::format("{} is no name of a section (capitals, digits, _)", name));
    if (place_ == Place::text || place_ == Place::value || place_ == Place::in_tag) return {};
    if (place_ == Place::after_attribute_name || place_ == Place::attribute_name) return {};
    return refuse("a section here would hide from the escaping where it is");
  }

  Done variable(std::string_view inside) const {
    auto const colon = inside.find(':');
    auto const name = inside.substr(0, colon);
    if (!is_variable_name(name)) return refuse(fmt::format("{} is no name of a variable (capitals, digits, _)", name));
    if (colon != std::string_view::npos) TRY(modifier(name, inside.substr(colon + 1)));
    if (place_ == Place::text) return {};
    if (place_ != Place::value)
      return refuse(fmt::format("{} stands in a tag, a comment or a script, not in text or in a quoted value", name));
    if (contains(kNoVariables, attribute_)) return refuse(fmt::format("no variable may stand in {}", attribute_));
    if (colon != std::string_view::npos) return refuse("trusted HTML in an attribute");
    return {};
  }

  Done modifier(std::string_view name, std::string_view modifier) const {
    if (modifier != "none")
      return refuse(fmt::format("{} has the modifier {}: escaping is chosen by the place", name, modifier));
    if (!is_trusted_name(name)) return refuse(fmt::format("{} is not on the list of trusted HTML", name));
    return {};
  }

  Done character() {
    char const c = text_[at_];
    switch (place_) {
      case Place::text:
        return in_text(c);
      case Place::element_name:
        return in_element_name(c);
      case Place::in_tag:
        return in_tag(c);
      case Place::attribute_name:
        return in_attribute_name(c);
      case Place::after_attribute_name:
        return after_attribute_name(c);
      case Place::before_value:
        return before_value(c);
      case Place::value:
        return in_value(c);
      case Place::comment:
        return in_comment();
      case Place::script:
        return in_script();
    }
    return {};
  }

  Done move(Place place, std::size_t by = 1) {
    place_ = place;
    at_ += by;
    return {};
  }

  Done in_text(char c) {
    auto const rest = text_.substr(at_);
    if (rest.starts_with("<!--")) return move(Place::comment, 4);
    if (c != '<' || rest.starts_with("<!")) return move(Place::text);
    closing_ = rest.starts_with("</");
    auto const begin = at_ + (closing_ ? 2 : 1);
    if (begin >= text_.size() || !is_letter(text_[begin])) return refuse("< that opens no element: write &lt;");
    element_.clear();
    at_ = begin;
    place_ = Place::element_name;
    return {};
  }

  Done in_element_name(char c) {
    if (!is_space(c) && c != '>' && c != '/') {
      element_ += c;
      return move(Place::element_name);
    }
    element_ = lower(element_);
    if (contains(kRefusedElements, element_)) return refuse(fmt::format("<{}> has no place in a template", element_));
    place_ = Place::in_tag;
    return {};
  }

  Done in_tag(char c) {
    if (c == '>') return tag_ends();
    if (is_space(c) || c == '/') return move(Place::in_tag);
    attribute_.clear();
    place_ = Place::attribute_name;
    return {};
  }

  Done tag_ends() { return move(element_ == "script" && !closing_ ? Place::script : Place::text); }

  Done in_attribute_name(char c) {
    if (!is_space(c) && c != '=' && c != '>' && c != '/') {
      if (c == '"' || c == '\'' || c == '<') return refuse("a quote or < in the name of an attribute");
      attribute_ += c;
      return move(Place::attribute_name);
    }
    attribute_ = lower(attribute_);
    if (attribute_.starts_with("on"))
      return refuse(fmt::format("{}: scripts are controllers in .ts files", attribute_));
    if (attribute_ == "style") return refuse("style: looks are classes");
    if (attribute_ == "http-equiv") return refuse("http-equiv: that is a header's work");
    place_ = Place::after_attribute_name;
    return {};
  }

  Done after_attribute_name(char c) {
    if (c == '=') return move(Place::before_value);
    if (is_space(c)) return move(Place::after_attribute_name);
    place_ = Place::in_tag;
    return {};
  }

  Done before_value(char c) {
    if (is_space(c)) return move(Place::before_value);
    if (c != '"' && c != '\'') return refuse(fmt::format("the value of {} is not quoted", attribute_));
    quote_ = c;
    value_has_begun_ = false;
    return move(Place::value);
  }

  Done in_value(char c) {
    value_has_begun_ = true;
    return move(c == quote_ ? Place::in_tag : Place::value);
  }

  Done in_comment() { return text_.substr(at_).starts_with("-->") ? move(Place::text, 3) : move(Place::comment); }

  Done in_script() {
    if (lower(text_.substr(at_, 8)) == "</script") {
      closing_ = true;
      element_.clear();
      at_ += 2;
      place_ = Place::element_name;
      return {};
    }
    if (!is_space(text_[at_])) return refuse("a script in a template: the CSP does not let it run");
    return move(Place::script);
  }
};

}  // namespace

bool is_trusted_name(std::string_view name) noexcept {
  return name == "CONTENT" || name == "BODY" || name == "HEAD" || name.ends_with("_HTML");
}

Result<std::string> check_template(std::string_view name, std::string_view text) { return Checker(name, text).check(); }

}  // namespace courant::web
