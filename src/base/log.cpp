#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.hpp"
#include "base/time.hpp"

namespace courant::log {
namespace {

Style style = Style::json;

spdlog::logger& logger() {
  static auto const instance = [] {
    auto made = std::make_shared<spdlog::logger>("courant", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spd(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      break;
  }
  return spdlog::level::off;
}

constexpr std::string_view kNames[] = {"debug", "info", "warn", "error", "off"};

}  // namespace

void set_up(Level level, Style wanted) {
  style = wanted;
  logger().set_level(spd(level));
}

Level level_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<Level>(i);
  return Level::info;
}

void write(Level level, std::string_view message) {
  if (!logger().should_log(spd(level))) return;
  auto const name = kNames[static_cast<std::size_t>(level)];
  if (style == Style::plain) {
    logger().log(spd(level), fmt::format("{}: {}", name, message));
    return;
  }
  logger().log(spd(level), fmt::format(R"({{"time":"{}","level":"{}","message":{}}})", rfc3339(SystemClock{}.now()),
                                       name, json::quoted(message)));
}

}  // namespace courant::log
