// Mends what files of the wild get wrong before a strict XML parser sees it. Internal to text/.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace courant::text {

/// Works on a stream in pieces of any size. In UTF-8 documents: ill-formed bytes and characters that XML forbids become
/// U+FFFD, references to such characters too, HTML's named references become their characters, a "&" that begins no
/// reference becomes "&amp;". In other 8-bit encodings control characters become "?". UTF-16 is left alone. White space
/// before the XML declaration goes.
class XmlMender {
 public:
  /// Appends the mended form of what can be decided so far; with `last`, of everything.
  void mend(std::string_view piece, bool last, std::string& out);
  [[nodiscard]] std::uint64_t replaced() const { return replaced_; }

 private:
  enum class Encoding : std::uint8_t { unknown, utf8, one_byte, utf16 };
  enum class Place : std::uint8_t { markup, character_data, comment, instruction };

  void begin(bool last);
  std::size_t mend_utf8(bool last, std::string& out);
  std::size_t mend_special(std::string_view rest, std::string& out);
  std::size_t mend_ampersand(std::string_view rest, std::string& out);
  void mend_one_byte(std::string& out);
  void replace(std::string& out);

  std::string pending_;
  Encoding encoding_ = Encoding::unknown;
  Place place_ = Place::markup;
  std::uint64_t replaced_ = 0;
};

}  // namespace courant::text
