// The readable tail of an address, and the rules for handles.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace courant::text {

/// From a title: folded (NFKC, lower case, Latin without accents), letters and digits of any script kept, everything
/// else one hyphen, at most `limit` characters cut at a hyphen where possible. Not percent-encoded (see
/// query.hpp, percent_encode). Empty when the title has no letter or digit.
[[nodiscard]] std::string slug(std::string_view title, std::size_t limit = 60);

/// A handle as typed, made canonical: NFC, lower case, without a leading "@". 2 to 30 characters: letters and digits
/// of Latin (a-z) or Han script, and single "_" or "-" inside. Errors: invalid text.handle_too_short,
/// text.handle_too_long, text.handle_characters, text.handle_reserved (names such as admin, api, media).
[[nodiscard]] Result<std::string> handle(std::string_view typed);

}  // namespace courant::text
