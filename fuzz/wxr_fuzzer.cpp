// WordPress exports: whatever the bytes, reading ends, and each item's account of characters is exact.
#include <cstring>

#include "features/transfer/clean.hpp"
#include "features/transfer/jsonl.hpp"
#include "features/transfer/wxr.hpp"
#include "fuzz.hpp"

namespace {

using namespace courant;

text::XmlSource source_of(std::string_view bytes) {
  return [bytes](std::span<char> buffer) mutable -> Result<std::size_t> {
    std::size_t const count = std::min({bytes.size(), buffer.size(), std::size_t{512}});
    std::memcpy(buffer.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    return count;
  };
}

void read_all(transfer::Reader& reader) {
  for (;;) {
    auto const reading = reader.next();
    if (!reading.ok() || !*reading) return;
    if ((*reading)->error) continue;
    auto const body = transfer::clean_body((*reading)->item);
    if (!body.ok()) continue;
    std::int64_t reported = 0;
    for (auto const& one : body->removed) reported += static_cast<std::int64_t>(one.characters);
    must_hold(body->in + body->added == body->stored + reported, "characters in = stored + reported");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  read_all(*transfer::read_wxr(source_of(as_text(data, size))));
  read_all(*transfer::read_jsonl(source_of(as_text(data, size)), "fuzz"));
  return 0;
}
