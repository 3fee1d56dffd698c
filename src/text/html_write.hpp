// From the tree to the HTML we serve: a serialiser that keeps the content model as it goes, so that what it writes is
// read back by every parser as the same tree. Events come in document order; start tags are written when their first
// content comes, so that nothing empty is left. Internal to text/.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/html.hpp"
#include "text/html_account.hpp"
#include "text/html_allowed.hpp"
#include "text/html_attributes.hpp"

namespace courant::text::html {

class Writer {
 public:
  Writer(SanitizeOptions const& options, Account& account, std::size_t input_bytes);

  /// What open() gives and close() takes back; good in any order, since a block may have been ended by another's start.
  struct Handle {
    enum class Kind : std::uint8_t { flattened, block, container, in_line };
    Kind kind = Kind::flattened;
    std::size_t serial = 0;
  };
  /// `instance` may be null.
  Handle open(Tag tag, Instance* instance);
  void close(Handle handle);
  void void_element(Tag tag, Instance* instance);
  /// Decoded text without white space at its ends, or of a pre with all of its white space.
  void text(std::string_view text, std::size_t characters, bool verbatim);
  void white_space(bool newline);

  /// True where a table cannot open: in a heading, a pre, a dt. (A paragraph would end for it.)
  [[nodiscard]] bool keeps_out_tables() const;

  struct Written {
    std::string html;
    std::size_t characters = 0;
    std::vector<Picture> pictures;
    std::vector<Heading> headings;
    std::size_t nesting = 0;  ///< elements open at once, at most: implied ones make it more than the input had
  };
  [[nodiscard]] Written finish();

 private:
  struct Block {
    Tag tag;
    bool implied = false;  ///< not in the tree: the writer's own p, li, dd or list
    bool written = false;
    bool has_caption = false;    ///< figure: a figcaption is written
    std::size_t containers = 0;  ///< containers (div) open directly in it: loose text becomes paragraphs
    std::size_t serial = 0;
    Instance* instance = nullptr;
    std::size_t content_begin = 0;  ///< where its contents begin in html_
    std::size_t item_end = 0;       ///< of a list: html_.size() just after its last item, when that can be reopened
    std::size_t item_begin = 0;     ///< of a list: where the contents of that item begin
    int heading_level = 0;
  };
  struct Inline {
    Tag tag;
    bool ghost = false;  ///< never written: the element makes no sense here
    bool written = false;
    bool was_written = false;
    std::size_t serial = 0;
    Instance* instance = nullptr;
  };

  Handle open_block(Tag tag, Instance* instance);
  Handle open_inline(Tag tag, Instance* instance);
  [[nodiscard]] bool is_ghost(Tag tag) const;
  Handle flatten(Tag tag);
  void part_line();
  void push_block(Tag tag, Instance* instance, bool implied);
  void pop_block();
  void end_line();
  void write_inline_ends();
  void leave_implied_paragraph();
  [[nodiscard]] bool parent_fits(Tag tag) const;
  void prepare_parent(Tag tag);
  void prepare_list_item();
  void prepare_flow();
  bool reopen_last_item();
  void prepare_line();
  void write_pending_blocks();
  void note_nesting();
  void write_block_start(Block& block);
  void write_pending_space();
  void forget_pending_space();
  static bool is_spent(Inline const& element);
  void write_inline_starts();
  void write_tag(Tag tag, Instance* instance);
  int next_heading_level(int source_level);
  void finish_heading(Block const& block);
  [[nodiscard]] bool in_phrasing() const;
  [[nodiscard]] bool in_pre() const;
  [[nodiscard]] bool has_block(Tag tag) const;

  SanitizeOptions const& options_;
  Account& account_;
  std::string html_;
  std::size_t characters_ = 0;
  std::vector<Picture> pictures_;
  std::vector<Heading> headings_;
  std::vector<Block> blocks_;
  std::vector<Inline> inlines_;
  std::vector<std::pair<int, int>> heading_levels_;  // source and written level of the open sections
  std::array<std::uint16_t, kTags> open_inlines_{};  // not ghosts
  std::size_t serial_ = 0;
  std::size_t unwritten_blocks_ = 0;
  std::size_t nesting_ = 0;
  std::size_t pending_breaks_ = 0;
  char pending_space_ = 0;
  bool pending_wbr_ = false;
  bool line_empty_ = true;      ///< nothing stands in this line of text yet
  std::size_t reopening_left_;  ///< bytes of inline tags that may still be written again after blocks
  bool reported_tangle_ = false;
};

}  // namespace courant::text::html
