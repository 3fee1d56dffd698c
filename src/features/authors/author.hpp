// An author: the public face under which somebody writes. Plain data, and the rules that need nothing but the data.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/time.hpp"
#include "features/accounts/account.hpp"
#include "media/pictures.hpp"

namespace courant {

enum class AuthorKind : std::uint8_t { individual = 0, media = 1, company = 2, institution = 3, government = 4 };

/// A suspended author's articles stay as they are; nothing new is published under the name.
enum class AuthorState : std::uint8_t { active = 0, suspended = 1 };

struct Author {
  Id<Author> id;
  Id<Account> account;  ///< 0: nobody signs in as this author (made by an import)
  std::string handle;   ///< unique, in the address /author/{handle}
  std::string name;
  std::string bio;
  std::string field;   ///< what they write about, in their own words; may be empty
  std::string region;  ///< where they are, as shown; may be empty
  AuthorKind kind = AuthorKind::individual;
  AuthorState state = AuthorState::active;
  std::shared_ptr<media::Picture const> avatar;  ///< null: none
  std::int64_t version = 1;
  Time joined_at;
};

namespace authors {

inline constexpr std::size_t kLongestHandle = 30;  ///< characters; text::handle says which
inline constexpr std::size_t kLongestName = 40;    ///< characters (code points)
inline constexpr std::size_t kLongestBio = 500;
inline constexpr std::size_t kLongestField = 60;
inline constexpr std::size_t kLongestRegion = 60;

/// The form under which a handle is unique: look-alikes share it.
[[nodiscard]] std::string handle_key(std::string_view handle);
/// A handle made from any name: its Latin and Han letters and digits, or "author" when there are too few. Need not be
/// free.
[[nodiscard]] std::string handle_from(std::string_view name);

/// What an author may say of themselves.
struct Profile {
  std::string handle;
  std::string name;
  std::string bio;
  std::string field;
  std::string region;
  AuthorKind kind = AuthorKind::individual;

  friend bool operator==(Profile const&, Profile const&) = default;
};
/// All complaints at once, each tied to its field ("handle", "name", "bio", "field", "region"); empty: fine.
[[nodiscard]] std::vector<Complaint> complaints_about(Profile const& profile, std::string_view site_name);
[[nodiscard]] Profile profile_of(Author const& author);

/// "individual", "media", …: in JSON and forms; its text is "authors.kind_individual" and so on.
[[nodiscard]] std::string_view name_of(AuthorKind kind);
[[nodiscard]] std::optional<AuthorKind> kind_named(std::string_view name);

/// "/author/{handle}".
[[nodiscard]] std::string path_of(Author const& author);

}  // namespace authors
}  // namespace courant
