// What is read as a form, written and read again is the same; limits hold; percent encoding is undone by decoding.
#include "fuzz.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace courant::text;
  std::string_view const input = as_text(data, size);
  QueryLimits const limits{4096, 20, 64, 512};
  if (courant::Result<Fields> const fields = parse_form(input, limits)) {
    must_hold(fields->size() <= limits.maximal_fields, "the number of fields is bounded");
    for (auto const& [name, value] : *fields) {
      must_hold(name.size() <= limits.maximal_name_bytes && value.size() <= limits.maximal_value_bytes, "sizes hold");
      must_hold(is_utf8(name) && is_utf8(value), "names and values are UTF-8");
      must_hold(name.find('\0') == std::string::npos && value.find('\0') == std::string::npos, "there is no NUL");
    }
    courant::Result<Fields> const again = parse_form(write_query(*fields), QueryLimits{1 << 20, 20, 64, 512});
    must_hold(again.ok() && std::equal(fields->begin(), fields->end(), again->begin(), again->end()),
              "fields survive being written and read");
  }
  if (input.find('\0') == std::string_view::npos) {
    courant::Result<std::string> const decoded = percent_decode(percent_encode(input));
    must_hold(decoded.ok() && *decoded == input, "percent decoding undoes percent encoding");
  }
  static_cast<void>(percent_decode(input));
  return 0;
}
