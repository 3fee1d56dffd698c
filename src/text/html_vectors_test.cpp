// Other people's attacks and oddities through the sanitizer: nothing forbidden is left, twice is the same, another
// parser reads the same tree, every character is accounted for, and nothing hangs.
#include <doctest/doctest.h>

#include <ctime>
#include <vector>

#include "base/json.hpp"
#include "text/html_check.hpp"
#include "text/test_data.hpp"

using namespace courant;
using namespace courant::text;

namespace {

void gather_strings(json::Value const& value, std::vector<std::string>& out) {
  if (value.is_string()) out.emplace_back(value.get_string());
  if (value.is_array()) {
    for (json::Value const& item : value.get_array()) gather_strings(item, out);
  }
  if (value.is_object()) {
    for (auto const& item : value.get_object()) gather_strings(item.value(), out);
  }
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// The inputs of html5lib's tree-construction files: what stands between "#data" and "#errors".
std::vector<std::string> tree_construction_inputs(std::string const& file) {
  std::vector<std::string> inputs;
  constexpr std::string_view kData = "#data\n", kErrors = "\n#errors";
  for (std::size_t at = file.find(kData); at != std::string::npos; at = file.find(kData, at)) {
    at += kData.size();
    std::size_t const end = std::min(file.find(kErrors, at == 0 ? 0 : at - 1), file.size());
    inputs.push_back(end > at ? file.substr(at, end - at) : "");
    at = end;
  }
  return inputs;
}

std::size_t check_all(std::vector<std::string> const& inputs) {
  for (std::string const& input : inputs) {
    std::string const fault = check::fault_of_sanitizing(input);
    CHECK_MESSAGE(fault.empty(), input, "\n", fault);
  }
  return inputs.size();
}

constexpr char const* kAbsent = "skipped: COURANT_TEST_DATA is not set or lacks the file";

}  // namespace

TEST_CASE("all vectors of the sanitizer collection leave only allowed elements") {
  auto const data = test_data::Unpacked::open("sanitizer.tar.zst");
  if (!data) {
    MESSAGE(kAbsent);
    return;
  }
  std::vector<std::string> inputs;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(data->path())) {
    std::string const extension = entry.path().extension();
    if (extension == ".txt") {
      for (std::string& line : lines_of(test_data::contents(entry.path()))) inputs.push_back(std::move(line));
    } else if (extension == ".json") {
      Result<json::Value> const value = json::parse(test_data::contents(entry.path()));
      REQUIRE(value.ok());
      gather_strings(*value, inputs);
    }
  }
  CHECK(check_all(inputs) > 10000);
}

TEST_CASE("the inputs of html5lib's tree construction tests come out stable") {
  auto const data = test_data::Unpacked::open("html5lib-tests.tar.zst");
  if (!data) {
    MESSAGE(kAbsent);
    return;
  }
  std::size_t count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(data->path())) {
    if (entry.path().extension() != ".dat" || entry.path().string().find("tree-construction") == std::string::npos)
      continue;
    count += check_all(tree_construction_inputs(test_data::contents(entry.path())));
  }
  CHECK(count > 1000);
}

TEST_CASE("HTML bombs end") {
  auto const data = test_data::Unpacked::open("generated-hostile.tar.zst");
  if (!data) {
    MESSAGE(kAbsent);
    return;
  }
  std::size_t count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(data->path())) {
    if (entry.path().extension() != ".html") continue;
    std::string const html = test_data::contents(entry.path());
    std::clock_t const begin = std::clock();
    Result<CleanHtml> const result = sanitize(html);
    double const seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    // Far above what it takes, sanitizers on: this notices a hang, it measures nothing.
    CHECK_MESSAGE(seconds < 20, entry.path().string());
    if (!result) CHECK(result.error().message == "text.html_too_deep");
    ++count;
  }
  CHECK(count >= 7);
}
