// The HTML standard's tokenizer (section 13.2.5) over one string: tags with raw attributes, runs of raw text, comments.
// It reads; it decides nothing. Every byte is looked at a bounded number of times. Internal to text/.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace courant::text::html {

struct Attribute {
  std::string_view name;  ///< lower case
  std::string_view raw;   ///< the value before character references
};

struct Token {
  enum class Kind : std::uint8_t { text, start, end, comment, unfinished, done };
  Kind kind = Kind::done;
  std::string_view name;  ///< of tags, lower case
  std::string_view text;  ///< of text: raw; of an unfinished tag at the end of the input: all of it
  bool self_closing = false;
};

class Tokens {
 public:
  /// REQUIRES: UTF-8, newlines normalised to LF; it must outlive the reader and its tokens' views.
  explicit Tokens(std::string_view input) : input_(input) { attributes_.reserve(16); }

  /// Views in the token and in attributes() hold until the next call.
  Token next();
  /// Of the last start tag; of two of one name the first (section 13.2.5.33).
  [[nodiscard]] std::vector<Attribute> const& attributes() const { return attributes_; }
  [[nodiscard]] std::string_view attribute(std::string_view name) const;  ///< raw; empty when absent
  [[nodiscard]] bool has_attribute(std::string_view name) const;

  /// After the start tag of a raw text or RCDATA element: its contents; passes over its end tag.
  std::string_view raw_text(std::string_view name);
  /// After <script>: its contents by the script data states, escaped and double escaped ones too.
  std::string_view script_text();
  /// Everything that is left.
  std::string_view rest();
  /// Inside SVG and MathML: a CDATA section at the current place is text, its contents come back with `found`.
  struct CharacterData {
    std::string_view text;
    bool found = false;
  };
  CharacterData character_data();

 private:
  Token text_until_tag();
  Token tag(std::size_t name_begin, Token::Kind kind);
  Token markup_declaration();
  Token bogus_comment(std::size_t from);
  bool read_attributes(std::size_t& at, bool& self_closing);
  bool read_attribute(std::size_t& at);
  bool read_value(std::size_t& at, std::string_view& raw);
  std::string_view lowered(std::string_view name);
  [[nodiscard]] std::size_t find_end_tag(std::string_view name, std::size_t from) const;
  void pass_end_tag(std::size_t at);

  std::string_view input_;
  std::size_t at_ = 0;
  std::vector<Attribute> attributes_;
  std::string lower_case_;  // holds lower-cased names of the current token
};

}  // namespace courant::text::html
