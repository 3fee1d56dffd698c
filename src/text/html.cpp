#include "text/html.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <span>

#include "text/html_account.hpp"
#include "text/html_allowed.hpp"
#include "text/html_scan.hpp"
#include "text/html_write.hpp"
#include "text/utf8.hpp"
#include "text/xml_write.hpp"

namespace courant::text {
namespace html {
namespace {

// ---- The tree

/// gumbo makes a great many small things that all die together.
class Arena {
 public:
  void* allocate(std::size_t bytes) {
    bytes = (bytes + 15) & ~std::size_t{15};
    if (bytes > left_) add_chunk(bytes);
    left_ -= bytes;
    void* const result = next_;
    next_ += bytes;
    return result;
  }

 private:
  void add_chunk(std::size_t least) {
    std::size_t const size = std::max(least, size_);
    size_ = std::min<std::size_t>(size_ * 2, 1 << 20);
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = chunks_.back().get();
    left_ = size;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t size_ = 32768;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

/// The tree of a document that Scan wrote; it lives in the arena.
GumboNode const* build_tree(std::string const& markup, Arena& arena) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = [](void* arena, std::size_t bytes) { return static_cast<Arena*>(arena)->allocate(bytes); };
  options.deallocator = [](void*, void*) {};
  options.userdata = &arena;
  options.max_errors = 0;
  options.fragment_context = GUMBO_TAG_BODY;
  return gumbo_parse_with_options(&options, markup.data(), markup.size())->root;
}

std::array<Tag, GUMBO_TAG_LAST + 1> tags_by_gumbo() {
  std::array<Tag, GUMBO_TAG_LAST + 1> table{};
  for (std::size_t i = 1; i < kTags; ++i) {
    auto const tag = static_cast<Tag>(i);
    table[gumbo_tag_enum(std::string(name_of(tag)).c_str())] = tag;
  }
  return table;
}

Tag tag_of(GumboNode const* node) {
  static std::array<Tag, GUMBO_TAG_LAST + 1> const table = tags_by_gumbo();
  return node->type == GUMBO_NODE_ELEMENT ? table[node->v.element.tag] : Tag::none;
}

/// Elements that the scan's accounting keeps from being nested deeper than this; a deeper tree is a bug or an attack.
constexpr std::size_t kMaximalTreeDepth = 1024;

// ---- From the tree to the writer

class Walk {
 public:
  Walk(Scanned& scanned, Writer& writer) : scanned_(scanned), writer_(writer) {}

  void children(GumboNode const* node) {
    for (GumboNode const* child : children_of(node)) visit(child);
  }
  [[nodiscard]] bool too_deep() const { return too_deep_; }

 private:
  using Nodes = std::span<GumboNode* const>;

  static Nodes children_of(GumboNode const* node) {
    GumboVector const& children = node->v.element.children;
    return {reinterpret_cast<GumboNode* const*>(children.data), children.length};
  }

  void visit(GumboNode const* node) {
    switch (node->type) {
      case GUMBO_NODE_TEXT:
        return text(node->v.text.text);
      case GUMBO_NODE_WHITESPACE:
        return writer_.white_space(std::strchr(node->v.text.text, '\n') != nullptr);
      case GUMBO_NODE_ELEMENT:
        break;
      default:
        return;
    }
    if (++depth_ > kMaximalTreeDepth) {
      too_deep_ = true;
    } else {
      element(node);
    }
    --depth_;
  }

  void text(char const* codes) {
    for_each_piece(
        codes,
        [this](Piece const& piece) {
          writer_.text(std::string_view(scanned_.text).substr(piece.begin, piece.end - piece.begin), piece.characters,
                       piece.verbatim);
        },
        [this](bool newline) { writer_.white_space(newline); });
  }

