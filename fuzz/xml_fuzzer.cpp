// The reader ends, whatever the bytes and however they come in pieces; starts and ends match; both tolerances.
#include <algorithm>
#include <cstring>

#include "fuzz.hpp"
#include "text/utf8.hpp"
#include "text/xml.hpp"

namespace {

using namespace courant;
using namespace courant::text;

void read_through(std::string_view document, std::size_t piece, XmlOptions::Tolerance tolerance) {
  XmlOptions options;
  options.tolerance = tolerance;
  options.maximal_depth = 32;
  options.maximal_token_bytes = 4096;
  XmlReader reader(
      [document, piece](std::span<char> buffer) mutable -> Result<std::size_t> {
        std::size_t const count = std::min({document.size(), buffer.size(), piece});
        std::memcpy(buffer.data(), document.data(), count);
        document.remove_prefix(count);
        return count;
      },
      options);
  std::size_t depth = 0;
  while (true) {
    Result<XmlEvent const*> const event = reader.next();
    if (!event) {
      must_hold(!reader.next().ok(), "an error is final");
      return;
    }
    must_hold(is_utf8((*event)->text) && is_utf8((*event)->name), "what comes out is UTF-8");
    if ((*event)->kind == XmlEvent::Kind::start) must_hold(++depth <= 32, "depth is bounded");
    if ((*event)->kind == XmlEvent::Kind::end) must_hold(depth-- > 0, "ends match starts");
    if ((*event)->kind == XmlEvent::Kind::done) break;
    must_hold(depth == reader.depth(), "depth() counts the open elements");
  }
  must_hold(depth == 0, "all that was opened is closed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view const document = as_text(data + 1, size - 1);
  std::size_t const piece = 1 + (data[0] & 63);
  read_through(document, piece, data[0] & 64 ? XmlOptions::Tolerance::strict : XmlOptions::Tolerance::repair);
  return 0;
}
