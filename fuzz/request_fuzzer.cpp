// However the bytes of a request are cut, it is read the same; what is accepted has one Host at most, one framing and a
// target of plain characters; views lie inside the bytes; ranges lie inside the file; chunks give no byte that was not
// sent.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "net/address.hpp"
#include "net/byte_range.hpp"
#include "net/chunked.hpp"
#include "net/head.hpp"
#include "net/words.hpp"

namespace {

using namespace courant;

struct Found {
  net::HeadScan::State state = net::HeadScan::State::incomplete;
  std::size_t begin = 0;
  std::size_t end = 0;
  int refusal = 0;
  friend bool operator==(Found const&, Found const&) = default;
};

Found find_head(std::string_view bytes, std::size_t piece) {
  net::HeadScan scan;
  Found found;
  for (std::size_t end = 0; end < bytes.size() && found.state == net::HeadScan::State::incomplete;) {
    end = std::min(end + piece, bytes.size());
    found.state = scan.look(bytes.substr(0, end));
  }
  if (found.state == net::HeadScan::State::refused) found.refusal = scan.refusal();
  if (found.state == net::HeadScan::State::complete) {
    found.begin = scan.begin();
    found.end = scan.end();
  }
  return found;
}

std::string decode(std::string_view bytes, std::size_t piece) {
  net::ChunkDecoder decoder;
  std::string body;
  std::size_t at = 0;
  auto state = net::ChunkDecoder::State::more;
  while (at < bytes.size() && state == net::ChunkDecoder::State::more) {
    auto const step = decoder.next(bytes.substr(at, piece));
    must_hold(step.taken > 0 || step.state != net::ChunkDecoder::State::more, "decoding goes on");
    body.append(step.data);
    at += step.taken;
    state = step.state;
  }
  must_hold(body.size() <= bytes.size(), "no byte is invented");
  if (state == net::ChunkDecoder::State::bad) return "bad";
  return body + (state == net::ChunkDecoder::State::done ? " done at " + std::to_string(at) : " goes on");
}

void check_head(std::string_view head) {
  web::Request request;
  net::HeadFacts facts;
  if (net::read_head(head, request, facts) != 0) return;
  auto const inside = [&](std::string_view view) {
    return view.empty() || (view.data() >= head.data() && view.data() + view.size() <= head.data() + head.size());
  };
  must_hold(request.target.starts_with('/'), "the target is in origin-form");
  must_hold(std::all_of(request.target.begin(), request.target.end(), [](char c) { return c > 0x20 && c < 0x7f; }),
            "the target has plain characters only");
  must_hold(inside(request.target) && inside(request.path) && inside(request.query), "views lie inside the head");
  int hosts = 0;
  int framings = 0;
  for (auto const& [name, value] : request.headers) {
    must_hold(inside(name) && inside(value) && !name.empty(), "headers lie inside the head");
    must_hold(std::all_of(name.begin(), name.end(), net::is_token_character), "names are tokens");
    must_hold(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "values are one line");
    if (net::same_word(name, "host")) ++hosts;
    if (net::same_word(name, "content-length") || net::same_word(name, "transfer-encoding")) ++framings;
  }
  must_hold(hosts <= 1 && (facts.minor_version == 0 || hosts == 1), "there is one host");
  must_hold(framings <= 1, "there is one framing");
  must_hold(facts.length >= 0, "a length is not negative");

  auto const range = net::byte_range(request, 1000, "\"tag\"");
  if (range.answer == net::ByteRange::Answer::part)
    must_hold(range.first >= 0 && range.length >= 1 && range.first + range.length <= 1000, "a range lies in the file");
  std::string const trusted[] = {"10.0.0.0/8", "::1"};
  static_cast<void>(net::forwarded(request.headers, *net::TrustedProxies::parse(trusted)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = as_text(data, size);
  auto const whole = find_head(bytes, std::max<std::size_t>(bytes.size(), 1));
  // A head that is refused for its length may be refused a little earlier or later, depending on the pieces.
  if (size < net::kMostRequestLineBytes) must_hold(find_head(bytes, 1) == whole, "pieces do not matter to the head");
  if (whole.state == net::HeadScan::State::complete) check_head(bytes.substr(whole.begin, whole.end - whole.begin));
  must_hold(decode(bytes, 1) == decode(bytes, std::max<std::size_t>(size, 1)), "pieces do not matter to chunks");
  return 0;
}
