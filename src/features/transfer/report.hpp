// The report of an import: a JSON line for each item, and one for the whole at the end.
#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "features/transfer/clean.hpp"

namespace courant::transfer {

enum class Outcome : std::uint8_t { created, already_there, would_create, skipped, failed };
[[nodiscard]] std::string_view name_of(Outcome outcome);

struct Totals {
  std::map<Outcome, std::int64_t> items;
  std::int64_t drafts = 0;  ///< of the created
  std::int64_t characters_in = 0, characters_added = 0, characters_stored = 0, characters_reported = 0;
  std::int64_t replaced_characters = 0;  ///< of the file, that no text may hold
  [[nodiscard]] std::int64_t of(Outcome outcome) const;
};

/// The sentence for a key of the catalogue, in the report's language.
using Sentence = std::function<std::string(std::string_view key, MessageArguments const& arguments)>;

class Report {
 public:
  /// `path` empty: only the totals are kept. Error: unavailable when the file cannot be written.
  static Result<Report> open(std::filesystem::path const& path, Sentence sentence);

  /// `article` is the id (empty: none); `reason` says why it was skipped or failed; `body` null: the item was not
  /// looked into.
  void add(Item const& item, Outcome outcome, std::string_view article, Error const* reason, CleanBody const* body);
  /// The reading ended before the end of the file.
  void broken_off(Error const& reason);
  void set_replaced(std::uint64_t characters) { totals_.replaced_characters = static_cast<std::int64_t>(characters); }
  /// Writes the last line. Error: unavailable when not all could be written.
  Done finish();
  [[nodiscard]] Totals const& totals() const { return totals_; }

 private:
  explicit Report(Sentence sentence) : sentence_(std::move(sentence)) {}
  [[nodiscard]] std::string say(Error const& error) const;

  std::ofstream file_;
  bool writes_ = false;
  Sentence sentence_;
  Totals totals_;
};

}  // namespace courant::transfer
