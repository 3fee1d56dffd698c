#include "features/authors/commands.hpp"

#include <functional>

#include "base/crypto.hpp"
#include "features/authors/events.hpp"
#include "features/authors/sql.hpp"
#include "journal/journal.hpp"
#include "text/fold.hpp"
#include "text/slug.hpp"
#include "text/utf8.hpp"

namespace courant::authors {
namespace {

Result<journal::EventId> tell(store::Transaction& transaction, IdSource& ids, Clock const& clock, std::string_view kind,
                              Author const& author, Id<Account> actor) {
  journal::Event event;
  event.kind = kind;
  event.subject = author.id.value;
  event.version = author.version;
  event.actor = actor.value;
  event.numbers = {author.account.value, static_cast<std::int64_t>(author.kind),
                   static_cast<std::int64_t>(author.state)};
  return journal::record(transaction, ids, clock, std::move(event));
}

/// The profile as it will be kept; complaints come first.
Result<Profile> presentable(Profile const& typed, std::string_view site_name) {
  Profile profile;
  profile.name = text::clean_name(typed.name);
  profile.bio = text::trim(text::normalize(typed.bio));
  profile.field = text::clean_name(typed.field);
  profile.region = text::clean_name(typed.region);
  profile.kind = typed.kind;
  profile.handle = typed.handle;
  auto complaints = complaints_about(profile, site_name);
  if (!complaints.empty()) return invalid(std::move(complaints));
  profile.handle = TRY(text::handle(typed.handle));
  return profile;
}

void take_over(Author& author, Profile const& profile) {
  author.handle = profile.handle;
  author.name = profile.name;
  author.bio = profile.bio;
  author.field = profile.field;
  author.region = profile.region;
  author.kind = profile.kind;
}

Error handle_taken() { return invalid({{"handle", "authors.handle_taken", {}}}); }

/// What the database's unique keys said, in the product's words.
Error in_our_words(Error error) {
  if (error.kind != ErrorKind::conflict) return error;
  auto const key = store::conflicting_key(error);
  if (key == "authors.handle_key" || key == "author_old_handles.handle_key") return handle_taken();
  if (key == "authors.account_id") return conflict("authors.already_author");
  return error;
}

template <class Work>
Result<Changed> write(Means means, Work&& work) {
  auto changed = store::write_value(means.store, std::forward<Work>(work));
  if (!changed.ok()) return in_our_words(std::move(changed).error());
  return changed;
}

/// A handle that nobody else holds or has held: what is given up still leads to who had it.
Done check_free(store::Transaction& transaction, Id<Author> author, std::string_view handle) {
  auto const holder = TRY(sql::holder_of(transaction, handle_key(handle)));
  if (holder && *holder != author) return handle_taken();
  return {};
}

}  // namespace

// --- Joining --------------------------------------------------------------------------------------------------------

Result<Changed> join(Means means, Id<Account> account, Profile const& profile, std::string_view site_name) {
  auto const person = TRY(accounts::account_with_id(means.store, account));
  if (person.role < web::Role::author || person.state == AccountState::suspended)
    return forbidden("authors.not_an_author");
  Author author;
  take_over(author, TRY(presentable(profile, site_name)));
  author.id = means.ids.next<Author>();
  author.account = account;
  author.joined_at = means.clock.now();
  return write(means, [&](store::Transaction& transaction) -> Result<Changed> {
    TRY(check_free(transaction, author.id, author.handle));
    TRY(sql::insert(transaction, author));
    return Changed{author.id, TRY(tell(transaction, means.ids, means.clock, kAuthorJoined, author, account))};
  });
}

// --- Changing -------------------------------------------------------------------------------------------------------

namespace {

using Change = std::function<Done(store::Transaction&, Author&)>;

Result<Changed> alter(store::Transaction& transaction, Means means, Id<Author> id, Id<Account> actor,
                      Change const& change) {
  auto author = TRY(sql::lock(transaction, id));
  TRY(change(transaction, author));
  author.version += 1;
  TRY(sql::update(transaction, author));
  return Changed{id, TRY(tell(transaction, means.ids, means.clock, kAuthorChanged, author, actor))};
}

/// Changes the author that the account writes as.
Result<Changed> alter_own(Means means, Id<Account> account, Change const& change) {
  return write(means, [&](store::Transaction& transaction) -> Result<Changed> {
    auto const own = TRY(sql::of_account(transaction, account));
    if (!own) return missing("authors.no_profile_yet");
    return alter(transaction, means, own->id, account, change);
  });
}

/// The old address goes on leading to the author.
Done move_handle(store::Transaction& transaction, Author const& author, std::string_view wanted, Time now) {
  TRY(check_free(transaction, author.id, wanted));
  if (handle_key(author.handle) == handle_key(wanted)) return {};
  TRY(sql::delete_old_handle(transaction, author.id, handle_key(wanted)));
  return sql::insert_old_handle(transaction, author.id, handle_key(author.handle), now);
}

}  // namespace

Result<Changed> change_profile(Means means, Id<Account> account, std::int64_t version, Profile const& profile,
                               std::string_view site_name) {
  auto const wanted = TRY(presentable(profile, site_name));
  return alter_own(means, account, [&](store::Transaction& transaction, Author& author) -> Done {
    if (author.version != version) return conflict("authors.changed_meanwhile");
    TRY(move_handle(transaction, author, wanted.handle, means.clock.now()));
    take_over(author, wanted);
    return {};
  });
}

Result<Changed> set_avatar(Means means, media::Pictures& pictures, Id<Account> account,
                           std::filesystem::path const& file) {
  auto const picture = std::make_shared<media::Picture const>(TRY(pictures.take_in(file)));
  return alter_own(means, account, [&](store::Transaction&, Author& author) {
    author.avatar = picture;
    return Done();
  });
}

Result<Changed> remove_avatar(Means means, Id<Account> account) {
  return alter_own(means, account, [](store::Transaction&, Author& author) {
    author.avatar = nullptr;
    return Done();
  });
}

Result<Changed> set_state(Means means, Id<Author> author, AuthorState state, Id<Account> actor) {
  return write(means, [&](store::Transaction& transaction) {
    return alter(transaction, means, author, actor, [&](store::Transaction&, Author& current) {
      current.state = state;
      return Done();
    });
  });
}

// --- Importing ------------------------------------------------------------------------------------------------------

namespace {

std::string random_letters(std::size_t count) {
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::string letters;
  for (unsigned char const byte : crypto::random_bytes(count)) letters += kLetters[byte % kLetters.size()];
  return letters;
}

/// `wanted`, or that with a number, or with letters that nobody has.
Result<std::string> free_handle(store::Transaction& transaction, std::string const& wanted) {
  constexpr int kLastNumber = 9;
  std::string const stem(text::first_characters(wanted, kLongestHandle - 8));
  std::string handle = wanted;
  for (int number = 2; TRY(sql::holder_of(transaction, handle_key(handle))); ++number)
    handle = number <= kLastNumber ? stem + "-" + std::to_string(number) : stem + "-" + random_letters(7);
  return handle;
}

}  // namespace

Result<Id<Author>> add_imported(store::Transaction& transaction, IdSource& ids, Clock const& clock,
                                std::string_view name, std::string_view wanted_handle, Time joined_at) {
  Author author;
  author.id = ids.next<Author>();
  author.name = text::first_characters(text::clean_name(name), kLongestName);
  auto const wanted = text::handle(wanted_handle);
  author.handle = TRY(free_handle(transaction, wanted.ok() ? *wanted : handle_from(author.name)));
  if (author.name.empty()) author.name = author.handle;
  author.joined_at = joined_at;
  TRY(sql::insert(transaction, author));
  TRY(tell(transaction, ids, clock, kAuthorJoined, author, {}));
  return author.id;
}

}  // namespace courant::authors
