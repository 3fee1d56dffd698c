#include "features/transfer/wordpress.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "text/utf8.hpp"

namespace courant::transfer {
namespace {

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(text[i])) != word[i]) return false;
  return text.size() == word.size() || std::isalnum(static_cast<unsigned char>(text[word.size()])) == 0;
}

// --- Shortcodes -----------------------------------------------------------------------------------------------------

struct Shortcode {
  std::string_view whole;       ///< "[caption …]"
  std::string_view attributes;  ///< what stands after the name
};

/// The shortcode `name` at the beginning of `text`.
std::optional<Shortcode> shortcode_at(std::string_view text, std::string_view name) {
  if (text.empty() || text[0] != '[' || !starts_with_word(text.substr(1), name)) return std::nullopt;
  bool quoted = false;
  for (std::size_t i = 1 + name.size(); i < text.size(); ++i) {
    if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == ']' && !quoted)
      return Shortcode{text.substr(0, i + 1), text.substr(1 + name.size(), i - 1 - name.size())};
    else if (text[i] == '[' || (text[i] == '\n' && i > 2'000))
      return std::nullopt;
  }
  return std::nullopt;
}

/// The value of caption="…" among the attributes.
std::string_view caption_of(std::string_view attributes) {
  auto const name = attributes.find("caption=\"");
  if (name == std::string_view::npos) return {};
  auto const begin = name + 9, end = attributes.find('"', begin);
  return end == std::string_view::npos ? std::string_view() : attributes.substr(begin, end - begin);
}

void report(std::vector<text::Removed>& removed, std::string_view name, std::string_view reason,
            std::size_t characters) {
  auto const known =
      std::find_if(removed.begin(), removed.end(), [&](text::Removed const& one) { return one.name == name; });
  if (known == removed.end())
    removed.push_back({text::Removed::Kind::element, std::string(name), std::string(reason), 1, characters, {}});
  else
    ++known->count, known->characters += characters;
}

/// Between the tags stand a picture (perhaps in a link) and then the caption, if it is not an attribute.
struct CaptionedPicture {
  std::string_view picture, caption;
};
CaptionedPicture split_caption(std::string_view inside) {
  auto const image = inside.find("<img");
  if (image == std::string_view::npos) return {inside, {}};
  auto end = inside.find('>', image);
  if (end == std::string_view::npos) return {inside, {}};
  ++end;
  if (auto const link = inside.find("</a>", end);
      link != std::string_view::npos && inside.substr(0, image).find("<a") != std::string_view::npos)
    end = link + 4;
  return {inside.substr(0, end), inside.substr(end)};
}

std::string without_shortcodes(std::string_view body, std::vector<text::Removed>& removed) {
  std::string out;
  out.reserve(body.size());
  while (!body.empty()) {
    auto const bracket = body.find('[');
    out += body.substr(0, bracket);
    if (bracket == std::string_view::npos) break;
    body.remove_prefix(bracket);
    if (auto const gallery = shortcode_at(body, "gallery")) {
      report(removed, "[gallery]", "transfer.removed_gallery", text::count_text_characters(gallery->whole));
      body.remove_prefix(gallery->whole.size());
      continue;
    }
    auto const caption = shortcode_at(body, "caption");
    auto const close = caption ? body.find("[/caption]", caption->whole.size()) : std::string_view::npos;
    if (close == std::string_view::npos) {
      out += '[';
      body.remove_prefix(1);
      continue;
    }
    auto const [picture, after] = split_caption(body.substr(caption->whole.size(), close - caption->whole.size()));
    auto const given = caption_of(caption->attributes);
    out.append("<figure>")
        .append(picture)
        .append("<figcaption>")
        .append(given)
        .append(after)
        .append("</figcaption></figure>\n\n");
    auto const lost = text::count_text_characters(caption->whole) + text::count_text_characters("[/caption]") -
                      text::count_text_characters(given);
    report(removed, "[caption]", "transfer.became_figure", lost);
    body.remove_prefix(close + 10);
  }
  return out;
}

// --- Paragraphs -----------------------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 33> kBlocks{
    "table", "thead", "tfoot", "caption", "col", "colgroup", "tbody", "tr",       "td",         "th",      "div",
    "dl",    "dd",    "dt",    "ul",      "ol",  "li",       "pre",   "form",     "blockquote", "address", "p",
    "h1",    "h2",    "h3",    "h4",      "h5",  "h6",       "hr",    "fieldset", "figure",     "section", "iframe"};

/// The block element that `text` begins with, or empty.
std::string_view block_at(std::string_view text) {
  if (text.empty() || text[0] != '<') return {};
  text.remove_prefix(1);
  if (!text.empty() && text[0] == '/') text.remove_prefix(1);
  for (auto const name : kBlocks)
    if (starts_with_word(text, name)) return name;
  return {};
}

/// Where an element whose text keeps its newlines ends, when `text` begins with one; else 0.
std::size_t preformatted_length(std::string_view text) {
  for (std::string_view name : {"pre", "script", "style", "textarea"}) {
    if (text.size() < 2 || text[0] != '<' || !starts_with_word(text.substr(1), name)) continue;
    auto const close = text.find("</" + std::string(name));
    if (close == std::string_view::npos) return text.size();
    auto const end = text.find('>', close);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  return 0;
}

std::string_view without_outer_space(std::string_view text) {
  auto const space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

void append_paragraph(std::string& out, std::string_view chunk) {
  chunk = without_outer_space(chunk);
  if (chunk.empty()) return;
  if (!block_at(chunk).empty()) {
    out.append(chunk).append("\n");
    return;
  }
  out += "<p>";
  for (char const c : chunk) {
    if (c == '\n') out += "<br>";
    out += c;
  }
  out += "</p>\n";
}

std::string with_paragraphs(std::string_view body) {
  std::string out, chunk;
  out.reserve(body.size() + body.size() / 8);
  auto const flush = [&] { append_paragraph(out, chunk), chunk.clear(); };
  for (std::size_t i = 0; i < body.size();) {
    if (auto const length = preformatted_length(body.substr(i)); length > 0) {
      flush();
      out.append(body.substr(i, length)).append("\n");
      i += length;
      continue;
    }
    if (body[i] == '<' && !chunk.empty() && chunk.back() == '\n' && !block_at(body.substr(i)).empty()) flush();
    if (body[i] == '\n') {
      auto next = i + 1;
      while (next < body.size() && (body[next] == ' ' || body[next] == '\t' || body[next] == '\r')) ++next;
      if (next < body.size() && body[next] == '\n') {
        flush();
        i = next + 1;
        continue;
      }
    }
    if (body[i] != '\r') chunk += body[i];
    ++i;
  }
  flush();
  return out;
}

}  // namespace

WordPressBody wordpress_to_html(std::string_view body) {
  WordPressBody out;
  std::string text = without_shortcodes(body, out.removed);
  bool const by_blocks = text.find("<!-- wp:") != std::string::npos;
  out.html = by_blocks ? std::move(text) : with_paragraphs(text);
  return out;
}

}  // namespace courant::transfer
