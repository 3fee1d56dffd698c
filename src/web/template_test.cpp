#include "web/template.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

#include "web/template_rules.hpp"

using namespace courant;
using namespace courant::web;

namespace {

constexpr std::string_view kPragma = "{{%AUTOESCAPE context=\"HTML\"}}\n";

Catalogue catalogue() {
  return Catalogue::from_json(
             R"({"zh-Hans": {"a.hello": "你好", "a.count": "{count} 篇 <文章>", "a.quote": "\"q\" & {{X}}"},
                                  "en": {"a.hello": "Hello", "a.count": "{count} <articles>", "a.quote": "\"q\" & {{X}}"}})")
      .value();
}

Result<Templates> load(std::string_view body, UnsetNames unset = UnsetNames::refuse) {
  auto const text = std::string(kPragma) + std::string(body);
  TemplateSource const sources[] = {{"a/page.html", text}};
  return Templates::load(sources, catalogue(), {{"site.css", "/assets/site-1.css"}}, unset);
}

std::string render(std::string_view body, Model const& model, Language language = Language::en) {
  auto const templates = load(body);
  REQUIRE_MESSAGE(templates.ok(), (templates.ok() ? "" : templates.error().detail));
  auto html = templates->render("a/page.html", language, model);
  REQUIRE_MESSAGE(html.ok(), (html.ok() ? "" : html.error().detail));
  return std::move(html->html);
}

}  // namespace

TEST_CASE("variables are escaped by the place where they stand") {
  Model model;
  model.set("NAME", "<b>\"x\" & 'y'")
      .set("URL", "javascript:alert(1)")
      .set("GOOD", "https://a.example/?x=1&y=2")
      .set("TAG", "a b/ä");
  CHECK(render("<p>{{NAME}}</p>", model) == "<p>&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;</p>");
  CHECK(render("<p title=\"{{NAME}}\">x</p>", model).find('<', 1) ==
        std::string("<p title=\"&lt;b&gt;&quot;x&quot; &amp; &#39;y&#39;\">x").size());
  CHECK(render("<a href=\"{{URL}}\">x</a>", model) == "<a href=\"#\">x</a>");
  CHECK(render("<a href=\"{{GOOD}}\">x</a>", model) == "<a href=\"https://a.example/?x=1&amp;y=2\">x</a>");
  CHECK(render("<a href=\"/tag/{{TAG}}\">x</a>", model) == "<a href=\"/tag/a%20b%2F%C3%A4\">x</a>");
}

TEST_CASE("trusted HTML goes in as it is, and only under its names") {
  Model model;
  model.set("BODY", TrustedHtml{"<b>x</b>"}).set("CARD_HTML", TrustedHtml{"<i>y</i>"});
  CHECK(render("<div>{{BODY:none}}{{CARD_HTML:none}}</div>", model) == "<div><b>x</b><i>y</i></div>");
  CHECK_THROWS_AS(model.set("NAME", TrustedHtml{"<b>"}), std::logic_error);
  CHECK_THROWS_AS(model.set("BODY", "words of a visitor"), std::logic_error);
}

TEST_CASE("sections repeat, hide, and see the names around them") {
  Model model;
  model.set("SITE", "S");
  for (auto const* name : {"a", "b"}) model.add("ITEM").set("NAME", name);
  model.show("YES").show("NO", false);
  CHECK(render(
            "{{#ITEM}}<i>{{SITE}}{{NAME}}</i>{{/ITEM}}{{#YES}}yes{{/YES}}{{#NO}}no{{/NO}}{{#NEVER}}{{UNSET}}{{/NEVER}}",
            model) == "<i>Sa</i><i>Sb</i>yes");
}

TEST_CASE("a section inside a section goes through its own models") {
  Model model;
  auto& first = model.add("CHANNEL").set("NAME", "c1");
  first.add("ARTICLE").set("TITLE", "1");
  first.add("ARTICLE").set("TITLE", "2");
  model.add("CHANNEL").set("NAME", "c2");
  CHECK(render("{{#CHANNEL}}{{NAME}}:{{#ARTICLE}}{{NAME}}{{TITLE}} {{/ARTICLE}}{{/CHANNEL}}", model) ==
        "c1:c11 c12 c2:");
}

TEST_CASE("sections may stand in tags and quoted values") {
  Model model;
  model.show("CHECKED").show("LEAD").set("VALUE", "v");
  CHECK(render("<input {{#CHECKED}}checked{{/CHECKED}} class=\"card{{#LEAD}} card-lead{{/LEAD}}\" value=\"{{VALUE}}\">",
               model) == "<input checked class=\"card card-lead\" value=\"v\">");
}

TEST_CASE("the catalogue's texts are in the template when it is loaded, escaped, with their names as variables") {
  Model model;
  model.set("COUNT", 3);
  CHECK(render("<p>[[a.hello]] [[a.count]]</p>", model) == "<p>Hello 3 &lt;articles&gt;</p>");
  CHECK(render("<p>[[a.hello]] [[a.count]]</p>", model, Language::zh_hans) == "<p>你好 3 篇 &lt;文章&gt;</p>");
  CHECK(render("<link rel=\"stylesheet\" href=\"[[asset:site.css]]\">", model) ==
        "<link rel=\"stylesheet\" href=\"/assets/site-1.css\">");
}

