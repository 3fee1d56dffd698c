// From the attributes a stranger wrote to the attributes we write, element by element. Internal to text/.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "text/html.hpp"
#include "text/html_account.hpp"
#include "text/html_allowed.hpp"
#include "text/html_tokens.hpp"

namespace courant::text::html {

/// One tag's checked attributes, as they will be written.
struct Instance {
  std::string attributes;  ///< ` href="…" title="…"`, escaped
  std::string id;          ///< with prefix, unescaped; written once, however often a parser clones the element
  bool id_written = false;
  std::string markup;              ///< of void elements that are written as something else (video): the whole of it
  std::optional<Picture> picture;  ///< of img
};

class Attributes {
 public:
  Attributes(SanitizeOptions const& options, Account& account) : options_(options), account_(account) {}

  /// The attributes of the start tag that `tokens` has just read. Nothing when the element makes no sense without an
  /// attribute that it lacks (a without href and id, img without address, span without lang or dir).
  std::optional<Instance> check(Tag tag, std::string_view written_name, Tokens const& tokens);

  /// A link to `address` in place of an embed; nothing when the address is refused (and reported).
  struct Link {
    Instance instance;
    std::string text;
  };
  std::optional<Link> link_to(std::string_view written_name, std::string_view attribute, std::string_view raw);

  /// The parts of a video or audio element, gathered while its contents are passed over.
  struct Media {
    std::string name;                                          ///< "video" or "audio"
    std::string attributes;                                    ///< width, height, poster
    std::vector<std::pair<std::string, std::string>> sources;  ///< raw address, type
  };
  [[nodiscard]] Media begin_media(std::string_view name, Tokens const& tokens);
  static void add_source(Media& media, Tokens const& tokens);
  /// The finished element, or nothing when no address passed; then link_to() one of its sources may still do.
  std::optional<Instance> finish_media(Media const& media);

 private:
  struct Address {
    std::string text;
    bool outside = false;
  };
  Result<Address> checked_address(std::string_view text) const;
  Result<Address> checked_source(std::string_view text, SanitizeOptions::Outside outside) const;
  std::optional<std::string> checked_id(std::string_view value);
  std::optional<std::string> checked_fragment(std::string_view value) const;

  void apply(Tag tag, std::string_view name, Attribute const& attribute, Instance& instance);
  bool apply_global(std::string_view name, Attribute const& attribute, std::string const& value, Instance& instance);
  bool apply_own(Tag tag, std::string_view name, Attribute const& attribute, std::string const& value,
                 Instance& instance);
  void apply_href(std::string_view name, std::string const& value, Instance& instance);
  std::optional<Instance> check_picture(std::string_view name, Tokens const& tokens);
  void add_rel_and_href(Address const& address, Instance& instance) const;

  SanitizeOptions const& options_;
  Account& account_;
  std::unordered_set<std::string> ids_;
};

}  // namespace courant::text::html
