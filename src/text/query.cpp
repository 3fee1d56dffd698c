#include "text/query.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace courant::text {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

void append_percent(std::string& out, char c) {
  auto const byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

enum class Plus { is_plus, is_space };

Result<std::string> decode_percent(std::string_view text, Plus plus, char const* message) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      int const high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
      int const low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
      if (high < 0 || low < 0) return invalid(message, "malformed percent encoding");
      c = static_cast<char>(high << 4 | low);
      at += 2;
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    if (c == '\0') return invalid(message, "NUL");
    out += c;
  }
  return out;
}

Result<std::string> decode_field(std::string_view text, std::size_t limit) {
  if (text.size() > 3 * limit) return invalid("text.query_too_long");
  std::string decoded = TRY(decode_percent(text, Plus::is_space, "text.query_encoding"));
  if (decoded.size() > limit) return invalid("text.query_too_long");
  if (!is_utf8(decoded)) return invalid("text.query_encoding", "not UTF-8");
  return decoded;
}

void append_form_encoded(std::string& out, std::string_view text) {
  for (char const c : text) {
    if (c == ' ') {
      out += '+';
    } else if (c != '~' && (is_unreserved(c) || c == '*')) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (char const c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  return decode_percent(text, Plus::is_plus, "text.percent_encoding");
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  auto const found = std::find_if(fields_.begin(), fields_.end(), [&](auto const& f) { return f.first == name; });
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> Fields::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (auto const& [field, value] : fields_) {
    if (field == name) values.emplace_back(value);
  }
  return values;
}

Result<Fields> parse_form(std::string_view body, QueryLimits const& limits) {
  if (body.size() > limits.maximal_bytes) return invalid("text.query_too_long");
  Fields fields;
  while (!body.empty()) {
    std::size_t const end = std::min(body.find('&'), body.size());
    std::string_view const pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (pair.empty()) continue;
    if (fields.size() == limits.maximal_fields) return invalid("text.query_too_many");
    std::size_t const equals = std::min(pair.find('='), pair.size());
    std::string name = TRY(decode_field(pair.substr(0, equals), limits.maximal_name_bytes));
    std::string value = TRY(decode_field(pair.substr(std::min(equals + 1, pair.size())), limits.maximal_value_bytes));
    fields.add(std::move(name), std::move(value));
  }
  return fields;
}

Result<Fields> parse_query(std::string_view query, QueryLimits const& limits) { return parse_form(query, limits); }

std::string write_query(Fields const& fields) {
  std::string out;
  for (auto const& [name, value] : fields) {
    if (!out.empty()) out += '&';
    append_form_encoded(out, name);
    out += '=';
    append_form_encoded(out, value);
  }
  return out;
}

}  // namespace courant::text
