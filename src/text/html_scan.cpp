#include "text/html_scan.hpp"

#include <algorithm>

#include "text/html_entities.hpp"
#include "text/utf8.hpp"

namespace courant::text::html {
namespace {

using Kind = Removed::Kind;

constexpr std::size_t kNowhere = std::string_view::npos;

/// Formatting elements open at once.
constexpr std::size_t kMaximalFormatting = 10;
/// Of these, such as a block took along when it ended, and that wait to be reopened: each reopening copies all of them.
constexpr std::size_t kMaximalWaiting = 3;
constexpr std::size_t kMaximalSameFormatting = 2;

/// How each byte of text is taken.
enum class Byte : unsigned char { counted, continuation, white_space, special };

constexpr std::array<Byte, 256> classify() {
  std::array<Byte, 256> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    table[i] = i < 0x20 || i == 0x7F ? Byte::special : i >= 0x80 && i < 0xC0 ? Byte::continuation : Byte::counted;
  }
  for (unsigned char const c : {' ', '\t', '\n', '\f', '\r'}) table[c] = Byte::white_space;
  table['&'] = Byte::special;
  table[0xC2] = Byte::special;  // C1 controls
  table[0xEF] = Byte::special;  // noncharacters
  for (std::size_t i = 0xF0; i < 0x100; ++i) table[i] = Byte::special;
  return table;
}
constexpr std::array<Byte, 256> kBytes = classify();

std::string code_point_name(char32_t c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string digits;
  for (auto value = static_cast<std::uint32_t>(c); value > 0 || digits.size() < 4; value >>= 4) {
    digits.insert(digits.begin(), kHex[value & 15]);
  }
  return "U+" + digits;
}

bool is_container(Tag tag) { return tag == Tag::div || tag == Tag::p; }
bool is_table_part(Tag tag) { return tag >= Tag::caption && tag <= Tag::th; }
bool is_scope_boundary(Tag tag) { return tag == Tag::table || tag == Tag::caption || is_cell(tag); }
bool has_marker(Tag tag) { return tag == Tag::caption || is_cell(tag); }

/// Start tags that end SVG and MathML (HTML section 13.2.6.5).
bool breaks_out(std::string_view name) {
  constexpr std::array<std::string_view, 44> kNames = {
      "b",     "big",   "blockquote", "body",   "br",   "center", "code",  "dd", "div",  "dl",   "dt",
      "em",    "embed", "h1",         "h2",     "h3",   "h4",     "h5",    "h6", "head", "hr",   "i",
      "img",   "li",    "listing",    "menu",   "meta", "nobr",   "ol",    "p",  "pre",  "ruby", "s",
      "small", "span",  "strong",     "strike", "sub",  "sup",    "table", "tt", "u",    "ul",   "var"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// Elements of SVG and MathML whose contents are HTML again.
bool holds_html(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {"foreignobject", "desc",          "title", "mi", "mo", "mn", "ms",
                                                      "mtext",         "annotation-xml"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

Scan::Scan(std::string_view html, SanitizeOptions const& options, Account& account)
    : tokens_(html), account_(account), attributes_(options, account) {
  scanned_.text.reserve(html.size());
  scanned_.markup.reserve(html.size() / 4 + 64);
  scanned_.pieces.reserve(html.size() / 64 + 8);
  stack_.reserve(32);
}

Result<Scanned> Scan::run() {
  for (Token token = tokens_.next(); token.kind != Token::Kind::done; token = tokens_.next()) {
    take(token);
    if (too_deep_) return invalid("text.html_too_deep");
  }
  flush_text();
  pop_to(0);
  return std::move(scanned_);
}

void Scan::take(Token const& token) {
  switch (token.kind) {
    case Token::Kind::text:
      return add_text(token.text, true);
    case Token::Kind::start:
      flush_text();
      return start_tag(token);
    case Token::Kind::end:
      flush_text();
      return end_tag(token.name);
    case Token::Kind::comment:
      return account_.remove(Kind::comment, "comment", {}, "text.removed_comment");
    case Token::Kind::unfinished:
      return account_.remove(Kind::element, "unfinished", {}, "text.removed_unfinished", count_text(token.text, false));
    case Token::Kind::done:
      return;
  }
}

void Scan::start_tag(Token const& token) {
  Element const& element = element_named(token.name);
  switch (element.treatment) {
    case Treatment::keep:
      return keep(element, token);
    case Treatment::unwrap:
      return account_.remove(Kind::element, token.name, {}, element.reason);
    case Treatment::vanish:
      return;
    case Treatment::drop_raw:
      return dropped_raw(element, token.name, tokens_.raw_text(token.name));
    case Treatment::drop_rcdata: {
      std::string_view const contents = tokens_.raw_text(element.name);
      return account_.remove(Kind::element, element.name, {}, element.reason, count_text(contents, true));
    }
    case Treatment::drop_script:
      return dropped_raw(element, element.name, tokens_.script_text());
    case Treatment::drop_balanced:
      return skip_balanced(element, element.name);
    case Treatment::drop_foreign:
      return skip_foreign(element, token);
    case Treatment::drop_media:
      return media(token);
    case Treatment::embed_raw:
    case Treatment::embed:
    case Treatment::embed_unwrap:
      return embed(element, token);
    case Treatment::verbatim:
      return verbatim(tokens_.raw_text(element.name));
    case Treatment::plaintext:
      return verbatim(tokens_.rest());
    case Treatment::input:
      return input(element, token);
  }
}

void Scan::end_tag(std::string_view name) {
  Element const& element = element_named(name);
  if (element.treatment != Treatment::keep) return;
  if (element.tag == Tag::br) return write_start(Tag::br, {});  // section 13.2.6.4.7: "</br>" is a <br>
  if (is_void(element.tag)) return;
  if (is_formatting(element.tag)) return close_formatting(element.tag);
  if (is_inline(element.tag)) return end_inline(element);
  end_block(element);
}

void Scan::keep(Element const& element, Token const& token) {
  if (is_void(element.tag)) return void_element(element.tag, token);
  std::optional<Instance> instance = Instance{};
  if (!tokens_.attributes().empty() || element.tag == Tag::a || element.tag == Tag::span || element.tag == Tag::bdo ||
      element.tag == Tag::time) {
    instance = attributes_.check(element.tag, token.name, tokens_);
  }
  bool const written = instance.has_value();
  std::string const attribute = written ? add_instance(std::move(*instance)) : std::string();
  if (is_formatting(element.tag)) return open_formatting(element.tag, attribute, written);
  if (is_inline(element.tag)) return open_inline(element, attribute, written);
  if (is_table_part(element.tag)) return open_table_part(element, attribute);
  open_block(element, attribute);
}

void Scan::void_element(Tag tag, Token const& token) {
  std::optional<Instance> instance = attributes_.check(tag, token.name, tokens_);
  if (!instance) return;
  if (tag == Tag::col) {
    std::size_t const table = find_table();
    if (table == kNowhere) return;
    if (stack_.back().tag != Tag::colgroup) pop_to(table + 1);
  } else {
    leave_colgroup();
  }
  if (tag == Tag::hr) close_paragraph();
  write_start(tag, add_instance(std::move(*instance)));
}

void Scan::dropped_raw(Element const& element, std::string_view, std::string_view contents) {
  account_.remove(Kind::element, element.name, {}, element.reason, count_text(contents, false));
}

/// An embed becomes a link to its address, in its place.
void Scan::embed(Element const& element, Token const& token) {
  std::string_view const key = element.name == "object" ? "data" : element.name == "applet" ? "code" : "src";
  std::optional<Attributes::Link> link = attributes_.link_to(element.name, key, tokens_.attribute(key));
  std::size_t lost = 0;
  if (element.treatment == Treatment::embed_raw) lost = count_text(tokens_.raw_text(element.name), false);
  account_.remove(Kind::element, element.name, {}, element.reason, lost);
  static_cast<void>(token);
  if (!link) return;
  open_formatting(Tag::a, add_instance(std::move(link->instance)), true);
  add_own_text(link->text);
  close_formatting(Tag::a);
}

void Scan::media(Token const& token) {
  Element const& element = element_named(token.name);
  Attributes::Media parts = attributes_.begin_media(element.name, tokens_);
  std::size_t lost = 0;
  for (Token inner = tokens_.next(); inner.kind != Token::Kind::done; inner = tokens_.next()) {
    if (inner.kind == Token::Kind::text) lost += count_text(inner.text, true);
    if (inner.kind == Token::Kind::unfinished) lost += count_text(inner.text, false);
    if (inner.kind == Token::Kind::end && inner.name == element.name) break;
    if (inner.kind != Token::Kind::start) continue;
    if (inner.name == "source") Attributes::add_source(parts, tokens_);
    lost += skip_raw_contents(inner);
  }
  if (lost > 0) account_.remove(Kind::element, element.name, {}, element.reason, lost);
  if (std::optional<Instance> instance = attributes_.finish_media(parts)) {
    leave_colgroup();
    return write_start(Tag::img, add_instance(std::move(*instance)));
  }
  for (auto const& [address, type] : parts.sources) {
    std::optional<Attributes::Link> link = attributes_.link_to(element.name, "src", address);
    if (!link) continue;
    open_formatting(Tag::a, add_instance(std::move(link->instance)), true);
    add_own_text(link->text);
    return close_formatting(Tag::a);
  }
}

/// A check box, as task lists have it, stays as a character.
void Scan::input(Element const& element, Token const& token) {
  std::string_view const type = tokens_.attribute("type");
  bool const checkbox = type.size() == 8 && std::equal(type.begin(), type.end(), "checkbox",
                                                       [](char a, char b) { return static_cast<char>(a | 0x20) == b; });
  bool const checked = tokens_.has_attribute("checked");
  account_.remove(Kind::element, token.name, {}, element.reason);
  if (checkbox) add_own_text(checked ? "☑ " : "☐ ");
}

void Scan::verbatim(std::string_view contents) {
  open_block(element_named("pre"), {});
  add_text(contents, false);
  flush_text();
  end_block(element_named("pre"));
}

// ---- Contents that go with their element

/// Raw text elements inside skipped contents, or a "<" in a script there would be read as a tag.
std::size_t Scan::skip_raw_contents(Token const& token) {
  Element const& element = element_named(token.name);
  switch (element.treatment) {
    case Treatment::drop_script:
      return count_text(tokens_.script_text(), false);
    case Treatment::drop_raw:
    case Treatment::embed_raw:
    case Treatment::verbatim:
      return count_text(tokens_.raw_text(element.name), false);
    case Treatment::drop_rcdata:
      return count_text(tokens_.raw_text(element.name), true);
    case Treatment::plaintext:
      return count_text(tokens_.rest(), false);
    default:
      return 0;
  }
}

/// An end tag that closes something around the skipped element closes the skipped element too. `open` counts what was
/// opened inside.
bool Scan::ends_skipping(Token const& token, std::array<unsigned, kTags>& open) const {
  Element const& element = element_named(token.name);
  if (element.treatment != Treatment::keep || is_void(element.tag)) return false;
  unsigned& inside = open[static_cast<std::size_t>(element.tag)];
  if (token.kind == Token::Kind::start) {
    ++inside;
    return false;
  }
  if (inside > 0) {
    --inside;
    return false;
  }
  return is_block(element.tag) && std::any_of(stack_.begin(), stack_.end(),
                                              [&](Open const& o) { return o.element == &element && o.tag != Tag::p; });
}

void Scan::skip_balanced(Element const& element, std::string_view name) {
  std::size_t lost = 0, depth = 1;
  std::array<unsigned, kTags> open{};
  for (Token token = tokens_.next(); token.kind != Token::Kind::done; token = tokens_.next()) {
    if (token.kind == Token::Kind::text) lost += count_text(token.text, true);
    if (token.kind == Token::Kind::unfinished) lost += count_text(token.text, false);
    if (token.kind != Token::Kind::start && token.kind != Token::Kind::end) continue;
    bool const start = token.kind == Token::Kind::start;
    if (token.name == name) {
      // A second <select> ends the first (section 13.2.6.4.16); the others nest.
      depth = start && name != "select" ? depth + 1 : depth - 1;
      if (depth == 0) break;
      continue;
    }
    if (start) lost += skip_raw_contents(token);
    if (ends_skipping(token, open)) {
      account_.remove(Kind::element, name, {}, element.reason, lost);
      return end_tag(token.name);
    }
  }
  account_.remove(Kind::element, name, {}, element.reason, lost);
}

void Scan::skip_foreign(Element const& element, Token const& first) {
  std::size_t lost = 0, depth = 1, html_depth = 0;
  std::array<unsigned, kTags> open{};
  auto const settle = [&] { account_.remove(Kind::element, element.name, {}, element.reason, lost); };
  if (first.self_closing) return settle();
  while (true) {
    if (Tokens::CharacterData const data = tokens_.character_data(); data.found) {
      lost += count_text(data.text, false);
      continue;
    }
    Token const token = tokens_.next();
    if (token.kind == Token::Kind::done) return settle();
    if (token.kind == Token::Kind::text) lost += count_text(token.text, true);
    if (token.kind == Token::Kind::unfinished) lost += count_text(token.text, false);
    bool const start = token.kind == Token::Kind::start;
    if (!start && token.kind != Token::Kind::end) continue;
    if (token.name == element.name) {
      if (start && !token.self_closing) ++depth;
      if (!start && --depth == 0) return settle();
      continue;
    }
    if (holds_html(token.name)) {
      if (start && !token.self_closing) ++html_depth;
      if (!start && html_depth > 0) --html_depth;
      continue;
    }
    if (html_depth > 0) {
      if (start) lost += skip_raw_contents(token);
      continue;
    }
    if (start && breaks_out(token.name)) {
      settle();
      return start_tag(token);
    }
    if (!start && ends_skipping(token, open)) {
      settle();
      return end_tag(token.name);
    }
  }
}

// ---- Text

void Scan::add_text(std::string_view raw, bool references) {
  if (pre_just_opened_) {
    // The tree builder's rule (section 13.2.6.4.7), kept here because it will not see the newline.
    pre_just_opened_ = false;
    if (raw.starts_with('\n')) raw.remove_prefix(1);
  }
  std::string& text = scanned_.text;
  for (std::size_t at = 0; at < raw.size();) {
    std::size_t const begin = at;
    std::size_t counted = 0;
    while (at < raw.size()) {
      Byte const kind = kBytes[static_cast<unsigned char>(raw[at])];
      if (kind > Byte::continuation) break;
      counted += kind == Byte::counted;
      ++at;
    }
    text.append(raw, begin, at - begin);
    text_characters_ += counted;
    scanned_.characters_in += counted;
    if (at == raw.size()) break;
    if (kBytes[static_cast<unsigned char>(raw[at])] == Byte::white_space) {
      add_white_space(raw[at++]);
      continue;
    }
    if (raw[at] == '&' && references) {
      CharacterReference const reference = read_character_reference(raw.substr(at), ReferencePlace::text);
      if (reference.bytes > 0) {
        add_character(reference.first);
        if (reference.second) add_character(reference.second);
        at += reference.bytes;
        continue;
      }
    }
    Decoded const decoded = decode(raw, at);
    add_character(decoded.character);
    at += decoded.bytes;
  }
}

void Scan::add_character(char32_t c) {
  if (is_ascii_white_space(c)) return add_white_space(static_cast<char>(c));
  ++scanned_.characters_in;
  if (is_forbidden(c)) {
    return account_.remove(Kind::character, code_point_name(c), {}, "text.removed_control_character", 1);
  }
  ++text_characters_;
  append(scanned_.text, c);
}

/// Outside pre a run becomes one newline if it has one, else one space.
void Scan::add_white_space(char c) {
  std::string& text = scanned_.text;
  if (c == '\r') c = '\n';
  if (c == '\f') c = ' ';
  if (pre_depth_ > 0) {
    text += c;
    return;
  }
  if (c == '\t') c = ' ';
  bool const follows = text.size() > text_begin_ && (text.back() == ' ' || text.back() == '\n');
  if (!follows) {
    text += c;
  } else if (c == '\n') {
    text.back() = '\n';
  }
}

/// Text that the input did not hold.
void Scan::add_own_text(std::string_view text) {
  flush_text();
  std::size_t const before = scanned_.characters_in;
  add_text(text, false);
  scanned_.characters_added += scanned_.characters_in - before;
  scanned_.characters_in = before;
  flush_text();
}

/// Text characters of contents that go; they belong to the account's "in" as well.
std::size_t Scan::count_text(std::string_view raw, bool references) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < raw.size();) {
    CharacterReference const reference = raw[at] == '&' && references
                                             ? read_character_reference(raw.substr(at), ReferencePlace::text)
                                             : CharacterReference{};
    if (reference.bytes > 0) {
      count += !is_ascii_white_space(reference.first);
      count += reference.second != 0;
      at += reference.bytes;
    } else {
      Byte const kind = kBytes[static_cast<unsigned char>(raw[at++])];
      count += kind == Byte::counted || kind == Byte::special;
    }
  }
  scanned_.characters_in += count;
  return count;
}

void Scan::flush_text() {
  std::string& text = scanned_.text;
  std::size_t begin = text_begin_, end = text.size();
  pre_just_opened_ = false;
  if (begin == end) return;
  bool const verbatim = pre_depth_ > 0;
  auto const is_space = [&](std::size_t at) { return text[at] == ' ' || text[at] == '\n'; };
  char before = 0, after = 0;
  if (!verbatim) {
    if (is_space(begin)) before = text[begin++];
    if (end > begin && is_space(end - 1)) after = text[--end];
  }
  if (before) scanned_.markup += before;
  if (end > begin) {
    leave_colgroup();
    scanned_.markup += std::to_string(scanned_.pieces.size());
    scanned_.markup += ';';
    scanned_.pieces.push_back({begin, end, text_characters_, verbatim});
  }
  if (after) scanned_.markup += after;
  text_begin_ = text.size();
  text_characters_ = 0;
}

// ---- The model of the tree builder's stack

std::string Scan::add_instance(Instance instance) {
  if (instance.attributes.empty() && instance.id.empty() && instance.markup.empty()) return {};
  scanned_.instances.push_back(std::move(instance));
  return " a=" + std::to_string(scanned_.instances.size() - 1);
}

void Scan::write_start(Tag tag, std::string_view attribute) {
  scanned_.markup += '<';
  scanned_.markup += name_of(tag);
  scanned_.markup += attribute;
  scanned_.markup += '>';
}

void Scan::write_end(Tag tag) {
  scanned_.markup += "</";
  scanned_.markup += name_of(tag);
  scanned_.markup += '>';
}

void Scan::check_depth() {
  if (stack_.size() + formatting_on_stack_ > kMaximalNesting) too_deep_ = true;
}

void Scan::push(Element const& element, std::string_view attribute, bool written) {
  if (written) write_start(element.tag, attribute);
  if (has_marker(element.tag)) markers_.push_back(formatting_.size());
  stack_.push_back({&element, element.tag, written});
  if (element.tag == Tag::pre) {
    ++pre_depth_;
    pre_just_opened_ = true;
  }
  check_depth();
}

void Scan::pop_to(std::size_t size) {
  while (stack_.size() > size) {
    Open const top = stack_.back();
    if (!has_marker(top.tag)) limit_waiting();
    stack_.pop_back();
    if (top.written) write_end(top.tag);
    if (top.tag == Tag::pre) --pre_depth_;
    std::size_t const base = has_marker(top.tag) ? markers_.back() : first_formatting();
    if (has_marker(top.tag)) markers_.pop_back();
    for (std::size_t i = base; i < formatting_.size(); ++i) {
      Formatting& formatting = formatting_[i];
      if (formatting.on_stack && formatting.opened_at > stack_.size()) {
        formatting.on_stack = false;
        --formatting_on_stack_;
      }
    }
    if (has_marker(top.tag)) {
      formatting_.resize(base);
    } else {
      std::erase_if(formatting_, [](Formatting const& f) { return !f.on_stack && !f.written; });
    }
  }
}

/// Before the top block ends: of the formatting elements in it that were not closed, those too many to wait are closed.
void Scan::limit_waiting() {
  std::size_t waiting = 0;
  for (std::size_t i = first_formatting(); i < formatting_.size(); ++i) {
    Formatting& formatting = formatting_[i];
    bool const waits = !formatting.on_stack || formatting.opened_at >= stack_.size();
    if (!waits || !formatting.written || ++waiting <= kMaximalWaiting) continue;
    write_end(formatting.tag);
    formatting.written = false;
  }
}

/// A colgroup holds nothing but col and white space.
void Scan::leave_colgroup() {
  if (!stack_.empty() && stack_.back().tag == Tag::colgroup) pop_to(stack_.size() - 1);
}

std::size_t Scan::find_in_scope(Tag tag, Tag boundary_a, Tag boundary_b) const {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    Tag const open = stack_[i].tag;
    if (open == tag) return i;
    if (is_scope_boundary(open) || open == boundary_a || open == boundary_b) break;
  }
  return kNowhere;
}

std::size_t Scan::find_table() const {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    if (stack_[i].tag == Tag::table) return i;
  }
  return kNowhere;
}

void Scan::close_paragraph() {
  if (std::size_t const paragraph = find_in_scope(Tag::p, Tag::none, Tag::none); paragraph != kNowhere) {
    pop_to(paragraph);
  }
}

/// Before <li>, <dt>, <dd>: the one before ends, unless another block than a container stands between.
void Scan::close_list_item(Tag a, Tag b) {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    Tag const open = stack_[i].tag;
    if (open == a || open == b) return pop_to(i);
    if (is_block(open) && !is_container(open)) return;
  }
}

