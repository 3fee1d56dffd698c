#include "text/html_account.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace courant::text::html {
namespace {

/// Hostile input can name any number of things; beyond this many they share one line per kind.
constexpr std::size_t kMaximalLines = 100;
constexpr std::size_t kMaximalNameBytes = 40;
constexpr std::size_t kMaximalExampleBytes = 200;

bool is_named(std::string_view whole, std::string_view name, std::string_view attribute) {
  if (attribute.empty()) return whole == name;
  return whole.size() == name.size() + attribute.size() + 2 && whole.starts_with(name) && whole.ends_with(']') &&
         whole.substr(name.size() + 1, attribute.size()) == attribute;
}

std::string shown(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    Decoded const decoded = decode(text, at);
    if (out.size() + decoded.bytes > limit) return out + "…";
    bool const printable = !is_forbidden(decoded.character) && !is_invisible_control(decoded.character);
    append(out, printable ? (is_white_space(decoded.character) ? U' ' : decoded.character) : kReplacement);
    at += decoded.bytes;
  }
  return out;
}

std::string_view cut(std::string_view name) { return name.substr(0, kMaximalNameBytes); }

}  // namespace

void Account::remove(Removed::Kind kind, std::string_view name, std::string_view attribute, std::string_view reason,
                     std::size_t characters, std::string_view example) {
  name = cut(name);
  attribute = cut(attribute);
  if (removed_.size() >= kMaximalLines) {
    name = "…";
    attribute = {};
  }
  auto line = std::find_if(removed_.begin(), removed_.end(), [&](Removed const& r) {
    return r.kind == kind && r.reason == reason && is_named(r.name, name, attribute);
  });
  if (line == removed_.end()) {
    std::string whole = shown(name, kMaximalNameBytes + 8);
    if (!attribute.empty()) whole += "[" + shown(attribute, kMaximalNameBytes + 8) + "]";
    removed_.push_back({kind, std::move(whole), std::string(reason), 0, 0, shown(example, kMaximalExampleBytes)});
    line = removed_.end() - 1;
  }
  ++line->count;
  line->characters += characters;
}

}  // namespace courant::text::html