  void element(GumboNode const* node) {
    Tag tag = tag_of(node);
    switch (tag) {
      case Tag::none:
        return children(node);
      case Tag::figcaption:
      case Tag::summary:
        if (node != special_) tag = Tag::div;
        break;
      case Tag::dl:
        return description_list(node);
      case Tag::dt:
      case Tag::dd:
        tag = description_item(node, tag);
        break;
      case Tag::table:
        return table(node);
      case Tag::figure:
        return figure(node);
      case Tag::details:
        return details(node);
      case Tag::ruby:
        if (!is_whole_ruby(node)) return children(node);
        break;
      default:
        break;
    }
    if (is_void(tag)) return writer_.void_element(tag, instance(node));
    Writer::Handle const handle = writer_.open(tag, instance(node));
    children(node);
    writer_.close(handle);
  }

  Instance* instance(GumboNode const* node) {
    GumboAttribute const* const attribute = gumbo_get_attribute(&node->v.element.attributes, "a");
    if (!attribute) return nullptr;
    std::size_t number = scanned_.instances.size();
    std::from_chars(attribute->value, attribute->value + std::strlen(attribute->value), number);
    return number < scanned_.instances.size() ? &scanned_.instances[number] : nullptr;
  }

  static GumboNode const* find(GumboNode const* node, Tag tag) {
    for (GumboNode const* child : children_of(node)) {
      if (tag_of(child) == tag) return child;
    }
    return nullptr;
  }

  /// Calls `take(piece)` for each number and `space(newline)` for each white space of " 12;13; ".
  template <class Take, class Space>
  void for_each_piece(char const* codes, Take take, Space space) const {
    for (char const* at = codes; *at != '\0';) {
      if (*at < '0' || *at > '9') {
        space(*at++ == '\n');
        continue;
      }
      std::size_t number = 0;
      for (; *at >= '0' && *at <= '9'; ++at) number = number * 10 + static_cast<std::size_t>(*at - '0');
      if (*at == ';') ++at;
      if (number < scanned_.pieces.size()) take(scanned_.pieces[number]);
    }
  }

  /// Other than white space, which a pre can hold as a piece.
  [[nodiscard]] bool has_text(GumboNode const* node) const {
    if (node->type == GUMBO_NODE_TEXT) {
      bool found = false;
      for_each_piece(
          node->v.text.text, [&](Piece const& piece) { found = found || piece.characters > 0; }, [](bool) {});
      return found;
    }
    return node->type == GUMBO_NODE_ELEMENT &&
           std::ranges::any_of(children_of(node), [this](GumboNode const* child) { return has_text(child); });
  }

  static bool has_block(GumboNode const* node) {
    if (node->type != GUMBO_NODE_ELEMENT) return false;
    return is_block(tag_of(node)) || std::ranges::any_of(children_of(node), has_block);
  }

  /// Has an annotation, and no block that would tear it apart.
  [[nodiscard]] bool is_whole_ruby(GumboNode const* node) const {
    return !has_block(node) && std::ranges::any_of(children_of(node), [this](GumboNode const* child) {
      return tag_of(child) == Tag::rt && has_text(child);
    });
  }

  static bool is_blank(GumboNode const* node) { return node->type == GUMBO_NODE_WHITESPACE; }

  [[nodiscard]] GumboNode const* find_with_text(GumboNode const* node, Tag tag) const {
    for (GumboNode const* child : children_of(node)) {
      if (tag_of(child) == tag && has_text(child)) return child;
    }
    return nullptr;
  }

  /// A figcaption stands first or last in its figure.
  void figure(GumboNode const* node) {
    GumboNode const* const caption = find_with_text(node, Tag::figcaption);
    Nodes const nodes = children_of(node);
    auto const first = std::find_if_not(nodes.begin(), nodes.end(), is_blank);
    with_special_child(node, Tag::figure, caption, first != nodes.end() && *first == caption);
  }

  /// A details has a summary, and it stands first.
  void details(GumboNode const* node) {
    GumboNode const* const summary = find_with_text(node, Tag::summary);
    with_special_child(node, summary ? Tag::details : Tag::div, summary, true);
  }

  void with_special_child(GumboNode const* node, Tag tag, GumboNode const* special, bool leads) {
    Writer::Handle const handle = writer_.open(tag, instance(node));
    auto const visit_special = [&] {
      special_ = special;
      if (special) visit(special);
    };
    if (leads) visit_special();
    for (GumboNode const* child : children_of(node)) {
      if (child != special) visit(child);
    }
    if (!leads) visit_special();
    writer_.close(handle);
  }

