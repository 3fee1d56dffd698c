#include "text/html_allowed.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace courant::text::html {
namespace {

// In the order of Tag.
constexpr std::array<std::string_view, kTags> kNames = {
    "",      "div",   "p",   "h1",   "h2",  "h3",     "h4",         "h5",      "h6",       "blockquote", "pre",
    "ul",    "ol",    "li",  "dl",   "dt",  "dd",     "table",      "caption", "colgroup", "col",        "thead",
    "tbody", "tfoot", "tr",  "td",   "th",  "figure", "figcaption", "details", "summary",  "hr",         "a",
    "b",     "code",  "em",  "i",    "s",   "small",  "strong",     "u",       "abbr",     "bdi",        "bdo",
    "cite",  "del",   "dfn", "ins",  "kbd", "mark",   "q",          "rp",      "rt",       "ruby",       "samp",
    "span",  "sub",   "sup", "time", "var", "br",     "wbr",        "img"};

constexpr std::string_view kScript = "text.removed_script";
constexpr std::string_view kStyle = "text.removed_style";
constexpr std::string_view kEmbed = "text.removed_embed";
constexpr std::string_view kForm = "text.removed_form";
constexpr std::string_view kForeign = "text.removed_foreign";
constexpr std::string_view kHidden = "text.removed_hidden";
constexpr std::string_view kLook = "text.removed_look";
constexpr std::string_view kFallback = "text.removed_fallback";
constexpr std::string_view kUnknown = "text.removed_unknown";

using enum Treatment;

// Sorted by name.
constexpr Element kElements[] = {
    {"a", keep, Tag::a, {}},
    {"abbr", keep, Tag::abbr, {}},
    {"acronym", keep, Tag::abbr, {}},
    {"address", keep, Tag::div, {}},
    {"applet", embed_unwrap, Tag::none, kEmbed},
    {"area", unwrap, Tag::none, kUnknown},
    {"article", keep, Tag::div, {}},
    {"aside", keep, Tag::div, {}},
    {"audio", drop_media, Tag::none, kFallback},
    {"b", keep, Tag::b, {}},
    {"base", unwrap, Tag::none, kUnknown},
    {"basefont", unwrap, Tag::none, kLook},
    {"bdi", keep, Tag::bdi, {}},
    {"bdo", keep, Tag::bdo, {}},
    {"bgsound", unwrap, Tag::none, kEmbed},
    {"big", unwrap, Tag::none, kLook},
    {"blockquote", keep, Tag::blockquote, {}},
    {"body", vanish, Tag::none, {}},
    {"br", keep, Tag::br, {}},
    {"button", unwrap, Tag::none, kForm},
    {"caption", keep, Tag::caption, {}},
    {"center", keep, Tag::div, {}},
    {"cite", keep, Tag::cite, {}},
    {"code", keep, Tag::code, {}},
    {"col", keep, Tag::col, {}},
    {"colgroup", keep, Tag::colgroup, {}},
    {"datalist", drop_balanced, Tag::none, kForm},
    {"dd", keep, Tag::dd, {}},
    {"del", keep, Tag::del, {}},
    {"details", keep, Tag::details, {}},
    {"dfn", keep, Tag::dfn, {}},
    {"dialog", keep, Tag::div, {}},
    {"dir", keep, Tag::ul, {}},
    {"div", keep, Tag::div, {}},
    {"dl", keep, Tag::dl, {}},
    {"dt", keep, Tag::dt, {}},
    {"em", keep, Tag::em, {}},
    {"embed", embed, Tag::none, kEmbed},
    {"fieldset", keep, Tag::div, {}},
    {"figcaption", keep, Tag::figcaption, {}},
    {"figure", keep, Tag::figure, {}},
    {"font", unwrap, Tag::none, kLook},
    {"footer", keep, Tag::div, {}},
    {"form", keep, Tag::div, {}},
    {"frame", embed, Tag::none, kEmbed},
    {"frameset", unwrap, Tag::none, kEmbed},
    {"h1", keep, Tag::h1, {}},
    {"h2", keep, Tag::h2, {}},
    {"h3", keep, Tag::h3, {}},
    {"h4", keep, Tag::h4, {}},
    {"h5", keep, Tag::h5, {}},
    {"h6", keep, Tag::h6, {}},
    {"head", vanish, Tag::none, {}},
    {"header", keep, Tag::div, {}},
    {"hgroup", keep, Tag::div, {}},
    {"hr", keep, Tag::hr, {}},
    {"html", vanish, Tag::none, {}},
    {"i", keep, Tag::i, {}},
    {"iframe", embed_raw, Tag::none, kEmbed},
    {"image", keep, Tag::img, {}},
    {"img", keep, Tag::img, {}},
    {"input", input, Tag::none, kForm},
    {"ins", keep, Tag::ins, {}},
    {"kbd", keep, Tag::kbd, {}},
    {"label", unwrap, Tag::none, kForm},
    {"legend", keep, Tag::div, {}},
    {"li", keep, Tag::li, {}},
    {"link", unwrap, Tag::none, kStyle},
    {"listing", keep, Tag::pre, {}},
    {"main", keep, Tag::div, {}},
    {"mark", keep, Tag::mark, {}},
    {"math", drop_foreign, Tag::none, kForeign},
    {"menu", keep, Tag::ul, {}},
    {"meta", unwrap, Tag::none, kUnknown},
    {"nav", keep, Tag::div, {}},
    {"nobr", unwrap, Tag::none, kLook},
    {"noembed", drop_raw, Tag::none, kHidden},
    {"noframes", drop_raw, Tag::none, kHidden},
    {"noscript", drop_balanced, Tag::none, kHidden},
    {"object", embed_unwrap, Tag::none, kEmbed},
    {"ol", keep, Tag::ol, {}},
    {"optgroup", unwrap, Tag::none, kForm},
    {"option", unwrap, Tag::none, kForm},
    {"p", keep, Tag::p, {}},
    {"picture", vanish, Tag::none, {}},
    {"plaintext", plaintext, Tag::pre, {}},
    {"pre", keep, Tag::pre, {}},
    {"q", keep, Tag::q, {}},
    {"rp", keep, Tag::rp, {}},
    {"rt", keep, Tag::rt, {}},
    {"ruby", keep, Tag::ruby, {}},
    {"s", keep, Tag::s, {}},
    {"samp", keep, Tag::samp, {}},
    {"script", drop_script, Tag::none, kScript},
    {"search", keep, Tag::div, {}},
    {"section", keep, Tag::div, {}},
    {"select", drop_balanced, Tag::none, kForm},
    {"small", keep, Tag::small_, {}},
    {"source", vanish, Tag::none, {}},
    {"span", keep, Tag::span, {}},
    {"strike", keep, Tag::s, {}},
    {"strong", keep, Tag::strong, {}},
    {"style", drop_raw, Tag::none, kStyle},
    {"sub", keep, Tag::sub, {}},
    {"summary", keep, Tag::summary, {}},
    {"sup", keep, Tag::sup, {}},
    {"svg", drop_foreign, Tag::none, kForeign},
    {"table", keep, Tag::table, {}},
    {"tbody", keep, Tag::tbody, {}},
    {"td", keep, Tag::td, {}},
    {"template", drop_balanced, Tag::none, kHidden},
    {"textarea", drop_rcdata, Tag::none, kForm},
    {"tfoot", keep, Tag::tfoot, {}},
    {"th", keep, Tag::th, {}},
    {"thead", keep, Tag::thead, {}},
    {"time", keep, Tag::time, {}},
    {"title", drop_rcdata, Tag::none, kHidden},
    {"tr", keep, Tag::tr, {}},
    {"tt", keep, Tag::code, {}},
    {"u", keep, Tag::u, {}},
    {"ul", keep, Tag::ul, {}},
    {"var", keep, Tag::var, {}},
    {"video", drop_media, Tag::none, kFallback},
    {"wbr", keep, Tag::wbr, {}},
    {"xmp", verbatim, Tag::pre, {}},
};

constexpr bool is_sorted() {
  for (std::size_t i = 1; i < std::size(kElements); ++i) {
    if (!(kElements[i - 1].name < kElements[i].name)) return false;
  }
  return true;
}
static_assert(is_sorted());

constexpr Element kUnknownElement = {{}, unwrap, Tag::none, kUnknown};

}  // namespace

std::string_view name_of(Tag tag) noexcept { return kNames[static_cast<std::size_t>(tag)]; }

Element const& element_named(std::string_view name) noexcept {
  auto const* const found = std::lower_bound(std::begin(kElements), std::end(kElements), name,
                                             [](Element const& e, std::string_view n) { return e.name < n; });
  return found != std::end(kElements) && found->name == name ? *found : kUnknownElement;
}

}  // namespace courant::text::html
