// Which passwords are too easy to guess. Our own short list and a few patterns; no substitute for the limit on tries.
#pragma once
#include <string_view>

namespace courant::accounts {

/// Whether a guesser tries it among the first: a listed one, one with fewer than four different characters, a run
/// ("1234567890", "zyxwvutsrq"), a row of keys, or a short piece repeated ("abcabcabca").
[[nodiscard]] bool is_common_password(std::string_view password);

/// Whether it says the name or login over again: equal to it, or holding it with fewer than 5 characters besides.
[[nodiscard]] bool is_made_of(std::string_view password, std::string_view name);

}  // namespace courant::accounts
