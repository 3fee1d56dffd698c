#include "text/html_tokens.hpp"

#include <algorithm>

namespace courant::text::html {
namespace {

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }
bool ends_tag_name(char c) { return is_space(c) || c == '/' || c == '>'; }

bool matches_ignoring_case(std::string_view input, std::size_t at, std::string_view lower_case) {
  if (input.size() - at < lower_case.size()) return false;
  for (std::size_t i = 0; i < lower_case.size(); ++i) {
    if (lower(input[at + i]) != lower_case[i]) return false;
  }
  return true;
}

/// Many attributes on one tag are compared each with each, so they are limited; the rest are ignored.
constexpr std::size_t kMaximalAttributes = 64;

}  // namespace

Token Tokens::next() {
  attributes_.clear();
  lower_case_.clear();
  if (at_ >= input_.size()) return {};
  if (input_[at_] != '<' || at_ + 1 == input_.size()) return text_until_tag();
  char const second = input_[at_ + 1];
  if (is_letter(second)) return tag(at_ + 1, Token::Kind::start);
  if (second == '!') return markup_declaration();
  if (second == '?') return bogus_comment(at_ + 1);
  if (second != '/' || at_ + 2 == input_.size()) return text_until_tag();
  char const third = input_[at_ + 2];
  if (is_letter(third)) return tag(at_ + 2, Token::Kind::end);
  return bogus_comment(at_ + 2);
}

Token Tokens::text_until_tag() {
  std::size_t const begin = at_;
  // The first byte is text even when it is "<": next() saw that no tag begins here.
  at_ = std::min(input_.find('<', at_ + 1), input_.size());
  return {Token::Kind::text, {}, input_.substr(begin, at_ - begin)};
}

Token Tokens::tag(std::size_t name_begin, Token::Kind kind) {
  std::size_t const begin = at_;
  std::size_t at = name_begin;
  while (at < input_.size() && !ends_tag_name(input_[at])) ++at;
  Token token{kind, {}, {}};
  std::string_view const name = input_.substr(name_begin, at - name_begin);
  if (!read_attributes(at, token.self_closing)) {
    at_ = input_.size();
    attributes_.clear();
    return {Token::Kind::unfinished, {}, input_.substr(begin)};
  }
  token.name = lowered(name);
  at_ = at;
  return token;
}

/// Sections 13.2.5.32 to 13.2.5.40; leaves `at` behind ">". False at the end of the input.
bool Tokens::read_attributes(std::size_t& at, bool& self_closing) {
  while (at < input_.size()) {
    char const c = input_[at];
    if (is_space(c)) {
      ++at;
    } else if (c == '>') {
      ++at;
      return true;
    } else if (c == '/') {
      ++at;
      self_closing = at < input_.size() && input_[at] == '>';
    } else if (!read_attribute(at)) {
      return false;
    }
  }
  return false;
}

bool Tokens::read_attribute(std::size_t& at) {
  std::size_t const begin = at++;  // an "=" in the first place belongs to the name
  while (at < input_.size() && !ends_tag_name(input_[at]) && input_[at] != '=') ++at;
  std::string_view const name = input_.substr(begin, at - begin);
  std::string_view raw;
  std::size_t after = at;
  while (after < input_.size() && is_space(input_[after])) ++after;
  if (after < input_.size() && input_[after] == '=') {
    at = after + 1;
    if (!read_value(at, raw)) return false;
  }
  if (attributes_.size() < kMaximalAttributes) {
    std::string_view const key = lowered(name);
    if (!has_attribute(key)) attributes_.push_back({key, raw});
  }
  return true;
}

bool Tokens::read_value(std::size_t& at, std::string_view& raw) {
  while (at < input_.size() && is_space(input_[at])) ++at;
  if (at == input_.size()) return false;
  char const quote = input_[at];
  if (quote == '"' || quote == '\'') {
    std::size_t const end = input_.find(quote, at + 1);
    if (end == std::string_view::npos) return false;
    raw = input_.substr(at + 1, end - at - 1);
    at = end + 1;
    return true;
  }
  std::size_t const begin = at;
  while (at < input_.size() && !is_space(input_[at]) && input_[at] != '>') ++at;
  raw = input_.substr(begin, at - begin);
  return at < input_.size();
}

