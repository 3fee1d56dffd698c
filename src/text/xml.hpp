// XML pulled from a stream of any size in constant memory.
//
// Refused, each with line and column: declarations of entities (so no entity bomb and no file of another can be named),
// nesting above a depth, tokens above a size, ill-formed markup. Files of the wild hold control characters, broken
// UTF-8, HTML's named references (&nbsp;) and bare "&"; unless told to be strict, the reader mends and counts these.
// Encodings are those of expat: UTF-8, UTF-16, ISO-8859-1, US-ASCII.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace courant::text {

struct XmlPlace {
  std::uint64_t line = 1, column = 1;  ///< both from 1, column in bytes
  std::uint64_t byte = 0;              ///< from 0
};

struct XmlEvent {
  enum class Kind : std::uint8_t { start, end, text, done };
  Kind kind = Kind::done;
  std::string name;  ///< start and end: as written, with its prefix ("wp:post_id")
  std::string text;  ///< text: a piece; long texts come in several, see read_text()
  std::vector<std::pair<std::string, std::string>> attributes;
  XmlPlace place;

  [[nodiscard]] std::string_view attribute(std::string_view key) const;  ///< empty when absent
};

struct XmlOptions {
  std::size_t maximal_depth = 256;
  std::size_t maximal_token_bytes = 1u << 20;  ///< one tag with its attributes, one comment, one instruction
  enum class Tolerance : std::uint8_t { strict, repair };
  Tolerance tolerance = Tolerance::repair;
};

/// Fills the buffer and returns how many bytes it wrote; 0 is the end.
using XmlSource = std::function<Result<std::size_t>(std::span<char> buffer)>;

class XmlReader {
 public:
  explicit XmlReader(XmlSource source, XmlOptions options = {});
  /// Reads from memory, which must outlive the reader.
  static XmlReader of(std::string_view document, XmlOptions options = {});
  XmlReader(XmlReader&&) noexcept;
  XmlReader& operator=(XmlReader&&) noexcept;
  ~XmlReader();

  /// The next event; `done` after the root's end, again and again. The reference is good until the next call. Errors:
  /// invalid text.xml_* with arguments line, column and detail; whatever the source returned. An error is final.
  [[nodiscard]] Result<XmlEvent const*> next();
  /// After a start: all text inside the element up to its end tag, which is consumed; inner elements' texts included.
  /// Error: invalid text.xml_text_too_long above `limit` bytes; it is not final, reading goes on after the element.
  [[nodiscard]] Result<std::string> read_text(std::size_t limit);
  /// After a start: passes over everything up to the matching end tag.
  Done skip();

  [[nodiscard]] std::size_t depth() const;  ///< open elements, the one just started included
  [[nodiscard]] XmlPlace place() const;
  [[nodiscard]] std::uint64_t bytes_read() const;
  [[nodiscard]] std::uint64_t replaced() const;  ///< how often something was mended so far

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

/// "post_id" of "wp:post_id".
[[nodiscard]] std::string_view local_name(std::string_view name);

}  // namespace courant::text
