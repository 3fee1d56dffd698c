// One line a happening, as JSON on standard error (or a file): {"time":…,"level":…,"message":…,"fields":…}. Messages
// are written with fmt; never log a password, token, cookie, form value or bound SQL value.
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace courant::log {

enum class Level { debug, info, warn, error, off };
enum class Style { json, plain };

/// Sets level and style for the process; call it once before threads start. The default is info, json.
void set_up(Level level, Style style);
/// "debug", "info", "warn", "error", "off"; anything else is info.
[[nodiscard]] Level level_named(std::string_view name);
void write(Level level, std::string_view message);

template <class... A>
void debug(fmt::format_string<A...> format, A&&... a) {
  write(Level::debug, fmt::format(format, std::forward<A>(a)...));
}
template <class... A>
void info(fmt::format_string<A...> format, A&&... a) {
  write(Level::info, fmt::format(format, std::forward<A>(a)...));
}
template <class... A>
void warn(fmt::format_string<A...> format, A&&... a) {
  write(Level::warn, fmt::format(format, std::forward<A>(a)...));
}
template <class... A>
void error(fmt::format_string<A...> format, A&&... a) {
  write(Level::error, fmt::format(format, std::forward<A>(a)...));
}

}  // namespace courant::log
