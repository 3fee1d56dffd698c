// The statements of articles; nowhere else.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "features/articles/article.hpp"
#include "store/store.hpp"

namespace courant::articles::sql {

// Articles.
/// False when the id is taken.
Result<bool> insert(store::Transaction& transaction, Article const& article);
Result<std::optional<Article>> find(store::Connection& connection, Id<Article> id);
/// As find(), and nobody else changes it until the transaction ends.
Result<std::optional<Article>> find_locked(store::Transaction& transaction, Id<Article> id);
Done update(store::Transaction& transaction, Article const& article);
/// Everything of an article but the note that it was imported.
Done remove(store::Transaction& transaction, Id<Article> id);
/// All that are or were public, with what the projection keeps.
Done each_public(store::Connection& connection, std::function<void(Article)> const& use);
/// An author's, the last changed first; those before (`before`, `before_id`).
Result<std::vector<Article>> of_author(store::Connection& connection, Id<Author> author, Time before,
                                       Id<Article> before_id, int limit);

// Bodies.
Done insert_body(store::Transaction& transaction, Id<Article> id, Body const& body);
Done replace_body(store::Transaction& transaction, Id<Article> id, Body const& body);
Result<std::optional<Body>> body(store::Connection& connection, Id<Article> id);

// Revisions.
enum class RevisionKind : std::uint8_t { saved = 0, published = 1, imported = 2 };
struct Revision {
  std::int64_t number = 0;
  RevisionKind kind = RevisionKind::saved;
  Id<Account> account;
  Time made_at;
  Draft draft;
  std::string note;  ///< the correction note, of published ones
};
Done insert_revision(store::Transaction& transaction, Id<Article> id, Revision const& revision);
Result<std::optional<Revision>> revision(store::Connection& connection, Id<Article> id, std::int64_t number);

// Pictures and their blobs.
Done insert_picture(store::Transaction& transaction, Id<Article> id, ArticlePicture const& picture);
Done update_picture(store::Transaction& transaction, Id<Article> id, ArticlePicture const& picture);
/// In order of their numbers.
Result<std::vector<ArticlePicture>> pictures(store::Connection& connection, Id<Article> id);
Done set_live(store::Transaction& transaction, Id<Article> id, std::int64_t number, bool live);
Done insert_blob(store::Transaction& transaction, std::string_view blob, Id<Article> id, std::int64_t number,
                 std::string_view content_type);
/// One article's claim on a blob.
struct BlobClaim {
  Id<Author> author;
  State state = State::draft;
  bool live = false;
  std::string content_type;
};
Result<std::vector<BlobClaim>> claims_on(store::Connection& connection, std::string_view blob);

// Import.
Result<std::optional<Id<Article>>> imported(store::Connection& connection, std::string_view source,
                                            std::string_view source_id);
Done insert_import(store::Transaction& transaction, std::string_view source, std::string_view source_id,
                   Id<Article> id);
/// Leaves a path that leads somewhere already as it is.
Done insert_old_path(store::Transaction& transaction, std::string_view path, Id<Article> id);
Result<std::optional<Id<Article>>> old_path(store::Connection& connection, std::string_view path);

}  // namespace courant::articles::sql
