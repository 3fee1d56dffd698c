#include "text/markdown.hpp"

#include <doctest/doctest.h>

#include <ctime>

#include "text/html_check.hpp"
#include "text/test_data.hpp"

using namespace courant;
using namespace courant::text;

namespace {
std::string html(std::string_view markdown) {
  Result<std::string> const raw = markdown_to_html(markdown);
  if (!raw) return raw.error().message;
  CHECK(check::fault_of_sanitizing(*raw) == "");
  return sanitize(*raw)->html;
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}
}  // namespace

TEST_CASE("Markdown with GitHub's additions becomes HTML") {
  CHECK(html("# T\n\n*a* **b** `c` ~~d~~ 1~2") ==
        "<h2>T</h2>\n<p><em>a</em> <strong>b</strong> <code>c</code> <del>d</del> 1~2</p>\n");
  CHECK(html("|a|b|\n|-|-|\n|1|2|") ==
        "<table><thead><tr><th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody><tr><td>1</td>\n<td>2</td>\n</tr>\n</"
        "tbody>\n</table>\n");
  CHECK(html("- [x] y\n- [ ] n") == "<ul><li>☑ y</li>\n<li>☐ n</li>\n</ul>\n");
  CHECK(html("www.example.com") ==
        "<p><a href=\"http://www.example.com/\" rel=\"nofollow ugc noopener\">www.example.com</a></p>\n");
  CHECK(html("```cpp\nint x;\n```") == "<pre><code class=\"language-cpp\">int x;\n</code></pre>\n");
}

TEST_CASE("footnotes lead there and back") {
  std::string const out = html("a[^n]\n\n[^n]: note");
  CHECK(out.find("<a href=\"#c-fn-n\" id=\"c-fnref-n\">1</a>") == std::string::npos);  // id stands first
  CHECK(out.find("<a id=\"c-fnref-n\" href=\"#c-fn-n\">1</a>") != std::string::npos);
  CHECK(out.find("<li id=\"c-fn-n\">") != std::string::npos);
}

TEST_CASE("raw HTML and addresses are the sanitizer's to judge") {
  CHECK(html("<script>x</script>\n\n[a](javascript:x) <b onclick=x>c</b>") == "<p>a <b>c</b></p>\n");
}

TEST_CASE("what would not be linear is refused") {
  CHECK(html(std::string(101, '>') + "x") == "text.markdown_too_tangled");
  CHECK(html(repeated("![[]()", 20000)) == "text.markdown_too_tangled");
  CHECK(html(repeated("a@", 50000)) == "text.markdown_too_tangled");
  CHECK(html(repeated("|a", 8000) + "|\n" + repeated("|-", 8000) + "|\n" + repeated("|x\n", 20000)) ==
        "text.markdown_too_tangled");
  CHECK(html("[a]: /" + std::string(50000, 'x') + "\n\n" + repeated("[a]\n\n", 10000)) == "text.markdown_too_tangled");
  CHECK(html(std::string(kMaximalMarkdownBytes + 1, 'x')) == "text.markdown_too_long");
  CHECK(html(std::string(200, '-')) == "<hr>\n");
}

TEST_CASE("Markdown bombs end, real posts pass") {
  auto const bombs = test_data::Unpacked::open("generated-hostile.tar.zst");
  auto const posts = test_data::Unpacked::open("import/markdown.tar.zst");
  if (!bombs || !posts) {
    MESSAGE("skipped: COURANT_TEST_DATA is not set or lacks the files");
    return;
  }
  std::size_t count = 0;
  for (auto const& data : {bombs->path(), posts->path()}) {
    for (auto const& entry : std::filesystem::recursive_directory_iterator(data)) {
      if (entry.path().extension() != ".md") continue;
      std::clock_t const begin = std::clock();
      Result<std::string> const raw = markdown_to_html(test_data::contents(entry.path()));
      if (raw) CHECK_MESSAGE(check::fault_of_sanitizing(*raw) == "", entry.path().string());
      if (data == posts->path()) CHECK_MESSAGE(raw.ok(), entry.path().string());
      CHECK((std::clock() - begin) / CLOCKS_PER_SEC < 60);  // notices a hang, measures nothing
      ++count;
    }
  }
  CHECK(count > 400);
}
