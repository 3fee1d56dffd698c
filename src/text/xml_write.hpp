// Escaping for what we write: the same two functions serve HTML and XML.
#pragma once
#include <string>
#include <string_view>

namespace courant::text {

/// & < > escaped; good between tags in HTML and XML.
[[nodiscard]] std::string escape_text(std::string_view text);
/// & < > " ' escaped, and tab, LF, CR as references; good inside a quoted attribute in HTML and XML.
[[nodiscard]] std::string escape_attribute(std::string_view text);
void append_escaped_text(std::string& out, std::string_view text);
void append_escaped_attribute(std::string& out, std::string_view text);

/// Without the characters that XML 1.0 (section 2.2) forbids; ill-formed UTF-8 becomes U+FFFD. Call it before escaping
/// anything that goes into a feed or a sitemap.
[[nodiscard]] std::string strip_xml_forbidden(std::string_view text);

/// The five predefined, numeric and HTML's named character references resolved (HTML section 13.2.5.72 rules for text).
[[nodiscard]] std::string unescape(std::string_view text);

}  // namespace courant::text
