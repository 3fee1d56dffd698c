// An accepted address is in normal form, safe in any quoting, and stays what it is when read again.
#include <algorithm>

#include "fuzz.hpp"
#include "text/url.hpp"

namespace {

using namespace courant;
using namespace courant::text;

void must_be_normal(Url const& url) {
  must_hold(std::all_of(url.str().begin(), url.str().end(),
                        [](char c) {
                          return c > ' ' && c < 0x7F && c != '"' && c != '\'' && c != '<' && c != '>' && c != '\\';
                        }),
            "an address is printable ASCII without quotes, angle brackets and backslashes");
  must_hold(url.str().starts_with("http://") || url.str().starts_with("https://") || url.str().starts_with("mailto:"),
            "there are three schemes");
  must_hold(url.is_web() ? !url.host().empty() && url.path().starts_with('/') : url.host().empty(), "its parts exist");
  Result<Url> const again = Url::parse(url.str());
  must_hold(again.ok() && *again == url, "an address in normal form is read as itself");
  must_hold(again->path() == url.path() && again->query() == url.query() && again->fragment() == url.fragment() &&
                again->host() == url.host() && again->port() == url.port(),
            "its parts are the same too");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const input = as_text(data, size);
  static Url const base = *Url::parse("https://example.org/a/b/c?q=1#f");
  if (Result<Url> const url = Url::parse(input)) must_be_normal(*url);
  if (Result<Url> const url = Url::parse(input, base)) must_be_normal(*url);
  if (Result<std::string> const path = parse_own_path(input)) {
    must_hold(path->starts_with('/') && !path->starts_with("//") && path->find('\\') == std::string::npos,
              "an own path stays on this site");
    Result<Url> const resolved = Url::parse(*path, base);
    must_hold(!resolved.ok() || resolved->host() == "example.org", "a browser would not leave this site for it");
    Result<std::string> const again = parse_own_path(*path);
    must_hold(again.ok() && *again == *path, "an own path in normal form is read as itself");
  }
  return 0;
}
