// Markdown becomes HTML that the sanitizer takes, or is refused.
#include "fuzz.hpp"
#include "text/html_check.hpp"
#include "text/markdown.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  courant::Result<std::string> const html = courant::text::markdown_to_html(as_text(data, size));
  if (!html) return 0;
  std::string const fault = courant::text::check::fault_of_sanitizing(*html);
  must_hold(fault.empty(), fault);
  return 0;
}