void Scan::open_block(Element const& element, std::string_view attribute) {
  leave_colgroup();
  if (element.tag == Tag::li) close_list_item(Tag::li, Tag::li);
  if (element.tag == Tag::dt || element.tag == Tag::dd) close_list_item(Tag::dt, Tag::dd);
  close_paragraph();
  if (is_heading(element.tag) && !stack_.empty() && is_heading(stack_.back().tag)) pop_to(stack_.size() - 1);
  push(element, attribute, true);
}

void Scan::open_table_part(Element const& element, std::string_view attribute) {
  std::size_t const table = find_table();
  if (table == kNowhere) return;  // a row without a table is no row
  std::size_t keep = table + 1;
  auto const deepest = [&](auto matches) {
    for (std::size_t i = stack_.size(); i-- > keep;) {
      if (matches(stack_[i].tag)) return i + 1;
    }
    return keep;
  };
  if (element.tag == Tag::tr) keep = deepest([](Tag t) { return is_section(t); });
  if (is_cell(element.tag)) {
    keep = deepest([](Tag t) { return is_section(t); });
    keep = deepest([](Tag t) { return t == Tag::tr; });
  }
  pop_to(keep);
  push(element, attribute, true);
}

void Scan::open_inline(Element const& element, std::string_view attribute, bool written) {
  leave_colgroup();
  push(element, attribute, written);
}

