// What a template may hold; checked when templates are loaded (SECURITY "Text that becomes HTML").
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::web {

/// Whether {{NAME:none}} may stand in a template: CONTENT, BODY, HEAD, and names that end in _HTML.
[[nodiscard]] bool is_trusted_name(std::string_view name) noexcept;

/// The modifier that percent-encodes a variable inside an address (RFC 3986 section 2.1); template.cpp defines it.
/// ctemplate itself only escapes HTML there, so that "?", "#" and "/" in a value would change where a link leads.
inline constexpr std::string_view kAddressPartModifier = "x-address-part";

/// Reads the template as HTML with markers in it. Returns it with the modifier at each variable that stands inside an
/// address but not at its start. Error: broken, naming the template, the line and the rule.
Result<std::string> check_template(std::string_view name, std::string_view text);

}  // namespace courant::web
