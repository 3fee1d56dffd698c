#include "text/html_write.hpp"

#include <algorithm>

#include "text/excerpt.hpp"
#include "text/utf8.hpp"
#include "text/xml_write.hpp"

namespace courant::text::html {
namespace {

/// What may stand directly in a block.
enum class Content : std::uint8_t { flow, phrasing, list, description, table };

Content content_of(Tag tag) {
  switch (tag) {
    case Tag::p:
    case Tag::h1:
    case Tag::h2:
    case Tag::h3:
    case Tag::h4:
    case Tag::h5:
    case Tag::h6:
    case Tag::pre:
    case Tag::dt:
    case Tag::summary:
    case Tag::caption:
      return Content::phrasing;
    case Tag::ul:
    case Tag::ol:
      return Content::list;
    case Tag::dl:
      return Content::description;
    case Tag::table:
    case Tag::colgroup:
    case Tag::thead:
    case Tag::tbody:
    case Tag::tfoot:
    case Tag::tr:
      return Content::table;
    default:
      return Content::flow;  // the root, blockquote, li, dd, td, th, figure, figcaption, details
  }
}

/// Loose text directly in these becomes paragraphs.
bool wants_paragraphs(Tag tag) { return tag == Tag::none || tag == Tag::blockquote || tag == Tag::details; }

/// Blocks that are content by themselves, however empty.
bool is_content(Tag tag) { return tag == Tag::li || tag == Tag::dt || tag == Tag::dd || is_cell(tag); }

/// How often an element may stand within itself. (For <small> as often as Scan lets a formatting element be reopened.)
std::uint16_t maximal_nesting(Tag tag) {
  switch (tag) {
    case Tag::sub:
    case Tag::sup:
    case Tag::q:
    case Tag::span:
    case Tag::bdi:
    case Tag::bdo:
      return 3;
    case Tag::small_:
      return 2;
    default:
      return 1;
  }
}
constexpr std::size_t kMaximalInlines = 16;

constexpr std::string_view kMisplaced = "text.removed_misplaced";

}  // namespace

Writer::Writer(SanitizeOptions const& options, Account& account, std::size_t input_bytes)
    : options_(options), account_(account), reopening_left_(input_bytes + 16384) {
  html_.reserve(input_bytes + input_bytes / 8 + 64);
  blocks_.reserve(16);
  blocks_.push_back({Tag::none, false, true});
}

Writer::Handle Writer::open(Tag tag, Instance* instance) {
  if (is_block(tag)) return open_block(tag, instance);
  return open_inline(tag, instance);
}

void Writer::close(Handle handle) {
  switch (handle.kind) {
    case Handle::Kind::flattened:
      return part_line();
    case Handle::Kind::in_line: {
      Inline const& last = inlines_.back();  // inline elements are closed in order: the tree is one
      if (last.written) html_ += "</", html_ += name_of(last.tag), html_ += '>';
      if (!last.ghost) --open_inlines_[static_cast<std::size_t>(last.tag)];
      inlines_.pop_back();
      return;
    }
    case Handle::Kind::container:
    case Handle::Kind::block:
      break;
  }
  auto const open =
      std::find_if(blocks_.begin(), blocks_.end(), [&](Block const& b) { return b.serial == handle.serial; });
  if (open == blocks_.end()) return;
  auto const depth = static_cast<std::size_t>(open - blocks_.begin());
  end_line();
  if (handle.kind == Handle::Kind::container) {
    while (blocks_.size() > depth + 1) pop_block();
    --blocks_[depth].containers;
  } else {
    while (blocks_.size() > depth) pop_block();
  }
}

// ---- Blocks

Writer::Handle Writer::open_block(Tag tag, Instance* instance) {
  end_line();
  leave_implied_paragraph();
  // An explicit paragraph ends where another block begins, as in a parser.
  if (blocks_.back().tag == Tag::p) pop_block();
  if (in_phrasing()) return flatten(tag);
  if (is_heading(tag) && has_block(Tag::th)) tag = Tag::p;
  if (tag == Tag::figcaption) {
    while (blocks_.back().implied) pop_block();
  }
  if (!parent_fits(tag)) tag = Tag::div;
  prepare_parent(tag);
  if (tag == Tag::div) {
    ++blocks_.back().containers;
    return {Handle::Kind::container, blocks_.back().serial};
  }
  push_block(tag, instance, false);
  Handle const handle{Handle::Kind::block, blocks_.back().serial};
  if (is_content(tag)) write_pending_blocks();
  return handle;
}

/// A block where only a line of text may stand: its text stays, parted by white space.
Writer::Handle Writer::flatten(Tag tag) {
  if (tag != Tag::div && tag != Tag::p) account_.remove(Removed::Kind::element, name_of(tag), {}, kMisplaced);
  part_line();
  return {};
}

void Writer::part_line() {
  if (!line_empty_) pending_space_ = in_pre() ? '\n' : ' ';
}

bool Writer::in_phrasing() const { return content_of(blocks_.back().tag) == Content::phrasing; }

bool Writer::keeps_out_tables() const { return in_phrasing() && blocks_.back().tag != Tag::p; }

bool Writer::in_pre() const { return blocks_.back().tag == Tag::pre; }

bool Writer::has_block(Tag tag) const {
  return std::any_of(blocks_.begin(), blocks_.end(), [&](Block const& b) { return b.tag == tag; });
}

void Writer::push_block(Tag tag, Instance* instance, bool implied) {
  Block block{tag, implied};
  block.serial = ++serial_;
  block.instance = instance;
  blocks_.push_back(block);
  ++unwritten_blocks_;
  line_empty_ = true;
}

void Writer::pop_block() {
  Block const block = blocks_.back();
  blocks_.pop_back();
  if (!block.written) {
    --unwritten_blocks_;
    return;
  }
  if (is_heading(block.tag)) {
    finish_heading(block);
  } else {
    html_ += "</";
    html_ += name_of(block.tag);
    html_ += ">\n";
  }
  line_empty_ = true;
  if (block.tag == Tag::li) {
    blocks_.back().item_end = html_.size();
    blocks_.back().item_begin = block.content_begin;
  }
}

/// The line of text that is open ends; elements in it stay open for the next line.
void Writer::end_line() {
  write_inline_ends();
  forget_pending_space();
}

void Writer::forget_pending_space() {
  pending_space_ = 0;
  pending_breaks_ = 0;
  pending_wbr_ = false;
}

void Writer::write_inline_ends() {
  for (std::size_t i = inlines_.size(); i-- > 0;) {
    if (!inlines_[i].written) continue;
    html_ += "</";
    html_ += name_of(inlines_[i].tag);
    html_ += '>';
    inlines_[i].written = false;
  }
}

void Writer::leave_implied_paragraph() {
  if (blocks_.back().tag == Tag::p && blocks_.back().implied) pop_block();
}

/// False for elements that stand in one other element only when that is not the top block. (Rows and cells are brought
/// in order by whoever walks the tree.)
bool Writer::parent_fits(Tag tag) const {
  Block const& top = blocks_.back();
  switch (tag) {
    case Tag::figcaption:
      return top.tag == Tag::figure && !top.has_caption;
    case Tag::summary:
      return top.tag == Tag::details && !top.has_caption;
    case Tag::caption:
    case Tag::colgroup:
    case Tag::thead:
    case Tag::tbody:
    case Tag::tfoot:
      return top.tag == Tag::table;
    case Tag::dt:
    case Tag::dd:
      return top.tag == Tag::dl;
    case Tag::tr:
      return is_section(top.tag);
    case Tag::td:
    case Tag::th:
      return top.tag == Tag::tr;
    default:
      return true;
  }
}

/// Makes the top block one that may hold `tag`.
void Writer::prepare_parent(Tag tag) {
  if (tag == Tag::li) return prepare_list_item();
  if (tag == Tag::dt || tag == Tag::dd) return;
  bool const table_part =
      tag == Tag::caption || tag == Tag::colgroup || is_section(tag) || tag == Tag::tr || is_cell(tag);
  if (table_part) return;
  bool const list =
      content_of(blocks_.back().tag) == Content::list || content_of(blocks_.back().tag) == Content::description;
  // A container round items changes nothing.
  if (tag == Tag::div && list && !blocks_.back().implied) return;
  prepare_flow();
}

void Writer::prepare_list_item() {
  if (blocks_.back().tag == Tag::li && blocks_.back().implied) pop_block();
  if (content_of(blocks_.back().tag) == Content::list) return;
  prepare_flow();
  push_block(Tag::ul, nullptr, true);
}

/// Something that is no item stands in a list: an item is put round it; a list of our own ends.
void Writer::prepare_flow() {
  while (blocks_.back().implied && blocks_.back().tag == Tag::ul) pop_block();
  // Tables hold rows only, description lists items only: the walk sees to it.
  while (content_of(blocks_.back().tag) == Content::table || blocks_.back().tag == Tag::dl) pop_block();
  Content const content = content_of(blocks_.back().tag);
  if (content == Content::list && !reopen_last_item()) push_block(Tag::li, nullptr, true);
}

/// A list directly in a list belongs to the item before it.
bool Writer::reopen_last_item() {
  constexpr std::string_view kItemEnd = "</li>\n";
  Block const list = blocks_.back();
  if (list.item_end == 0 || list.item_end != html_.size() || !html_.ends_with(kItemEnd)) return false;
  html_.resize(html_.size() - kItemEnd.size());
  push_block(Tag::li, nullptr, true);
  blocks_.back().written = true;
  --unwritten_blocks_;
  blocks_.back().content_begin = list.item_begin;
  // What follows the old contents begins a line of its own only after a block.
  line_empty_ = html_.size() == list.item_begin || html_.ends_with('\n');
  if (!line_empty_) pending_space_ = '\n';
  return true;
}

void Writer::write_pending_blocks() {
  if (unwritten_blocks_ == 0) return;
  for (Block& block : blocks_) {
    if (!block.written) write_block_start(block);
  }
  unwritten_blocks_ = 0;
  note_nesting();
}

void Writer::note_nesting() { nesting_ = std::max(nesting_, blocks_.size() - 1 + inlines_.size()); }

void Writer::write_block_start(Block& block) {
  block.written = true;
  if (is_heading(block.tag)) {
    block.heading_level = next_heading_level(static_cast<int>(block.tag) - static_cast<int>(Tag::h1) + 1);
    block.tag = static_cast<Tag>(static_cast<int>(Tag::h1) + block.heading_level - 1);
  }
  if (block.tag == Tag::figcaption || block.tag == Tag::summary) (&block - 1)->has_caption = true;
  write_tag(block.tag, block.instance);
  block.content_begin = html_.size();
  line_empty_ = true;
}

/// The level below the nearest earlier heading that was of a higher one; the first is 2. A sequence that has no gap
/// comes out as it went in.
int Writer::next_heading_level(int source_level) {
  source_level = std::max(source_level, 2);
  if (options_.headings == SanitizeOptions::Headings::keep_levels) return source_level;
  while (!heading_levels_.empty() && heading_levels_.back().first >= source_level) heading_levels_.pop_back();
  int const level = heading_levels_.empty() ? 2 : heading_levels_.back().second + 1;
  heading_levels_.emplace_back(source_level, level);
  return level;
}

void Writer::finish_heading(Block const& block) {
  Heading heading;
  heading.level = block.heading_level;
  heading.text = collapse_white_space(html_to_plain(std::string_view(html_).substr(block.content_begin)));
  if (block.instance) heading.id = block.instance->id;
  headings_.push_back(std::move(heading));
  html_ += "</";
  html_ += name_of(block.tag);
  html_ += ">\n";
}

void Writer::write_tag(Tag tag, Instance* instance) {
  html_ += '<';
  html_ += name_of(tag);
  if (instance) {
    if (!instance->id.empty() && !instance->id_written) {
      html_ += " id=\"";
      append_escaped_attribute(html_, instance->id);
      html_ += '"';
      instance->id_written = true;
    }
    html_ += instance->attributes;
  }
  html_ += '>';
}

// ---- Elements within a line

Writer::Handle Writer::open_inline(Tag tag, Instance* instance) {
  Inline element{tag};
  element.serial = ++serial_;
  element.instance = instance;
  element.ghost = is_ghost(tag);
  if (!element.ghost) ++open_inlines_[static_cast<std::size_t>(tag)];
  inlines_.push_back(element);
  return {Handle::Kind::in_line, element.serial};
}

bool Writer::is_ghost(Tag tag) const {
  std::uint16_t const same = open_inlines_[static_cast<std::size_t>(tag)];
  if (same >= maximal_nesting(tag)) return true;
  if (tag == Tag::rt || tag == Tag::rp)
    return inlines_.empty() || inlines_.back().tag != Tag::ruby || inlines_.back().ghost;
  // A ruby needs room for its annotation.
  return inlines_.size() + (tag == Tag::ruby ? 1 : 0) >= kMaximalInlines;
}

/// An a or span that stood for its id alone has nothing left to say once the id is written.
bool Writer::is_spent(Inline const& element) {
  return (element.tag == Tag::a || element.tag == Tag::span) && element.instance &&
         element.instance->attributes.empty() && element.instance->id_written;
}

void Writer::write_inline_starts() {
  for (Inline& element : inlines_) {
    if (element.ghost || element.written || is_spent(element)) continue;
    if (element.was_written) {
      std::size_t const cost = 8 + (element.instance ? element.instance->attributes.size() : 0);
      if (cost > reopening_left_) {
        if (!reported_tangle_)
          account_.remove(Removed::Kind::element, name_of(element.tag), {}, "text.removed_tangled");
        reported_tangle_ = true;
        continue;
      }
      reopening_left_ -= cost;
    }
    write_tag(element.tag, element.instance);
    element.written = element.was_written = true;
  }
}

/// Everything that must stand before the next character, picture or break of a line.
void Writer::prepare_line() {
  Tag const top = blocks_.back().tag;
  Content const content = content_of(top);
  if (content == Content::list || content == Content::description || content == Content::table) prepare_flow();
  Block const& block = blocks_.back();
  if (content_of(block.tag) == Content::flow && (wants_paragraphs(block.tag) || block.containers > 0)) {
    push_block(Tag::p, nullptr, true);
  }
  write_pending_blocks();
  write_pending_space();
  write_inline_starts();
  note_nesting();
}

void Writer::write_pending_space() {
  if (!line_empty_) {
    for (; pending_breaks_ > 0; --pending_breaks_) {
      html_ += "<br>\n";
      pending_space_ = 0;
    }
    if (pending_space_) {
      html_ += pending_space_;
    } else if (pending_wbr_ && !html_.ends_with('\n')) {
      html_ += "<wbr>";
    }
  }
  forget_pending_space();
}

void Writer::text(std::string_view text, std::size_t characters, bool verbatim) {
  if (verbatim && !in_pre()) {
    // Found in a pre that does not stand: its white space is like any other.
    std::string collapsed;
    for (char const c : text) {
      bool const space = c == ' ' || c == '\n' || c == '\t';
      if (!space) {
        collapsed += c;
      } else if (collapsed.empty()) {
        white_space(c == '\n');
      } else if (collapsed.back() != ' ') {
        collapsed += ' ';
      }
    }
    bool const trailing = collapsed.ends_with(' ');
    if (trailing) collapsed.pop_back();
    if (!collapsed.empty()) this->text(collapsed, characters, false);
    if (trailing) white_space(false);
    return;
  }
  prepare_line();
  // A parser takes the newline directly after <pre> away.
  if (in_pre() && html_.size() == blocks_.back().content_begin && text.starts_with('\n')) html_ += '\n';
  append_escaped_text(html_, text);
  line_empty_ = false;
  characters_ += characters;
}

void Writer::white_space(bool newline) {
  if (newline || pending_space_ == 0) pending_space_ = newline ? '\n' : ' ';
}

void Writer::void_element(Tag tag, Instance* instance) {
  switch (tag) {
    case Tag::hr:
      end_line();
      leave_implied_paragraph();
      if (blocks_.back().tag == Tag::p) pop_block();
      if (in_phrasing()) {
        flatten(tag);
        return;
      }
      prepare_flow();
      write_pending_blocks();
      html_ += "<hr>\n";
      line_empty_ = true;
      return;
    case Tag::br:
      if (in_pre()) return text("\n", 0, true);
      ++pending_breaks_;
      pending_space_ = 0;
      return;
    case Tag::col:
      if (blocks_.back().tag != Tag::colgroup) return;
      write_pending_blocks();
      return write_tag(tag, instance);
    case Tag::wbr:
      pending_wbr_ = true;
      return;
    default:
      break;
  }
  prepare_line();
  if (instance && !instance->markup.empty()) {
    html_ += instance->markup;
  } else {
    write_tag(tag, instance);
    if (instance && instance->picture) pictures_.push_back(*instance->picture);
  }
  line_empty_ = false;
}

Writer::Written Writer::finish() {
  end_line();
  while (blocks_.size() > 1) pop_block();
  return {std::move(html_), characters_, std::move(pictures_), std::move(headings_), nesting_};
}

}  // namespace courant::text::html