TEST_CASE("names that every template may read come from the common names") {
  auto const templates = load("<input value=\"{{CSRF}}\">");
  std::string const token = "t\"";
  auto const common = [&](std::string_view name) { return name == "CSRF" ? &token : nullptr; };
  CHECK(templates->render("a/page.html", Language::en, Model(), common)->html == "<input value=\"t&quot;\">");
}

TEST_CASE("a name that nobody set is refused while developing and shown empty when serving") {
  auto const strict = load("<p>{{NAME}}{{OTHER}}</p>");
  auto const refused = strict->render("a/page.html", Language::en, Model());
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind == ErrorKind::broken);
  CHECK(refused.error().detail.find("NAME, OTHER") != std::string::npos);
  auto const lenient = load("<p>{{NAME}}</p>", UnsetNames::log);
  CHECK(lenient->render("a/page.html", Language::en, Model())->html == "<p></p>");
  CHECK(!lenient->render("a/none.html", Language::en, Model()).ok());
}

TEST_CASE("what the escaping cannot make safe is refused when templates are loaded") {
  struct Row {
    char const* text;
    char const* why;
  };
  Row const rows[] = {
      {"<script>var x = '{{NAME}}';</script>", "script"},
      {"<script>alert(1)</script>", "script"},
      {"<style>p { color: {{NAME}} }</style>", "style"},
      {"<p onclick=\"x('{{NAME}}')\">x</p>", "onclick"},
      {"<p onclick=\"x()\">x</p>", "onclick"},
      {"<p style=\"color: {{NAME}}\">x</p>", "style"},
      {"<img srcset=\"{{NAME}} 2x\">", "srcset"},
      {"<button formaction=\"{{NAME}}\">x</button>", "formaction"},
      {"<a xlink:href=\"{{NAME}}\">x</a>", "xlink:href"},
      {"<iframe srcdoc=\"{{NAME}}\"></iframe>", "iframe"},
      {"<p srcdoc=\"{{NAME}}\">x</p>", "srcdoc"},
      {"<base href=\"{{NAME}}\">", "base"},
      {"<object data=\"{{NAME}}\"></object>", "object"},
      {"<meta http-equiv=\"refresh\" content=\"{{NAME}}\">", "http-equiv"},
      {"<p title={{NAME}}>x</p>", "quoted value"},
      {"<p title=x>x</p>", "not quoted"},
      {"<p {{NAME}}=\"x\">x</p>", "in a tag"},
      {"<{{NAME}}>x", "opens no element"},
      {"<p{{NAME}}>x</p>", "in a tag"},
      {"<!-- {{NAME}} -->", "comment"},
      {"<p>{{NAME:none}}</p>", "trusted"},
      {"<p>{{NAME:h}}</p>", "modifier"},
      {"<p>{{BODY:none:h}}</p>", "modifier"},
      {"<p title=\"{{BODY:none}}\">x</p>", "attribute"},
      {"<p>{{>PART}}</p>", "includes"},
      {"<p>{{%AUTOESCAPE context=\"JAVASCRIPT\"}}</p>", "pragma"},
      {"<p>{{name}}</p>", "no name"},
      {"<p>{{NAME</p>", "without }}"},
      {"<p title=\"x", "ends inside"},
      {"<p>[[a.nothing]]</p>", "a.nothing"},
      {"<p>[[asset:nothing.css]]</p>", "nothing.css"},
  };
  for (auto const& row : rows) {
    CAPTURE(row.text);
    auto const loaded = load(row.text);
    REQUIRE(!loaded.ok());
    CHECK(loaded.error().kind == ErrorKind::broken);
    CAPTURE(loaded.error().detail);
    CHECK(loaded.error().detail.find("a/page.html") != std::string::npos);
    CHECK(loaded.error().detail.find(row.why) != std::string::npos);
  }
}

TEST_CASE("a template without the pragma is refused") {
  TemplateSource const sources[] = {{"a/page.html", "<p>{{NAME}}</p>"}};
  auto const loaded = Templates::load(sources, catalogue());
  REQUIRE(!loaded.ok());
  CHECK(loaded.error().detail.find("AUTOESCAPE") != std::string::npos);
}

TEST_CASE("JSON-LD cannot end its script element") {
  auto const html = json_ld(json::Object{{"headline", "</script><script>alert(1)</script><!--"}}).html;
  CHECK(html.starts_with("<script type=\"application/ld+json\">{"));
  CHECK(html.find("</script>") == html.size() - std::string_view("</script>").size());
  CHECK(html.find("<!--") == std::string::npos);
}

TEST_CASE("several threads fill templates at once") {
  auto const templates = load("<ul>{{#ITEM}}<li>{{NAME}}</li>{{/ITEM}}</ul>");
  auto const fill = [&] {
    for (int i = 0; i < 300; ++i) {
      Model model;
      for (int j = 0; j < 10; ++j) model.add("ITEM").set("NAME", j);
      auto const html = templates->render("a/page.html", Language::en, model);
      if (!html.ok() || html->html.size() != 9 + 10 * 10) return false;
    }
    return true;
  };
  bool first = false;
  std::thread other([&] { first = fill(); });
  bool const second = fill();
  other.join();
  CHECK(first);
  CHECK(second);
}
