// What a template may hold; checked when templates are loaded (SECURITY "Text that becomes HTML").
#pragma once
#include <string_view>

#include "base/result.hpp"

namespace courant::web {

/// Whether {{NAME:none}} may stand in a template: CONTENT, BODY, HEAD, and names that end in _HTML.
[[nodiscard]] bool is_trusted_name(std::string_view name) noexcept;

/// Reads the template as HTML with markers in it. Error: broken, naming the template, the line and the rule.
Done check_template(std::string_view name, std::string_view text);

}  // namespace courant::web
