// A .http file as data: what docs/http-tests.md describes, read but not yet played.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace courant::web::testing {

/// One line that is not the request itself: a step before it or an expectation after it.
struct Line {
  int number;
  std::string text;
};

struct Block {
  int line = 0;  ///< of its ###
  std::string name;
  std::vector<Line> before;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> body;  ///< lines
  int status = 0;
  std::vector<Line> expectations;
};

/// Error: invalid, with the line in the detail.
Result<std::vector<Block>> read_script(std::string_view text);

}  // namespace courant::web::testing
