// However a form's bytes are cut, it has the same parts; no more of them than allowed, and no byte that was not sent.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "net/multipart.hpp"

namespace {

using namespace courant;

struct Part {
  std::string name;
  std::string content;
  friend bool operator==(Part const&, Part const&) = default;
};

class Parts final : public net::PartSink {
 public:
  std::vector<Part> parts;
  Done begin_part(net::PartHeader header) override {
    must_hold(!open_, "a part ends before the next begins");
    open_ = true;
    parts.push_back({std::move(header.name), {}});
    return {};
  }
  Done add(std::string_view data) override {
    must_hold(open_, "data belong to a part");
    parts.back().content.append(data);
    return {};
  }
  Done end_part() override {
    open_ = false;
    return {};
  }

 private:
  bool open_ = false;
};

struct Outcome {
  std::vector<Part> parts;
  bool whole = false;
  friend bool operator==(Outcome const&, Outcome const&) = default;
};

Outcome read(std::string_view body, std::string const& boundary, std::size_t piece) {
  net::MultipartLimits const limits{.most_parts = 10, .most_part_header_bytes = 512};
  Parts sink;
  net::MultipartParser parser(boundary, limits, sink);
  bool good = true;
  for (std::size_t at = 0; good && at < body.size(); at += piece) good = parser.feed(body.substr(at, piece)).ok();
  std::size_t bytes = 0;
  for (auto const& part : sink.parts) bytes += part.content.size();
  must_hold(bytes <= body.size(), "no byte is invented");
  must_hold(sink.parts.size() <= 10, "the number of parts is bounded");
  if (!good) return {};  // how much of a refused form was seen depends on the pieces, and nobody uses it
  return {std::move(sink.parts), parser.finish().ok()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = as_text(data, size);
  // The first line plays the Content-Type.
  auto const line_end = bytes.find('\n');
  auto const boundary = courant::net::multipart_boundary(bytes.substr(0, line_end));
  if (!boundary || line_end == std::string_view::npos) return 0;
  auto const body = bytes.substr(line_end + 1);
  auto const whole = read(body, *boundary, std::max<std::size_t>(body.size(), 1));
  auto const in_bytes = read(body, *boundary, 1);
  must_hold(whole.whole == in_bytes.whole, "pieces do not matter to the verdict");
  if (whole.whole) must_hold(whole.parts == in_bytes.parts, "pieces do not matter to the parts");
  return 0;
}
