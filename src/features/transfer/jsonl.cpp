#include "features/transfer/jsonl.hpp"

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "text/url.hpp"

namespace courant::transfer {
namespace {

class Jsonl final : public Reader {
 public:
  Jsonl(text::XmlSource source, std::string name) : source_(std::move(source)), name_(std::move(name)) {}

  Result<std::optional<Reading>> next() override {
    for (;;) {
      auto line = TRY(next_line());
      if (!line) return std::optional<Reading>();
      ++number_;
      if (line->too_long) return std::optional(failed(invalid("transfer.line_too_long")));
      if (line->text.find_first_not_of(" \t\r") == std::string::npos) continue;
      return std::optional(read_line(line->text));
    }
  }

  [[nodiscard]] std::uint64_t bytes_read() const override { return bytes_; }
  [[nodiscard]] std::uint64_t replaced_characters() const override { return 0; }

 private:
  struct Line {
    std::string text;
    bool too_long = false;
  };

  Result<std::optional<Line>> next_line() {
    Line line;
    for (;;) {
      auto const end = buffer_.find('\n', from_);
      auto const piece = std::string_view(buffer_).substr(from_, end == std::string::npos ? end : end - from_);
      if (line.text.size() + piece.size() > kLongestLine) line.too_long = true, line.text.clear();
      if (!line.too_long) line.text += piece;
      if (end != std::string::npos) {
        from_ = end + 1;
        return std::optional(std::move(line));
      }
      buffer_.resize(kChunk);
      auto const count = TRY(source_(buffer_));
      buffer_.resize(count);
      bytes_ += count;
      from_ = 0;
      if (count == 0)
        return line.text.empty() && !line.too_long ? std::optional<Line>() : std::optional(std::move(line));
    }
  }

  Reading failed(Error error) const {
    Reading reading;
    reading.item.place = number_;
    reading.item.source = "jsonl:" + name_;
    reading.item.source_id = "line " + std::to_string(number_);
    reading.error = std::move(error);
    return reading;
  }

  Reading read_line(std::string_view line) const {
    auto value = json::parse(line);
    if (!value.ok()) return failed(std::move(value).error());
    if (!value->is_object()) return failed(invalid("transfer.line_no_object"));
    Reading reading;
    auto read = item_of(value->get_object(), line);
    if (!read.ok()) return failed(std::move(read).error());
    reading.item = std::move(*read);
    return reading;
  }

  Result<Item> item_of(json::Object const& object, std::string_view line) const {
    auto const text = [&](std::string_view key) { return std::string(json::string_or_empty(object, key)); };
    for (auto const& [key, value] : object)
      if (!is_known(key)) return unknown_field(key);
    TRY(check_types(object));
    Item item;
    item.place = number_;
    item.source = "jsonl:" + name_;
    item.source_id = id_of(object, line);
    item.title = text("title");
    item.body = text("body");
    item.format = TRY(format_of(text("format")));
    item.summary = text("summary");
    item.slug = text("slug");
    item.language = text("language");
    item.author_login = item.author_name = text("author");
    item.channel = text("channel");
    item.tags = TRY(tags_of(object));
    if (auto const time = text("time"); !time.empty()) item.published_at = TRY(parse_time(time));
    item.address = text("url");
    if (auto const url = text::Url::parse(item.address); url.ok() && url->is_web() && url->path() != "/")
      item.old_paths.push_back(std::string(url->path()) +
                               (url->query().empty() ? "" : "?" + std::string(url->query())));
    item.source_name = text("source");
    item.source_address = text("source_url");
    if (auto const* const draft = object.if_contains("draft")) item.is_draft = draft->is_bool() && draft->get_bool();
    return item;
  }

  /// A number where a text should be would be lost without a word.
  static Done check_types(json::Object const& object) {
    if (!object.contains("body")) return Error{ErrorKind::invalid, "transfer.body_missing", {}, {}, {}};
    for (auto const& [key, value] : object) {
      bool const may_be_other = key == "id" || key == "tags" || key == "draft" || key == "note" || value.is_null();
      if (may_be_other || value.is_string()) continue;
      Error error = invalid("transfer.field_no_text");
      error.arguments = {{"field", std::string(key)}};
      return error;
    }
    return {};
  }

  static bool is_known(std::string_view key) {
    static constexpr std::array<std::string_view, 16> kKnown{
        "id",      "title", "body", "format", "summary", "slug",       "language", "author",
        "channel", "tags",  "time", "url",    "source",  "source_url", "draft",    "note"};
    return std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end();
  }

  /// A field we do not know could hold what somebody wants kept; silence would lose it.
  static Error unknown_field(std::string_view key) {
    Error error = invalid("transfer.unknown_field");
    error.arguments = {{"field", std::string(key.substr(0, 60))}};
    return error;
  }

  /// Without an id of its own an item is known by its content.
  static std::string id_of(json::Object const& object, std::string_view line) {
    if (auto const* const id = object.if_contains("id")) {
      if (id->is_string() && !id->get_string().empty()) return std::string(id->get_string());
      if (id->is_int64()) return std::to_string(id->get_int64());
    }
    return "sha256:" + crypto::hex(crypto::sha256(line));
  }

  static Result<BodyFormat> format_of(std::string_view name) {
    if (name.empty() || name == "html") return BodyFormat::html;
    if (name == "markdown") return BodyFormat::markdown;
    if (name == "text") return BodyFormat::text;
    return invalid("transfer.unknown_format");
  }

  static Result<std::vector<std::string>> tags_of(json::Object const& object) {
    std::vector<std::string> tags;
    auto const* const value = object.if_contains("tags");
    if (value == nullptr || value->is_null()) return tags;
    if (!value->is_array()) return invalid("transfer.tags_no_list");
    for (auto const& tag : value->get_array()) {
      if (!tag.is_string()) return invalid("transfer.tags_no_list");
      tags.emplace_back(tag.get_string());
    }
    return tags;
  }

  static constexpr std::size_t kChunk = 256 * 1024;  // bytes

  text::XmlSource source_;
  std::string name_;
  std::string buffer_;
  std::size_t from_ = 0;
  std::uint64_t number_ = 0, bytes_ = 0;
};

}  // namespace

std::unique_ptr<Reader> read_jsonl(text::XmlSource source, std::string name) {
  return std::make_unique<Jsonl>(std::move(source), std::move(name));
}

}  // namespace courant::transfer