  // A description list is groups of terms and descriptions and nothing else; any other <dl> becomes a plain list.

  void description_list(GumboNode const* node) {
    GumboNode const* const outer = descriptions_;
    bool const outer_whole = descriptions_whole_;
    descriptions_ = node;
    descriptions_whole_ = is_whole_description(node);
    Writer::Handle const handle = writer_.open(descriptions_whole_ ? Tag::dl : Tag::ul, instance(node));
    children(node);
    writer_.close(handle);
    descriptions_ = outer;
    descriptions_whole_ = outer_whole;
  }

  Tag description_item(GumboNode const* node, Tag tag) const {
    if (!descriptions_) return Tag::div;
    if (!descriptions_whole_) return Tag::li;
    GumboNode const* const parent = node->parent;
    bool const own = parent == descriptions_ || (tag_of(parent) == Tag::div && parent->parent == descriptions_);
    return own ? tag : Tag::div;
  }

  /// (dt+ dd+)+, where groups may stand in containers.
  static bool is_whole_description(GumboNode const* list) {
    Tag last = Tag::none;
    return follows_in_groups(list, last, 1) && last == Tag::dd;
  }

  static bool follows_in_groups(GumboNode const* node, Tag& last, int containers) {
    for (GumboNode const* child : children_of(node)) {
      Tag const tag = tag_of(child);
      if (is_blank(child)) continue;
      if (tag == Tag::div && containers > 0) {
        if (!follows_in_groups(child, last, containers - 1)) return false;
      } else if (tag == Tag::dt || (tag == Tag::dd && last != Tag::none)) {
        last = tag;
      } else {
        return false;
      }
    }
    return true;
  }

  // Rows of a table in the order of the content model: caption, colgroups, head, bodies, foot.

  void table(GumboNode const* node) {
    if (writer_.keeps_out_tables() || !has_rows(node)) return flattened(node, Tag::div);
    Writer::Handle const handle = writer_.open(Tag::table, instance(node));
    if (GumboNode const* const caption = find(node, Tag::caption)) visit(caption);
    for (GumboNode const* child : children_of(node)) {
      if (tag_of(child) == Tag::colgroup && find(child, Tag::col)) visit(child);
    }
    GumboNode const* const head = find_section(node, Tag::thead);
    GumboNode const* const foot = find_section(node, Tag::tfoot);
    if (head) section(head, Tag::thead);
    for (GumboNode const* child : children_of(node)) body_part(child, head, foot, find(node, Tag::caption));
    if (foot) section(foot, Tag::tfoot);
    writer_.close(handle);
  }

  static bool has_cells(GumboNode const* row) { return find(row, Tag::td) || find(row, Tag::th); }

  static bool section_has_rows(GumboNode const* section) {
    return std::ranges::any_of(children_of(section),
                               [](GumboNode const* row) { return tag_of(row) == Tag::tr && has_cells(row); });
  }

  static bool has_rows(GumboNode const* table) {
    return std::ranges::any_of(children_of(table), [](GumboNode const* child) {
      return is_section(tag_of(child)) && section_has_rows(child);
    });
  }

  static GumboNode const* find_section(GumboNode const* table, Tag tag) {
    for (GumboNode const* child : children_of(table)) {
      if (tag_of(child) == tag && section_has_rows(child)) return child;
    }
    return nullptr;
  }

  void body_part(GumboNode const* child, GumboNode const* head, GumboNode const* foot, GumboNode const* caption) {
    if (child == head || child == foot || child == caption) return;
    Tag const tag = tag_of(child);
    if (tag == Tag::caption) return extra_caption(child);
    if (is_section(tag) && section_has_rows(child)) section(child, Tag::tbody);
  }

  /// A table has one caption; another's text becomes a row.
  void extra_caption(GumboNode const* node) {
    Writer::Handle const body = writer_.open(Tag::tbody, nullptr);
    Writer::Handle const row = writer_.open(Tag::tr, nullptr);
    Writer::Handle const cell = writer_.open(Tag::td, instance(node));
    children(node);
    writer_.close(cell);
    writer_.close(row);
    writer_.close(body);
  }

