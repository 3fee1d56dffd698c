// Every text that people see, by key and language. Made from the messages.*.toml files of all modules at build time.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"

namespace courant::web {

enum class Language : std::uint8_t { zh_hans = 0, en = 1 };
inline constexpr int kLanguages = 2;

/// "zh-Hans", "en" (BCP 47), as in lang attributes and cookies.
[[nodiscard]] std::string_view tag_of(Language language) noexcept;
[[nodiscard]] std::optional<Language> language_tagged(std::string_view tag) noexcept;
/// The best of ours for an Accept-Language header (RFC 9110 section 12.5.4); `otherwise` when none fits.
[[nodiscard]] Language preferred_language(std::string_view accept_language, Language otherwise) noexcept;

/// Walks a text of the catalogue: what stands between {names}, and the names.
void for_each_piece(std::string_view text, std::function<void(std::string_view)> const& literal,
                    std::function<void(std::string_view)> const& name);

class Catalogue {
 public:
  /// From {"zh-Hans": {"articles.publish": "发布", …}, "en": {…}}. Error: broken when a key is missing in a language,
  /// or the {names} of its texts differ between languages.
  static Result<Catalogue> from_json(std::string_view json);

  /// The text with {names} filled in; not escaped. An unknown key gives the key itself (and a log line).
  [[nodiscard]] std::string text(Language language, std::string_view key, MessageArguments const& arguments = {}) const;
  /// The raw text, or nullptr.
  [[nodiscard]] std::string const* find(Language language, std::string_view key) const;

 private:
  std::array<std::unordered_map<std::string, std::string>, kLanguages> texts_;
};

}  // namespace courant::web