std::string_view Tokens::lowered(std::string_view name) {
  if (std::none_of(name.begin(), name.end(), is_upper)) return name;
  // Views into lower_case_ must not move: it never grows beyond what one tag with its attributes can need.
  constexpr std::size_t kRoom = 8192;
  if (lower_case_.capacity() < kRoom) lower_case_.reserve(kRoom);
  if (lower_case_.size() + name.size() > lower_case_.capacity()) return "?";
  std::size_t const begin = lower_case_.size();
  for (char const c : name) lower_case_ += lower(c);
  return std::string_view(lower_case_).substr(begin);
}

Token Tokens::markup_declaration() {
  if (!input_.substr(at_).starts_with("<!--")) return bogus_comment(at_ + 2);
  std::size_t const content = at_ + 4;
  // "<!-->" and "<!--->" are whole comments (section 13.2.5.43).
  if (input_.substr(content).starts_with(">")) {
    at_ = content + 1;
  } else if (input_.substr(content).starts_with("->")) {
    at_ = content + 2;
  } else {
    std::size_t at = input_.find("--", content);
    while (at != std::string_view::npos) {
      std::string_view const after = input_.substr(at + 2);
      if (after.starts_with('>') || after.starts_with("!>")) {
        at += after.starts_with('>') ? 3 : 4;
        break;
      }
      at = input_.find("--", at + 1);
    }
    at_ = std::min(at, input_.size());
  }
  return {Token::Kind::comment, {}, {}};
}

Token Tokens::bogus_comment(std::size_t from) {
  std::size_t const end = input_.find('>', from);
  at_ = end == std::string_view::npos ? input_.size() : end + 1;
  return {Token::Kind::comment, {}, {}};
}

std::string_view Tokens::attribute(std::string_view name) const {
  for (Attribute const& attribute : attributes_) {
    if (attribute.name == name) return attribute.raw;
  }
  return {};
}

bool Tokens::has_attribute(std::string_view name) const {
  return std::any_of(attributes_.begin(), attributes_.end(), [&](Attribute const& a) { return a.name == name; });
}

std::size_t Tokens::find_end_tag(std::string_view name, std::size_t from) const {
  for (std::size_t at = input_.find("</", from); at != std::string_view::npos; at = input_.find("</", at + 2)) {
    std::size_t const after = at + 2 + name.size();
    if (matches_ignoring_case(input_, at + 2, name) && after < input_.size() && ends_tag_name(input_[after])) return at;
  }
  return input_.size();
}

/// `at` is where "</name" stands, or the end. Its attributes are read over like any tag's.
void Tokens::pass_end_tag(std::size_t at) {
  at_ = at;
  if (at < input_.size()) next();
}

std::string_view Tokens::raw_text(std::string_view name) {
  std::string const wanted(name);  // `name` may be a view into lower_case_
  std::size_t const begin = at_;
  std::size_t const end = find_end_tag(wanted, begin);
  pass_end_tag(end);
  return input_.substr(begin, end - begin);
}

std::string_view Tokens::script_text() {
  enum class State { data, escaped, double_escaped };
  State state = State::data;
  std::size_t const begin = at_;
  auto const tag_at = [&](std::size_t at, std::string_view opening) {
    std::size_t const after = at + opening.size();
    return matches_ignoring_case(input_, at, opening) && after < input_.size() && ends_tag_name(input_[after]);
  };
  for (std::size_t at = begin; at < input_.size(); ++at) {
    char const c = input_[at];
    if (c == '-' && state != State::data && input_.substr(at).starts_with("-->")) {
      state = State::data;
    } else if (c != '<') {
      continue;
    } else if (state == State::data && input_.substr(at).starts_with("<!--")) {
      state = State::escaped;
      at += 1;  // the two dashes may already be those of "-->"
    } else if (state == State::escaped && tag_at(at, "<script")) {
      state = State::double_escaped;
    } else if (tag_at(at, "</script")) {
      if (state != State::double_escaped) {
        pass_end_tag(at);
        return input_.substr(begin, at - begin);
      }
      state = State::escaped;
    }
  }
  at_ = input_.size();
  return input_.substr(begin);
}

std::string_view Tokens::rest() {
  std::string_view const rest = input_.substr(at_);
  at_ = input_.size();
  return rest;
}

Tokens::CharacterData Tokens::character_data() {
  constexpr std::string_view kOpening = "<![CDATA[";
  if (!input_.substr(at_).starts_with(kOpening)) return {};
  std::size_t const begin = at_ + kOpening.size();
  std::size_t const end = input_.find("]]>", begin);
  at_ = end == std::string_view::npos ? input_.size() : end + 3;
  return {input_.substr(begin, (end == std::string_view::npos ? input_.size() : end) - begin), true};
}

}  // namespace courant::text::html
