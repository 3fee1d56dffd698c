// Tests as text: files of requests and expected answers, run in process through a Door, without a network. The format
// is described in docs/http-tests.md.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "web/door.hpp"

namespace courant::web::testing {

/// Values that scripts write as {{NAME}}.
using Variables = std::map<std::string, std::string, std::less<>>;

/// What a script plays on.
struct Stage {
  Door& door;
  Variables variables;
  std::function<void(Duration)> advance;  ///< moves the clock; empty: the stage's clock cannot be moved
};

struct Failure {
  int line;           ///< in the file
  std::string block;  ///< its name
  std::string what;
};

struct Outcome {
  int blocks = 0;
  std::vector<Failure> failures;
};

/// Plays a whole file; a failing block does not stop the next. Error: invalid when the file does not follow the format.
/// `folder` is where `@file:` names are looked for.
Result<Outcome> play(std::string_view script, std::filesystem::path const& folder, Stage stage);

}  // namespace courant::web::testing
