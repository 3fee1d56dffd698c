// What people do with articles. Each runs in the caller's transaction: decides by the rules of article.hpp, then
// writes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/articles/article.hpp"
#include "journal/event.hpp"
#include "media/pictures.hpp"
#include "store/store.hpp"

namespace courant::articles {

/// What every command needs beside its transaction.
struct Tools {
  IdSource& ids;
  Clock const& clock;
};

/// Who acts: an account, as which author, and whether the whole desk's articles are theirs to change.
struct Actor {
  Id<Account> account;
  Id<Author> author;
  bool is_desk = false;
};

[[nodiscard]] Relation relation_of(Actor const& actor, Id<Author> author) noexcept;

/// What the author goes on writing from: the newest revision, or the body as it was imported.
Result<Draft> newest_draft(store::Connection& connection, Article const& article);

struct Saved {
  Id<Article> article;
  std::int64_t version = 0;
};

struct Changed {
  Id<Article> article;
  std::int64_t version = 0;
  journal::EventId event;  ///< zero when nothing had to change
};

/// Makes a draft under `id`, which the form was given before, so that sending it twice makes one. Errors: invalid;
/// forbidden for who is no author; conflict when the id is taken by another text.
Result<Saved> create_draft(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id,
                           Draft const& draft);

/// Keeps a new revision, which for a published article begins (or goes on with) a correction. Saving the same text
/// again changes nothing. Errors: missing, forbidden, conflict articles.changed_meanwhile.
Result<Saved> revise(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id,
                     std::int64_t expected_version, Draft const& draft);

/// Makes `draft`, composed as `composed`, the live version: publishes a draft, or a correction with its public note.
/// Publishing again what is live changes nothing. Errors: as revise; invalid for an unknown channel or cover.
Result<Changed> publish(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id,
                        std::int64_t expected_version, Draft const& draft, Composed const& composed,
                        std::string const& correction_note);

// Asking for what is so already changes nothing. Errors of these three: missing, forbidden, conflict.
Result<Changed> withdraw(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id);
Result<Changed> undo_withdrawal(store::Transaction& transaction, Tools const& tools, Actor const& actor,
                                Id<Article> id);
/// Only what was never published; everything of it goes, pictures' rows too. Blobs are left to the sweep of orphans.
Done delete_draft(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id);

/// Adds a picture, not yet shown anywhere; returns its number. Error: invalid articles.too_many_pictures.
Result<std::int64_t> add_picture(store::Transaction& transaction, Tools const& tools, Actor const& actor,
                                 Id<Article> id, media::Picture const& picture, std::string const& alt,
                                 std::string const& caption);
/// Changes a picture's words.
Done describe_picture(store::Transaction& transaction, Actor const& actor, Id<Article> id, std::int64_t number,
                      std::string const& alt, std::string const& caption);
/// Keeps further variants of a picture (AVIF, made later by a job).
Result<Changed> keep_variants(store::Transaction& transaction, Tools const& tools, Id<Article> id, std::int64_t number,
                              std::vector<media::Variant> const& variants);

// The bulk path, for import. First prepare(), outside of any transaction; then import_article() in one, as many as fit.

struct ImportedPicture {
  media::Picture picture;
  std::string alt;
  std::string caption;
};

/// An article from elsewhere, its body already clean (text::sanitize).
struct Import {
  std::string source;  ///< where from, such as "wxr:https://old.example"; together with source_id the same for each run
  std::string source_id;  ///< not empty
  Id<Author> author;
  Id<Channel> channel;
  State state = State::published;  ///< draft or published
  std::string title;
  std::string slug;      ///< empty: from the title
  std::string summary;   ///< empty: from the body
  std::string language;  ///< empty: guessed
  std::string html;      ///< clean; pictures by picture_reference(1) … in the order of `pictures`
  std::vector<std::string> tags;
  std::string source_name;     ///< shown as the article's source; empty: the author
  std::string source_address;  ///< http(s) or empty
  Time published_at;
  Time corrected_at;  ///< 0: never
  std::vector<ImportedPicture> pictures;
  std::int64_t cover = 0;              ///< number of a picture; 0: none
  std::vector<std::string> old_paths;  ///< own paths, with their query where that told articles apart ("/?p=17")
};

struct Prepared {
  Import article;  ///< tidied; nothing empty that could be filled
  std::int64_t characters = 0;
};

/// Fills what is empty and shortens what lists could not show (titles beyond the limit are an error, not shortened).
/// Errors: invalid (articles.title_too_long, articles.title_empty, articles.body_too_long …), all complaints at once.
[[nodiscard]] Result<Prepared> prepare(Import article);

struct Imported {
  enum class Outcome : std::uint8_t { created, already_there };
  Outcome outcome = Outcome::created;
  Id<Article> article;
  journal::EventId event;  ///< zero for drafts and for what was there
};

/// Safe to run twice: (source, source_id) is written once. An old path that leads somewhere already stays as it is.
/// Error: unavailable and the like, of the store alone.
Result<Imported> import_article(store::Transaction& transaction, Tools const& tools, Prepared const& prepared);

}  // namespace courant::articles
