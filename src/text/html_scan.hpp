// The linear pass before the tree: reads a stranger's tokens and writes a small, tame document for the tree builder.
//
// What it writes holds allowed tags, each with at most one attribute (the number of its checked attributes), digits
// that stand for pieces of text, and white space; nothing else of the input. Elements other than formatting ones are
// balanced here, with explicit end tags, and at most a few formatting elements are open at once; so the tree builder's
// stack stays below kMaximalNesting and a constant, and its work is linear. Internal to text/.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/html.hpp"
#include "text/html_account.hpp"
#include "text/html_allowed.hpp"
#include "text/html_attributes.hpp"
#include "text/html_tokens.hpp"

namespace courant::text::html {

/// A run of text between two tags, decoded; outside pre its white space is collapsed and its ends are trimmed.
struct Piece {
  std::size_t begin = 0, end = 0;  ///< in Scanned::text
  std::size_t characters = 0;      ///< text characters
  bool verbatim = false;           ///< found inside pre: white space as it was
};

struct Scanned {
  std::string markup;  ///< for the tree builder: a piece of text is "12;", an instance is the attribute a=34
  std::string text;
  std::vector<Piece> pieces;
  std::vector<Instance> instances;
  std::size_t characters_in = 0;
  std::size_t characters_added = 0;
};

class Scan {
 public:
  Scan(std::string_view html, SanitizeOptions const& options, Account& account);
  /// Error: invalid text.html_too_deep.
  Result<Scanned> run();

 private:
  struct Open {
    Element const* element;
    Tag tag;
    bool written;  ///< false: only its end tag is waited for
  };
  struct Formatting {
    Tag tag;
    bool written;
    bool on_stack;          ///< false: closed with a block around it, waits to be reopened by the tree builder
    std::size_t opened_at;  ///< size of the stack then
  };

  // Tokens
  void take(Token const& token);
  void start_tag(Token const& token);
  void end_tag(std::string_view name);
  void keep(Element const& element, Token const& token);
  void void_element(Tag tag, Token const& token);
  void dropped_raw(Element const& element, std::string_view name, std::string_view contents);
  void embed(Element const& element, Token const& token);
  void media(Token const& token);
  void input(Element const& element, Token const& token);
  void verbatim(std::string_view contents);

  // Contents that go with their element
  void skip_balanced(Element const& element, std::string_view name);
  void skip_foreign(Element const& element, Token const& token);
  bool ends_skipping(Token const& token, std::array<unsigned, kTags>& open) const;
  std::size_t skip_raw_contents(Token const& token);

  // Text
  void add_text(std::string_view raw, bool references);
  void add_character(char32_t c);
  void add_white_space(char c);
  void add_own_text(std::string_view text);
  std::size_t count_text(std::string_view raw, bool references);
  void flush_text();

  // The model of the tree builder's stack
  void open_block(Element const& element, std::string_view attribute);
  void open_table_part(Element const& element, std::string_view attribute);
  void open_inline(Element const& element, std::string_view attribute, bool written);
  void open_formatting(Tag tag, std::string_view attribute, bool written);
  void close_formatting(Tag tag);
  void push(Element const& element, std::string_view attribute, bool written);
  void pop_to(std::size_t size);
  void limit_waiting();
  void leave_colgroup();
  void close_paragraph();
  void close_list_item(Tag a, Tag b);
  [[nodiscard]] std::size_t find_in_scope(Tag tag, Tag boundary_a, Tag boundary_b) const;
  [[nodiscard]] std::size_t find_table() const;
  [[nodiscard]] std::size_t first_formatting() const { return markers_.empty() ? 0 : markers_.back(); }
  void end_block(Element const& element);
  void end_table_part(Tag tag);
  void end_inline(Element const& element);
  void write_start(Tag tag, std::string_view attribute);
  void write_end(Tag tag);
  std::string add_instance(Instance instance);
  void check_depth();

  Tokens tokens_;
  Account& account_;
  Attributes attributes_;
  Scanned scanned_;
  std::vector<Open> stack_;
  std::vector<Formatting> formatting_;
  std::vector<std::size_t> markers_;  // formatting_.size() where each open cell or caption began
  std::size_t formatting_on_stack_ = 0;
  std::size_t pre_depth_ = 0;
  std::size_t text_begin_ = 0;       // of the piece being gathered
  std::size_t text_characters_ = 0;  // in it
  bool pre_just_opened_ = false;
  bool too_deep_ = false;
};

}  // namespace courant::text::html
