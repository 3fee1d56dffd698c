// What people do with author profiles. Each decides first, then writes row and event in one transaction.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/accounts/commands.hpp"
#include "features/authors/author.hpp"
#include "journal/event.hpp"
#include "media/pictures.hpp"
#include "store/store.hpp"

namespace courant::authors {

using accounts::Means;

struct Changed {
  Id<Author> author;
  journal::EventId event;
};

/// Makes the account's author profile. Errors: invalid with complaints (a taken handle among them); conflict
/// "authors.already_author" when the account has one; forbidden when its role is below author; missing.
Result<Changed> join(Means means, Id<Account> account, Profile const& profile, std::string_view site_name);

/// Changes the account's own profile; a new handle leaves the old one redirecting. Errors: invalid with complaints;
/// missing when the account is no author; conflict when somebody else changed it since `version`.
Result<Changed> change_profile(Means means, Id<Account> account, std::int64_t version, Profile const& profile,
                               std::string_view site_name);

/// Takes a picture in and makes it the account's author's. Slow (a separate process decodes): workers only.
/// Errors: those of media::Pictures::take_in; missing.
Result<Changed> set_avatar(Means means, media::Pictures& pictures, Id<Account> account,
                           std::filesystem::path const& file);
Result<Changed> remove_avatar(Means means, Id<Account> account);

/// Errors: missing.
Result<Changed> set_state(Means means, Id<Author> author, AuthorState state, Id<Account> actor);

/// For imports: an author with no account, in the caller's transaction, the event recorded. Strangers' names are taken
/// as they are but for control characters and length; `wanted_handle` may be empty or taken, then a free one is made.
/// `joined_at` is the time of the author's id.
Result<Id<Author>> add_imported(store::Transaction& transaction, IdSource& ids, Clock const& clock,
                                std::string_view name, std::string_view wanted_handle, Time joined_at);

}  // namespace courant::authors