void Scan::open_formatting(Tag tag, std::string_view attribute, bool written) {
  leave_colgroup();
  std::size_t const first = first_formatting();
  if (tag == Tag::a) {
    bool const open = std::any_of(formatting_.begin() + static_cast<std::ptrdiff_t>(first), formatting_.end(),
                                  [](Formatting const& f) { return f.tag == Tag::a; });
    if (open) close_formatting(Tag::a);
  }
  std::size_t all = 0, same = 0;
  for (std::size_t i = first; i < formatting_.size(); ++i) {
    all += formatting_[i].written;
    same += formatting_[i].written && formatting_[i].tag == tag;
  }
  if (all >= kMaximalFormatting || same >= kMaximalSameFormatting) written = false;
  if (written) write_start(tag, attribute);
  formatting_.push_back({tag, written, true, stack_.size()});
  ++formatting_on_stack_;
  check_depth();
}

void Scan::close_formatting(Tag tag) {
  for (std::size_t i = formatting_.size(); i-- > first_formatting();) {
    if (formatting_[i].tag != tag) continue;
    if (formatting_[i].written) write_end(tag);
    if (formatting_[i].on_stack) --formatting_on_stack_;
    formatting_.erase(formatting_.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

void Scan::end_block(Element const& element) {
  if (is_table_part(element.tag) || element.tag == Tag::table) return end_table_part(element.tag);
  for (std::size_t i = stack_.size(); i-- > 0;) {
    Open const& open = stack_[i];
    bool const same_heading = is_heading(element.tag) && is_heading(open.tag);
    if (open.element == &element || same_heading) return pop_to(i);
    if (is_scope_boundary(open.tag)) return;
    if (element.tag == Tag::li && (open.tag == Tag::ul || open.tag == Tag::ol)) return;
  }
}

void Scan::end_table_part(Tag tag) {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    if (stack_[i].tag == tag) return pop_to(i);
    if (stack_[i].tag == Tag::table) return;
  }
}

void Scan::end_inline(Element const& element) {
  for (std::size_t i = stack_.size(); i-- > 0;) {
    if (stack_[i].element == &element) return pop_to(i);
    if (is_block(stack_[i].tag)) return;
  }
}

}  // namespace courant::text::html