  void section(GumboNode const* node, Tag tag) {
    Writer::Handle const handle = writer_.open(tag, instance(node));
    for (GumboNode const* row : children_of(node)) {
      if (tag_of(row) == Tag::tr && has_cells(row)) this->row(row);
    }
    writer_.close(handle);
  }

  void row(GumboNode const* node) {
    Writer::Handle const handle = writer_.open(Tag::tr, instance(node));
    for (GumboNode const* cell : children_of(node)) {
      if (is_cell(tag_of(cell))) visit(cell);
    }
    writer_.close(handle);
  }

  /// A table where none may stand, or without rows: its contents alone.
  void flattened(GumboNode const* node, Tag tag) {
    Writer::Handle const handle = writer_.open(tag, nullptr);
    for (GumboNode const* child : children_of(node)) {
      Tag const inner = tag_of(child);
      if (inner == Tag::colgroup) continue;
      if (inner == Tag::caption || is_section(inner) || inner == Tag::tr || is_cell(inner)) {
        flattened(child, Tag::div);
      } else {
        visit(child);
      }
    }
    writer_.close(handle);
  }

  Scanned& scanned_;
  Writer& writer_;
  GumboNode const* descriptions_ = nullptr;  // the <dl> that holds the node
  bool descriptions_whole_ = false;
  GumboNode const* special_ = nullptr;  // the figcaption or summary that is one
  std::size_t depth_ = 0;
  bool too_deep_ = false;
};

std::string with_plain_newlines(std::string text) {
  if (text.find('\r') == std::string::npos) return text;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r') {
      out += text[at];
    } else if (at + 1 == text.size() || text[at + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

}  // namespace
}  // namespace html

Result<CleanHtml> sanitize(std::string_view html, SanitizeOptions const& options) {
  if (html.size() > kMaximalHtmlBytes) return invalid("text.html_too_long");
  std::string const input = html::with_plain_newlines(repair(std::string(html)).text);

  html::Account account;
  html::Scanned scanned = TRY(html::Scan(input, options, account).run());
  html::Arena arena;
  GumboNode const* const root = html::build_tree(scanned.markup, arena);
  html::Writer writer(options, account, input.size());
  html::Walk walk(scanned, writer);
  walk.children(root);
  if (walk.too_deep()) return invalid("text.html_too_tangled");

  html::Writer::Written written = writer.finish();
  // What we write must be something that we accept: reading it again finds the same nesting.
  if (written.nesting > kMaximalNesting) return invalid("text.html_too_deep");
  CleanHtml clean;
  clean.html = std::move(written.html);
  clean.characters_in = scanned.characters_in;
  clean.characters_added = scanned.characters_added;
  clean.characters_out = written.characters;
  clean.removed = account.take();
  clean.pictures = std::move(written.pictures);
  clean.headings = std::move(written.headings);
  return clean;
}

std::string rewrite_pictures(std::string_view clean, std::function<std::string(PictureTag const&)> const& write) {
  constexpr std::string_view kOpening = "<img ";
  std::string out;
  out.reserve(clean.size() + clean.size() / 4);
  while (true) {
    std::size_t const begin = clean.find(kOpening);
    if (begin == std::string_view::npos) break;
    std::size_t const end = clean.find('>', begin);
    if (end == std::string_view::npos) break;
    std::string_view const tag = clean.substr(begin, end + 1 - begin);
    auto const value = [&](std::string_view name) {
      std::string const opening = " " + std::string(name) + "=\"";
      std::size_t const at = tag.find(opening);
      if (at == std::string_view::npos) return std::string();
      std::size_t const from = at + opening.size();
      return unescape(tag.substr(from, tag.find('"', from) - from));
    };
    PictureTag picture{tag, value("src"), value("alt")};
    auto const number = [&](std::string_view name) {
      std::string const text = value(name);
      int result = 0;
      std::from_chars(text.data(), text.data() + text.size(), result);
      return result;
    };
    picture.width = number("width");
    picture.height = number("height");
    out.append(clean.substr(0, begin)).append(write(picture));
    clean.remove_prefix(end + 1);
  }
  return out.append(clean);
}

}  // namespace courant::text
