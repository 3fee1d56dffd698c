#include "text/html.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "text/html_check.hpp"
#include "text/utf8.hpp"

using namespace courant;
using namespace courant::text;

namespace {

/// The clean HTML on one line; every claim of the sanitizer is checked on the way.
std::string clean(std::string_view html, SanitizeOptions const& options = {}) {
  CHECK(check::fault_of_sanitizing(html) == "");
  Result<CleanHtml> const result = sanitize(html, options);
  if (!result) return "refused: " + result.error().message;
  std::string out = result->html;
  out.erase(std::remove(out.begin(), out.end(), '\n'), out.end());
  return out;
}

Removed const* find(CleanHtml const& clean, std::string_view name) {
  auto const found =
      std::find_if(clean.removed.begin(), clean.removed.end(), [&](Removed const& r) { return r.name == name; });
  return found == clean.removed.end() ? nullptr : &*found;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("article prose passes as it is") {
  std::string const prose =
      R"(<h2>Title</h2><p>Text with <strong>weight</strong>, <em>stress</em> &amp; <code>code</code>.</p>)"
      R"(<blockquote><p>Quoted.</p></blockquote><ul><li>one</li><li>two</li></ul><hr>)";
  CHECK(clean(prose) == prose);
}

TEST_CASE("script, style and their text go, and are counted") {
  Result<CleanHtml> const result = sanitize("<p>a</p><script>alert(1)</script><style>p { x }</style><p>b");
  REQUIRE(result.ok());
  CHECK(result->html == "<p>a</p>\n<p>b</p>\n");
  REQUIRE(find(*result, "script"));
  CHECK(find(*result, "script")->characters == 8);
  CHECK(find(*result, "script")->reason == "text.removed_script");
  CHECK(find(*result, "style")->characters == 4);
  CHECK(result->characters_in == 14);
  CHECK(result->characters_out == 2);
}

TEST_CASE("event handlers, styles and foreign classes go from elements that stay") {
  Result<CleanHtml> const result = sanitize(R"~(<p onclick="x()" style="color:red" class="big">t</p>)~");
  REQUIRE(result.ok());
  CHECK(result->html == "<p>t</p>\n");
  CHECK(find(*result, "p[onclick]")->reason == "text.removed_event_handler");
  CHECK(find(*result, "p[style]")->reason == "text.removed_attribute");
  CHECK(find(*result, "p[class]")->count == 1);
}

TEST_CASE("addresses are checked") {
  CHECK(clean(R"~(<a href="javascript:alert(1)">x</a>)~") == "<p>x</p>");
  CHECK(clean("<a href=\"java\tscript:alert(1)\">x</a>") == "<p>x</p>");
  CHECK(clean(R"~(<a href="&#106;avascript&colon;alert(1)">x</a>)~") == "<p>x</p>");
  CHECK(clean(R"(<a href="data:text/html,x">x</a>)") == "<p>x</p>");
  CHECK(clean(R"(<a href=" https://example.com/a b ">x</a>)") ==
        R"(<p><a href="https://example.com/a%20b" rel="nofollow ugc noopener">x</a></p>)");
  CHECK(clean(R"(<a href="/a/1">x</a><a href="//evil.example/">y</a>)") ==
        R"(<p><a href="/a/1">x</a><a href="https://evil.example/" rel="nofollow ugc noopener">y</a></p>)");
  CHECK(clean(R"(<a href="mailto:a@example.com">x</a>)") == R"(<p><a href="mailto:a@example.com">x</a></p>)");
  CHECK(clean("<img src=data:image/png;base64,AAAA>y") == "<p>y</p>");
  CHECK(clean("<img src=/login>y") == "<p>y</p>");
}

TEST_CASE("relative addresses resolve against the base, and links home become own paths") {
  SanitizeOptions options;
  options.base_url = *Url::parse("https://old.example/2020/post/");
  options.site_url = *Url::parse("https://news.example/");
  Result<CleanHtml> const result =
      sanitize(R"(<a href="../x">a</a> <a href="https://news.example/a/7">b</a> <img src="p.jpg" alt="p">)", options);
  REQUIRE(result.ok());
  CHECK(result->html ==
        "<p><a href=\"https://old.example/2020/x\" rel=\"nofollow ugc noopener\">a</a> <a href=\"/a/7\">b</a> "
        "<img src=\"https://old.example/2020/post/p.jpg\" alt=\"p\" loading=\"lazy\" decoding=\"async\"></p>\n");
  REQUIRE(result->pictures.size() == 1);
  CHECK(result->pictures[0].address == "https://old.example/2020/post/p.jpg");
}

TEST_CASE("pictures are rewritten, sized, described and loaded lazily") {
  SanitizeOptions options;
  options.rewrite_picture = [](std::string_view address) -> std::optional<std::string> {
    if (address == "https://mmbiz.example/1.png") return "/media/9/x.png";
    return std::nullopt;
  };
  Result<CleanHtml> const result = sanitize(
      R"(<img data-src="https://mmbiz.example/1.png" src="data:image/gif;base64,R0" width="640px" height=100%>)",
      options);
  REQUIRE(result.ok());
  CHECK(result->html ==
        "<p><img src=\"/media/9/x.png\" alt=\"\" width=\"640\" loading=\"lazy\" decoding=\"async\"></p>\n");
  CHECK(find(*result, "img[alt]")->reason == "text.alt_missing");
  Result<CleanHtml> const pixel = sanitize("<img src=https://t.example/p width=1 height=1 alt=''>x");
  CHECK(pixel->html == "<p>x</p>\n");
  CHECK(find(*pixel, "img[src]")->reason == "text.tracking_pixel");
}

TEST_CASE("a blocked embed leaves a link, reported, and the account stays even") {
  Result<CleanHtml> const result =
      sanitize(R"(<p>a<iframe src="https://v.example/1?x=1&amp;y">no frames</iframe>b</p>)");
  REQUIRE(result.ok());
  CHECK(result->html ==
        "<p>a<a href=\"https://v.example/1?x=1&amp;y\" rel=\"nofollow ugc noopener\">"
        "https://v.example/1?x=1&amp;y</a>b</p>\n");
  CHECK(find(*result, "iframe")->characters == 8);
  CHECK(result->characters_added == 25);
  CHECK(result->characters_in == 10);
  CHECK(result->characters_out == 27);
  CHECK(clean("<iframe src=javascript:x></iframe>y") == "<p>y</p>");
}

TEST_CASE("films play from this site, others leave a link") {
  CHECK(clean(R"(<video src="/media/v.mp4" width=640 onplay=x>no <b>video</b></video>)") ==
        R"(<p><video controls preload="metadata" width="640"><source src="/media/v.mp4"></video></p>)");
  CHECK(clean(R"(<audio><source src="https://e.example/a.mp3" type="audio/mpeg"></audio>)") ==
        R"(<p><a href="https://e.example/a.mp3" rel="nofollow ugc noopener">https://e.example/a.mp3</a></p>)");
  SanitizeOptions keep;
  keep.outside_media = SanitizeOptions::Outside::keep;
  CHECK(sanitize(R"(<audio><source src="https://e.example/a.mp3" type="audio/mpeg"></audio>)", keep)->html ==
        "<p><audio controls preload=\"metadata\"><source src=\"https://e.example/a.mp3\" "
        "type=\"audio/mpeg\"></audio></p>\n");
}

TEST_CASE("svg, math, select, noscript, template, style, iframe and comments never pass") {
  for (std::string_view const hostile :
       {"<svg><script>x</script></svg>t", "<math><mi>x</mi></math>t", "<select><option>o</select>t",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">t", "<template><p>t</p></template>t",
        "<style><img src=x></style>t", "<!-- c -->t", "<![CDATA[x]]>t", "<?php x ?>t", "<object data=x>t</object>"}) {
    std::string const out = clean(hostile);
    for (std::string_view const name :
         {"<svg", "<math", "<select", "<noscript", "<template", "<style", "<!", "<?", "onerror="}) {
      CHECK_MESSAGE(out.find(name) == std::string::npos, out);
    }
  }
}

TEST_CASE("HTML after foreign content is HTML again") {
  CHECK(clean("<svg><g><p>out</p>") == "<p>out</p>");
  CHECK(clean("<div><svg><g></div><p>after</p>") == "<p>after</p>");
  CHECK(clean("<svg/><p>x</p>") == "<p>x</p>");
}

TEST_CASE("headings skip no level and h1 is the page's") {
  Result<CleanHtml> const result =
      sanitize("<h1>a</h1><h4>b</h4><h4>c</h4><h6>d</h6><h2 id=x>e <i>f</i></h2><h3></h3>");
  REQUIRE(result.ok());
  CHECK(result->html == "<h2>a</h2>\n<h3>b</h3>\n<h3>c</h3>\n<h4>d</h4>\n<h2 id=\"c-x\">e <i>f</i></h2>\n");
  REQUIRE(result->headings.size() == 5);
  CHECK(result->headings[4].text == "e f");
  CHECK(result->headings[4].id == "c-x");
  CHECK(result->headings[3].level == 4);
  SanitizeOptions keep;
  keep.headings = SanitizeOptions::Headings::keep_levels;
  CHECK(sanitize("<h1>a</h1><h4>b</h4>", keep)->html == "<h2>a</h2>\n<h4>b</h4>\n");
}

TEST_CASE("loose text becomes paragraphs, containers vanish") {
  CHECK(clean("a<div>b<div>c</div>d</div>e<br><br>") == "<p>a</p><p>b</p><p>c</p><p>d</p><p>e</p>");
  CHECK(clean("<section><center>x</center></section><p></p><p> </p><b></b>") == "<p>x</p>");
  CHECK(clean("<td>x") == "<p>x</p>");
}

TEST_CASE("mis-nested markup comes out by the content model") {
  CHECK(clean("<b>1<p>2</b>3</p>") == "<p><b>1</b></p><p><b>2</b>3</p>");
  CHECK(clean("<p>1<b>2<i>3</b>4</i>5") == "<p>1<b>2<i>3</i></b><i>4</i>5</p>");
  CHECK(clean("<a href=/x><p>1</p><h2>2</h2></a>") == R"(<p><a href="/x">1</a></p><h2><a href="/x">2</a></h2>)");
  CHECK(clean("<h2>1<ul><li>2</ul>3</h2>") == "<h2>1 2 3</h2>");
  CHECK(clean("<li>1<li>2") == "<ul><li>1</li><li>2</li></ul>");
  CHECK(clean("<ul>0<li>1</li><ul><li>2</ul></ul>") == "<ul><li>0</li><li>1<ul><li>2</li></ul></li></ul>");
  CHECK(clean("<dl>0<dt>1<dd>2</dl>") == "<ul><li>0</li><li>1</li><li>2</li></ul>");
  CHECK(clean("<dl><div><dt>1<dd>2</div><dt>3<dt>4<dd><p>5</dl>") ==
        "<dl><dt>1</dt><dd>2</dd><dt>3</dt><dt>4</dt><dd><p>5</p></dd></dl>");
  CHECK(clean("<dd>1") == "<p>1</p>");
  CHECK(clean("<table><tr><td>1<td>2</table>") == "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>");
  CHECK(clean("<table>0<tr><td>1<caption>2</table>") ==
        "<p>0</p><table><caption>2</caption><tbody><tr><td>1</td></tr></tbody></table>");
  CHECK(clean("<a href=/x>1<a href=/y>2") == R"(<p><a href="/x">1</a><a href="/y">2</a></p>)");
}

TEST_CASE("a pre keeps its white space, its first newline too") {
  CHECK(sanitize("<pre>\n a\n\n  b</pre>")->html == "<pre> a\n\n  b</pre>\n");
  CHECK(sanitize("<pre>\n\na</pre>")->html == "<pre>\n\na</pre>\n");
  CHECK(sanitize("<pre><code class=\"x lang-c++ y\">a<br>b</code></pre>")->html ==
        "<pre><code class=\"language-c++\">a\nb</code></pre>\n");
  CHECK(check::fault_of_sanitizing("<pre>\n\n\n x<b>\n</b></pre>") == "");
}

TEST_CASE("ids are prefixed, unique, and fragments lead to them") {
  CHECK(clean(R"(<h2 id="top">a</h2><p id="top">b <a href="#top">c</a><a href="#">d</a></p>)") ==
        R"(<h2 id="c-top">a</h2><p>b <a href="#c-top">c</a>d</p>)");
  CHECK(clean("<p id='a b'>x</p><p id='目录'>y</p>") == "<p>x</p><p id=\"c-目录\">y</p>");
  CHECK(clean("<p id=" + std::string(120, 'x') + ">y") == "<p id=\"c-" + std::string(120, 'x') + "\">y</p>");
  CHECK(clean("<p id=" + std::string(121, 'x') + ">y") == "<p>y</p>");
}

TEST_CASE("figures keep a caption, details need a summary, ruby an annotation") {
  CHECK(clean("<figure><figcaption>c</figcaption><figcaption>d</figcaption>x</figure>") ==
        "<figure><figcaption>c</figcaption><p>d</p>x</figure>");
  CHECK(clean("<details>t<summary>s</summary></details>") == "<details><summary>s</summary><p>t</p></details>");
  CHECK(clean("<details>t</details>") == "<p>t</p>");
  CHECK(clean("<ruby>漢<rp>(</rp><rt>kan</rt></ruby>") == "<p><ruby>漢<rp>(</rp><rt>kan</rt></ruby></p>");
  CHECK(clean("<ruby>漢</ruby>") == "<p>漢</p>");
}

TEST_CASE("a task list keeps its boxes as characters") {
  CHECK(clean("<ul><li><input type=checkbox checked disabled> done</li><li><input type=checkbox> open</li></ul>") ==
        "<ul><li>☑ done</li><li>☐ open</li></ul>");
}

TEST_CASE("any bytes are repaired and counted") {
  Result<CleanHtml> const result = sanitize(std::string_view("a\xFF\x01\0b\x7F&#1;&nbsp;\r\nc", 19));
  REQUIRE(result.ok());
  CHECK(is_utf8(result->html));
  CHECK(result->html.find('\x01') == std::string::npos);
  CHECK(find(*result, "U+0001")->count == 2);
  CHECK(find(*result, "U+0000")->count == 1);
  CHECK(result->characters_in == 9);
  CHECK(result->characters_out == 5);
}

TEST_CASE("a tag cut off by the end of the input is reported with its characters") {
  Result<CleanHtml> const result = sanitize("<p>a</p><a href=\"https://example.com");
  CHECK(result->html == "<p>a</p>\n");
  CHECK(find(*result, "unfinished")->characters == 27);
}

TEST_CASE("nesting deeper than 256 is refused with a clear message, flat markup of any size is not") {
  auto const message = [](std::string const& html) {
    Result<CleanHtml> const result = sanitize(html);
    return result ? std::string() : result.error().message;
  };
  for (std::string_view const tag :
       {"<div>", "<b>", "<blockquote>", "<span lang=en>", "<ul><li>", "<table><tr><td>", "<a><b><div>"}) {
    CAPTURE(tag);
    CHECK(message(repeated(tag, 300)) == "text.html_too_deep");
  }
  CHECK(message(repeated("<div>", 256) + "x" + repeated("</div>", 256)) == "");
  CHECK(message(repeated("<p>x<li>y<b>", 5000)) == "");
  CHECK(message(repeated("<p><b><i>x</p>", 5000)) == "");
  CHECK(message(repeated("<blockquote>", 256) + "x") == "text.html_too_deep");  // with the paragraph round the x
  CHECK(message(repeated("<table><tr><td>", 85)) == "text.html_too_deep");      // with the tbody of each
}

TEST_CASE("mis-nested formatting does not blow the output up") {
  std::string const long_link = "<a href=\"https://e.example/" + repeated("x", 3000) + "\">" + repeated("<p>x", 20000);
  Result<CleanHtml> const result = sanitize(long_link);
  REQUIRE(result.ok());
  CHECK(result->html.size() < 6 * long_link.size());
  CHECK(find(*result, "a")->reason == "text.removed_tangled");
  CHECK(result->characters_out == 20000);
}

TEST_CASE("the report stays short whatever the input names") {
  std::string html;
  for (int i = 0; i < 5000; ++i) html += "<x" + std::to_string(i) + ">";
  CHECK(sanitize(html)->removed.size() <= 102);
}

TEST_CASE("pictures of clean HTML are written anew") {
  std::string const html = sanitize("<p>a<img src=/media/1 alt='x &amp; y' width=3 height=4>b")->html;
  std::string const out = rewrite_pictures(html, [](PictureTag const& picture) {
    CHECK(picture.address == "/media/1");
    CHECK(picture.alt == "x & y");
    CHECK(picture.width == 3);
    CHECK(picture.height == 4);
    return "<picture>" + std::string(picture.tag) + "</picture>";
  });
  CHECK(out ==
        "<p>a<picture><img src=\"/media/1\" alt=\"x &amp; y\" width=\"3\" height=\"4\" loading=\"lazy\" "
        "decoding=\"async\"></picture>b</p>\n");
}
