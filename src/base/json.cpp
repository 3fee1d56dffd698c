#include "base/json.hpp"

#include <fmt/format.h>

#include <boost/json/src.hpp>

namespace courant::json {

Result<Value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code code;
  std::size_t const read = parser.write_some(text.data(), text.size(), code);
  if (!code && read < text.size() && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
    code = boost::json::error::extra_data;
  if (!code) parser.finish(code);
  if (code) return invalid("base.bad_json", fmt::format("{} at byte {}", code.message(), read));
  return parser.release();
}

std::string write(Value const& value) { return boost::json::serialize(value); }

std::string write_for_html(Value const& value) {
  std::string const plain = boost::json::serialize(value);
  std::string safe;
  safe.reserve(plain.size() + 64);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    char const c = plain[i];
    if (c == '<')
      safe += "\\u003c";
    else if (c == '>')
      safe += "\\u003e";
    else if (c == '&')
      safe += "\\u0026";
    else if (plain.compare(i, 3, "\xE2\x80\xA8") == 0)
      safe += "\\u2028", i += 2;
    else if (plain.compare(i, 3, "\xE2\x80\xA9") == 0)
      safe += "\\u2029", i += 2;
    else
      safe += c;
  }
  return safe;
}

std::string quoted(std::string_view text) {
  // Boost.JSON writes what it is given; log lines must be valid UTF-8 whatever a stranger sent.
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    auto const lead = static_cast<unsigned char>(text[i]);
    std::size_t const length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    bool good = length != 0 && i + length <= text.size();
    for (std::size_t k = 1; good && k < length; ++k) good = (static_cast<unsigned char>(text[i + k]) & 0xC0) == 0x80;
    if (good)
      clean.append(text, i, length), i += length;
    else
      clean += "\xEF\xBF\xBD", ++i;
  }
  return boost::json::serialize(boost::json::string(clean));
}

std::string_view string_or_empty(Object const& object, std::string_view key) {
  auto const* const found = object.if_contains(key);
  auto const* const text = found ? found->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

}  // namespace courant::json
