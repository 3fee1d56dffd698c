// Tag soup by the thousand, from a fixed seed: what the fuzzer asks of bytes, asked of tags.
#include <doctest/doctest.h>

#include <array>
#include <random>

#include "text/html_check.hpp"

using namespace courant::text;

namespace {

constexpr std::array<std::string_view, 72> kTags = {
    "div",     "p",     "h1",      "h2",     "h4",     "h6",    "blockquote", "pre",        "ul",
    "ol",      "li",    "dl",      "dt",     "dd",     "table", "caption",    "colgroup",   "col",
    "thead",   "tbody", "tfoot",   "tr",     "td",     "th",    "figure",     "figcaption", "details",
    "summary", "hr",    "a",       "b",      "code",   "em",    "i",          "s",          "small",
    "strong",  "u",     "abbr",    "bdo",    "cite",   "del",   "dfn",        "ins",        "mark",
    "q",       "rp",    "rt",      "ruby",   "span",   "sub",   "sup",        "time",       "br",
    "wbr",     "img",   "section", "font",   "svg",    "math",  "select",     "noscript",   "template",
    "script",  "style", "video",   "iframe", "object", "xmp",   "textarea",   "desc",       "button"};
constexpr std::array<std::string_view, 20> kAttributes = {"href=\"/x\"",
                                                          "href=\"https://e.com/\"",
                                                          "href=\"#f\"",
                                                          "id=a",
                                                          "id=b",
                                                          "lang=en",
                                                          "dir=rtl",
                                                          "title=\"t<>&\"",
                                                          "src=/media/x",
                                                          "alt=q",
                                                          "class=\"language-c\"",
                                                          "datetime=\"2026-01-02\"",
                                                          "colspan=2",
                                                          "start=3",
                                                          "open",
                                                          "onclick=x",
                                                          "style=y",
                                                          "name=n",
                                                          "type=checkbox",
                                                          "checked"};
constexpr std::array<std::string_view, 14> kTexts = {"x", " ",    "\n",    "a b",  "  y  ", "&amp;", "&nbsp;",
                                                     "<", "中文", "&#10;", "\n\n", "12;",   "\x01",  "<!--c-->"};

class Soup {
 public:
  explicit Soup(unsigned seed) : random_(seed) {}
  std::string cook() {
    // Few kinds at a time, so that they meet.
    std::vector<std::string_view> kinds;
    for (std::size_t i = 0; i < 3 + below(8); ++i) kinds.push_back(any(kTags));
    std::string soup;
    for (std::size_t i = 0; i < 1 + below(40); ++i) {
      std::size_t const choice = below(100);
      if (choice < 42) {
        soup += "<" + std::string(kinds[below(kinds.size())]);
        for (std::size_t a = below(4); a > 1; --a) soup += " " + std::string(any(kAttributes));
        soup += ">";
      } else if (choice < 66) {
        soup += "</" + std::string(kinds[below(kinds.size())]) + ">";
      } else {
        soup += any(kTexts);
      }
    }
    return soup;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  template <class List>
  std::string_view any(List const& list) {
    return list[below(list.size())];
  }
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("tag soup comes out stable, allowed and accounted for") {
  Soup soup(20261122);
  for (int i = 0; i < 4000; ++i) {
    std::string const input = soup.cook();
    std::string const fault = check::fault_of_sanitizing(input);
    CHECK_MESSAGE(fault.empty(), input, "\n", fault);
  }
}
