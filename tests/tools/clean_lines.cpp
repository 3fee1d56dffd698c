// Reads JSON strings, a line each, from standard input; writes what text::sanitize makes of each as a JSON string, a
// line each (null when it refuses). For the browser test that renders strangers' HTML.
#include <iostream>
#include <string>

#include "base/json.hpp"
#include "text/html.hpp"

int main() {
  using namespace courant;
  for (std::string line; std::getline(std::cin, line);) {
    auto const value = json::parse(line);
    if (!value.ok() || !value->is_string()) return 1;
    auto const clean = text::sanitize(value->as_string());
    std::cout << (clean.ok() ? json::write(json::Value(clean->html)) : "null") << '\n';
  }
}
