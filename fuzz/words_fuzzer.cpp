// Plain text in any bytes: paragraphs lose nothing but white space, excerpts keep their limit, names and slugs are
// UTF-8 and stay what they are, a diff holds both texts.
#include <algorithm>

#include "fuzz.hpp"
#include "text/diff.hpp"
#include "text/excerpt.hpp"
#include "text/fold.hpp"
#include "text/html.hpp"
#include "text/language.hpp"
#include "text/plain.hpp"
#include "text/slug.hpp"
#include "text/utf8.hpp"

namespace {

using namespace courant::text;

void check_paragraphs(std::string_view input) {
  std::string const html = plain_to_html(input);
  courant::Result<CleanHtml> const clean = sanitize(html);
  must_hold(clean.ok() && clean->html == html, "paragraphs of plain text are clean HTML");
  std::string const plain = html_to_plain(html);
  must_hold(is_utf8(plain), "plain text is UTF-8");
  std::size_t const limit = 1 + input.size() % 97;
  must_hold(count_characters(excerpt(plain, limit)) <= limit + 1, "an excerpt keeps its limit");
  must_hold(count_characters(html_excerpt(html, limit)) <= limit + 1, "an excerpt of HTML keeps its limit");
  must_hold(reading_minutes(measure(plain)) >= 1, "reading takes a minute");
}

void check_names(std::string_view input) {
  std::string const name = clean_name(input);
  must_hold(is_utf8(name) && clean_name(name) == name, "a clean name is UTF-8 and stays itself");
  std::string const folded = fold(input);
  must_hold(is_utf8(folded) && fold(folded) == folded, "a folded text is UTF-8 and stays itself");
  std::string const path = slug(input);
  must_hold(is_utf8(path) && count_characters(path) <= 60, "a slug is UTF-8 and short");
  must_hold(path.find('/') == std::string::npos && !path.starts_with('-') && !path.ends_with('-'),
            "a slug is one word");
  if (courant::Result<std::string> const known = handle(input)) {
    must_hold(handle(*known).ok() && *handle(*known) == *known, "a handle stays itself");
  }
  must_hold(!guess_language(input).empty(), "a language is named");
}

void check_diff(std::string_view input) {
  std::string_view const before = input.substr(0, input.size() / 2), after = input.substr(input.size() / 2);
  std::string a, b;
  for (Change const& change : diff(before, after, 50)) {
    if (change.kind != Change::Kind::inserted) a += change.text;
    if (change.kind != Change::Kind::deleted) b += change.text;
  }
  must_hold(a == before && b == after, "a diff holds both texts");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const input = as_text(data, size);
  check_paragraphs(input);
  check_names(input);
  check_diff(input);
  return 0;
}
