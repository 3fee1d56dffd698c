// An article as it comes from elsewhere, before anything is believed of it.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "text/html.hpp"

namespace courant::transfer {

/// How the body is written. `wordpress` is HTML whose paragraphs are blank lines and that holds shortcodes.
enum class BodyFormat : std::uint8_t { html, markdown, text, wordpress };

struct Item {
  std::uint64_t place = 0;  ///< line of the file where it begins
  std::string source;       ///< "wxr:https://old.example", "jsonl:NAME"
  std::string source_id;
  std::string title;
  std::string body;
  BodyFormat format = BodyFormat::html;
  std::string summary;
  std::string slug;
  std::string language;
  std::string author_login;  ///< what tells authors apart in the source
  std::string author_name;
  std::string channel;                  ///< slug or name; empty: the default one
  std::vector<std::string> categories;  ///< become the channel when one is called so, else tags
  std::vector<std::string> tags;
  std::optional<Time> published_at;
  bool is_draft = false;
  std::string address;  ///< where it was read, absolute: base of relative links
  std::vector<std::string> old_paths;
  std::string source_name, source_address;

  /// Not an article, or one that its owner threw away: why (a key of the catalogue); empty otherwise.
  std::string skip;
  /// Parts of the item that do not come along, for the report: {"comments", 3}.
  std::vector<std::pair<std::string, std::int64_t>> left_behind;
};

/// What a reader comes back with: an item, or one that could not be read while the next may be.
struct Reading {
  Item item;
  std::optional<Error> error;
};

/// A file of items. next() gives nullopt at the end. An Error of next() itself ends the reading: the file cannot be
/// read on.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result<std::optional<Reading>> next() = 0;
  [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
  /// Characters that no text may hold and that were replaced, so far.
  [[nodiscard]] virtual std::uint64_t replaced_characters() const = 0;
};

}  // namespace courant::transfer
