#include "web/testing/script.hpp"

#include <fmt/format.h>

#include <charconv>

namespace courant::web::testing {
namespace {

bool is_method(std::string_view line) {
  for (auto const* name : {"GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "})
    if (line.starts_with(name)) return true;
  return false;
}

/// Reads lines one after the other; what a line means depends on where in its block it stands.
class Reader {
 public:
  Done read(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      auto const end = text.find('\n');
      auto line = text.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      TRY(take(++number, line));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    return finish_block(number);
  }

  std::vector<Block> blocks;

 private:
  enum class Part : std::uint8_t { outside, before, headers, body, answer };
  Part part_ = Part::outside;

  static Error wrong(int number, std::string_view what) {
    return invalid("", fmt::format("line {}: {}", number, what));
  }

  Done take(int number, std::string_view line) {
    if (line.starts_with("###")) {
      TRY(finish_block(number));
      auto name = line.substr(3);
      while (name.starts_with(' ')) name.remove_prefix(1);
      blocks.push_back({.line = number, .name = std::string(name)});
      part_ = Part::before;
      return {};
    }
    switch (part_) {
      case Part::outside:
        return line.empty() || line[0] == '#' ? Done{} : wrong(number, "text before the first ###");
      case Part::before:
        return take_before(number, line);
      case Part::headers:
        return take_header(number, line);
      case Part::body:
        return take_body(number, line);
      case Part::answer:
        return take_expectation(number, line);
    }
    return {};
  }

  Done take_before(int number, std::string_view line) {
    auto& block = blocks.back();
    if (line.empty() || line[0] == '#') return {};
    if (!is_method(line)) {
      block.before.push_back({number, std::string(line)});
      return {};
    }
    auto const space = line.find(' ');
    block.method = line.substr(0, space);
    block.target = line.substr(space + 1);
    part_ = Part::headers;
    return {};
  }

  Done take_header(int number, std::string_view line) {
    if (line.starts_with("HTTP ")) return begin_answer(number, line);
    if (line.empty()) {
      part_ = Part::body;
      return {};
    }
    auto const colon = line.find(": ");
    if (colon == std::string_view::npos) return wrong(number, "a header field is written Name: value");
    blocks.back().headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    return {};
  }

  Done take_body(int number, std::string_view line) {
    if (line.starts_with("HTTP ")) return begin_answer(number, line);
    blocks.back().body.emplace_back(line);
    return {};
  }

  Done begin_answer(int number, std::string_view line) {
    auto& block = blocks.back();
    auto const status = line.substr(5);
    auto const [end, error] = std::from_chars(status.data(), status.data() + status.size(), block.status);
    if (error != std::errc{} || end != status.data() + status.size())
      return wrong(number, "the answer is written HTTP STATUS");
    while (!block.body.empty() && block.body.back().empty()) block.body.pop_back();
    part_ = Part::answer;
    return {};
  }

  Done take_expectation(int number, std::string_view line) {
    if (!line.empty() && line[0] != '#') blocks.back().expectations.push_back({number, std::string(line)});
    return {};
  }

  Done finish_block(int number) {
    if (part_ != Part::outside && part_ != Part::answer) return wrong(number, "the block before has no HTTP STATUS");
    return {};
  }
};

}  // namespace

Result<std::vector<Block>> read_script(std::string_view text) {
  Reader reader;
  TRY(reader.read(text));
  return std::move(reader.blocks);
}

}  // namespace courant::web::testing
