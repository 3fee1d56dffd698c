#include "features/articles/sql.hpp"

#include <charconv>
#include <tuple>

#include "base/json.hpp"
#include "media/pictures.hpp"

namespace courant::articles::sql {
namespace {

using std::int64_t;
using std::string;
using std::string_view;
using std::tuple;
using store::Statement;
using ArticleId = Id<Article>;

// --- Rows and records -----------------------------------------------------------------------------------------------

string joined(std::vector<string> const& tags) {
  string lines;
  for (auto const& tag : tags) {
    if (!lines.empty()) lines += '\n';
    lines += tag;
  }
  return lines;
}

std::vector<string> split(string_view lines) {
  std::vector<string> tags;
  while (!lines.empty()) {
    auto const end = lines.find('\n');
    tags.emplace_back(lines.substr(0, end));
    lines = end == string_view::npos ? string_view{} : lines.substr(end + 1);
  }
  return tags;
}

string written(Cover const& cover) {
  if (cover.blob.empty()) return {};
  return cover.blob + ' ' + std::to_string(cover.width) + ' ' + std::to_string(cover.height);
}

Cover cover_of(string_view text) {
  Cover cover;
  auto const first = text.find(' ');
  if (first == string_view::npos) return cover;
  auto const second = text.find(' ', first + 1);
  if (second == string_view::npos) return cover;
  cover.blob = text.substr(0, first);
  std::from_chars(text.data() + first + 1, text.data() + second, cover.width);
  std::from_chars(text.data() + second + 1, text.data() + text.size(), cover.height);
  return cover;
}

// --- Articles -------------------------------------------------------------------------------------------------------

Statement<tuple<ArticleId, Id<Author>, Id<Channel>, State, int64_t, int64_t, int64_t, Time, Time, Time, Time,
                string_view, string_view, string_view, string_view, string, string>> const kInsert{
    "INSERT INTO articles (id, author, channel, state, version, live_revision, newest_revision, created_at, "
    "updated_at, "
    "published_at, corrected_at, title, slug, summary, language, tags, cover) VALUES (:id, :author, :channel, :state, "
    ":version, :live_revision, :newest_revision, :created_at, :updated_at, :published_at, :corrected_at, :title, "
    ":slug, "
    ":summary, :language, :tags, :cover) ON CONFLICT (id) DO NOTHING"};

using Row = tuple<ArticleId, Id<Author>, Id<Channel>, State, int64_t, int64_t, int64_t, Time, Time, Time, Time, string,
                  string, string, string, string, string>;
#define COURANT_ARTICLE_COLUMNS                                                                                 \
  "id, author, channel, state, version, live_revision, newest_revision, created_at, updated_at, published_at, " \
  "corrected_at, title, slug, summary, language, tags, cover"

Statement<tuple<ArticleId>, Row> const kFind{"SELECT " COURANT_ARTICLE_COLUMNS " FROM articles WHERE id = :id"};
Statement<tuple<Id<Author>, Time, Time, ArticleId, int>, Row> const kOfAuthor{
    "SELECT " COURANT_ARTICLE_COLUMNS
    " FROM articles WHERE author = :author AND (updated_at < :before OR (updated_at = :same_time AND id < :before_id)) "
    "ORDER BY updated_at DESC, id DESC LIMIT :most"};

Article article_of(Row row) {
  Article a;
  string tags, cover;
  std::tie(a.id, a.author, a.channel, a.state, a.version, a.live_revision, a.newest_revision, a.created_at,
           a.updated_at, a.published_at, a.corrected_at, a.title, a.slug, a.summary, a.language, tags, cover) =
      std::move(row);
  a.tags = split(tags);
  a.cover = cover_of(cover);
  return a;
}

// Fewer columns than a whole row: 100,000 of these are read at start.
using PublicRow = tuple<ArticleId, Id<Author>, Id<Channel>, State, int64_t, Time, Time, string, string, string, string,
                        string, string>;
Statement<tuple<>, PublicRow> const kEachPublic{
    "SELECT id, author, channel, state, version, published_at, corrected_at, title, slug, summary, language, tags, "
    "cover "
    "FROM articles WHERE state <> 0"};

Article public_article_of(PublicRow row) {
  Article a;
  string tags, cover;
  std::tie(a.id, a.author, a.channel, a.state, a.version, a.published_at, a.corrected_at, a.title, a.slug, a.summary,
           a.language, tags, cover) = std::move(row);
  a.tags = split(tags);
  a.cover = cover_of(cover);
  return a;
}

Statement<tuple<Id<Author>, Id<Channel>, State, int64_t, int64_t, int64_t, Time, Time, Time, string_view, string_view,
                string_view, string_view, string, string, ArticleId>> const kUpdate{
    "UPDATE articles SET author = :author, channel = :channel, state = :state, version = :version, "
    "live_revision = :live_revision, newest_revision = :newest_revision, updated_at = :updated_at, "
    "published_at = :published_at, corrected_at = :corrected_at, title = :title, slug = :slug, summary = :summary, "
    "language = :language, tags = :tags, cover = :cover WHERE id = :id"};

Statement<tuple<ArticleId>> const kRemove{"DELETE FROM articles WHERE id = :id"};
Statement<tuple<ArticleId>> const kRemoveBody{"DELETE FROM article_bodies WHERE article = :id"};
Statement<tuple<ArticleId>> const kRemoveRevisions{"DELETE FROM article_revisions WHERE article = :id"};
Statement<tuple<ArticleId>> const kRemovePictures{"DELETE FROM article_pictures WHERE article = :id"};
Statement<tuple<ArticleId>> const kRemoveBlobs{"DELETE FROM article_blobs WHERE article = :id"};

// --- Bodies ---------------------------------------------------------------------------------------------------------

Statement<tuple<ArticleId, string_view, int64_t, string_view, string_view, string_view>> const kInsertBody{
    "INSERT INTO article_bodies (article, html, characters, source, source_address, correction_note) "
    "VALUES (:article, :html, :characters, :source, :source_address, :correction_note)"};
Statement<tuple<ArticleId, string_view, int64_t, string_view, string_view, string_view>> const kReplaceBody{
    "INSERT INTO article_bodies (article, html, characters, source, source_address, correction_note) "
    "VALUES (:article, :html, :characters, :source, :source_address, :correction_note) ON CONFLICT (article) DO UPDATE "
    "SET html = excluded.html, characters = excluded.characters, source = excluded.source, "
    "source_address = excluded.source_address, correction_note = excluded.correction_note"};
Statement<tuple<ArticleId>, tuple<string, int64_t, string, string, string>> const kBody{
    "SELECT html, characters, source, source_address, correction_note FROM article_bodies WHERE article = :article"};

// --- Revisions ------------------------------------------------------------------------------------------------------

Statement<tuple<ArticleId, int64_t, RevisionKind, Id<Account>, Time, string_view, string_view, Id<Channel>, string,
                Format, string_view, string_view, string_view, int64_t, string_view>> const kInsertRevision{
    "INSERT INTO article_revisions (article, number, kind, account, made_at, title, summary, channel, tags, format, "
    "body, "
    "source, source_address, cover, note) VALUES (:article, :number, :kind, :account, :made_at, :title, :summary, "
    ":channel, :tags, :format, :body, :source, :source_address, :cover, :note)"};
using RevisionRow = tuple<RevisionKind, Id<Account>, Time, string, string, Id<Channel>, string, Format, string, string,
                          string, int64_t, string>;
Statement<tuple<ArticleId, int64_t>, RevisionRow> const kRevision{
    "SELECT kind, account, made_at, title, summary, channel, tags, format, body, source, source_address, cover, note "
    "FROM article_revisions WHERE article = :article AND number = :number"};

// --- Pictures -------------------------------------------------------------------------------------------------------

Statement<tuple<ArticleId, int64_t, bool, string_view, string_view, string>> const kInsertPicture{
    "INSERT INTO article_pictures (article, number, live, alt, caption, picture) "
    "VALUES (:article, :number, :live, :alt, :caption, :picture)"};
Statement<tuple<bool, string_view, string_view, string, ArticleId, int64_t>> const kUpdatePicture{
    "UPDATE article_pictures SET live = :live, alt = :alt, caption = :caption, picture = :picture "
    "WHERE article = :article AND number = :number"};
Statement<tuple<ArticleId>, tuple<int64_t, bool, string, string, string>> const kPictures{
    "SELECT number, live, alt, caption, picture FROM article_pictures WHERE article = :article ORDER BY number"};
Statement<tuple<bool, ArticleId, int64_t>> const kSetLive{
    "UPDATE article_pictures SET live = :live WHERE article = :article AND number = :number"};
Statement<tuple<string_view, ArticleId, int64_t, string_view>> const kInsertBlob{
    "INSERT INTO article_blobs (blob, article, number, content_type) VALUES (:blob, :article, :number, :content_type) "
    "ON CONFLICT (blob, article, number) DO NOTHING"};
Statement<tuple<string_view>, tuple<Id<Author>, State, bool, string>> const kClaims{
    "SELECT articles.author, articles.state, article_pictures.live, article_blobs.content_type FROM article_blobs "
    "JOIN articles ON articles.id = article_blobs.article JOIN article_pictures ON article_pictures.article = "
    "article_blobs.article AND article_pictures.number = article_blobs.number WHERE article_blobs.blob = :blob"};

// --- Import ---------------------------------------------------------------------------------------------------------

Statement<tuple<string_view, string_view>, tuple<ArticleId>> const kImported{
    "SELECT article FROM article_imports WHERE source = :source AND source_id = :source_id"};
Statement<tuple<string_view, string_view, ArticleId>> const kInsertImport{
    "INSERT INTO article_imports (source, source_id, article) VALUES (:source, :source_id, :article)"};
Statement<tuple<string_view, ArticleId>> const kInsertOldPath{
    "INSERT INTO article_old_paths (path, article) VALUES (:path, :article) ON CONFLICT (path) DO NOTHING"};
Statement<tuple<string_view>, tuple<ArticleId>> const kOldPath{
    "SELECT article FROM article_old_paths WHERE path = :path"};

template <class T>
std::optional<T> flat(std::optional<tuple<T>> row) {
  if (!row) return std::nullopt;
  return std::get<0>(std::move(*row));
}

}  // namespace

Result<bool> insert(store::Transaction& transaction, Article const& a) {
  auto const changed =
      TRY(kInsert.run(transaction, {a.id, a.author, a.channel, a.state, a.version, a.live_revision, a.newest_revision,
                                    a.created_at, a.updated_at, a.published_at, a.corrected_at, a.title, a.slug,
                                    a.summary, a.language, joined(a.tags), written(a.cover)}));
  return changed == 1;
}

Result<std::optional<Article>> find(store::Connection& connection, ArticleId id) {
  auto row = TRY(kFind.first(connection, {id}));
  if (!row) return std::optional<Article>{};
  return std::optional(article_of(std::move(*row)));
}

Result<std::optional<Article>> find_locked(store::Transaction& transaction, ArticleId id) {
  if (!TRY(transaction.lock("articles", "id", id.value))) return std::optional<Article>{};
  return find(transaction, id);
}

Done update(store::Transaction& transaction, Article const& a) {
  TRY(kUpdate.run(transaction, {a.author, a.channel, a.state, a.version, a.live_revision, a.newest_revision,
                                a.updated_at, a.published_at, a.corrected_at, a.title, a.slug, a.summary, a.language,
                                joined(a.tags), written(a.cover), a.id}));
  return {};
}

Done remove(store::Transaction& transaction, ArticleId id) {
  TRY(kRemoveBlobs.run(transaction, {id}));
  TRY(kRemovePictures.run(transaction, {id}));
  TRY(kRemoveRevisions.run(transaction, {id}));
  TRY(kRemoveBody.run(transaction, {id}));
  TRY(kRemove.run(transaction, {id}));
  return {};
}

Done each_public(store::Connection& connection, std::function<void(Article)> const& use) {
  return kEachPublic.each(connection, {}, [&](PublicRow row) { use(public_article_of(std::move(row))); });
}

Result<std::vector<Article>> of_author(store::Connection& connection, Id<Author> author, Time before,
                                       ArticleId before_id, int limit) {
  std::vector<Article> articles;
  for (auto& row : TRY(kOfAuthor.all(connection, {author, before, before, before_id, limit})))
    articles.push_back(article_of(std::move(row)));
  return articles;
}

Done insert_body(store::Transaction& transaction, ArticleId id, Body const& b) {
  TRY(kInsertBody.run(transaction, {id, b.html, b.characters, b.source, b.source_address, b.correction_note}));
  return {};
}

Done replace_body(store::Transaction& transaction, ArticleId id, Body const& b) {
  TRY(kReplaceBody.run(transaction, {id, b.html, b.characters, b.source, b.source_address, b.correction_note}));
  return {};
}

Result<std::optional<Body>> body(store::Connection& connection, ArticleId id) {
  auto row = TRY(kBody.first(connection, {id}));
  if (!row) return std::optional<Body>{};
  Body body;
  std::tie(body.html, body.characters, body.source, body.source_address, body.correction_note) = std::move(*row);
  return std::optional(std::move(body));
}

Done insert_revision(store::Transaction& transaction, ArticleId id, Revision const& r) {
  Draft const& d = r.draft;
  TRY(kInsertRevision.run(
      transaction, {id, r.number, r.kind, r.account, r.made_at, d.title, d.summary, d.channel, joined(d.tags), d.format,
                    d.body, d.source, d.source_address, d.cover, r.note}));
  return {};
}

Result<std::optional<Revision>> revision(store::Connection& connection, ArticleId id, int64_t number) {
  auto row = TRY(kRevision.first(connection, {id, number}));
  if (!row) return std::optional<Revision>{};
  Revision r;
  r.number = number;
  string tags;
  Draft& d = r.draft;
  std::tie(r.kind, r.account, r.made_at, d.title, d.summary, d.channel, tags, d.format, d.body, d.source,
           d.source_address, d.cover, r.note) = std::move(*row);
  d.tags = split(tags);
  return std::optional(std::move(r));
}

Done insert_picture(store::Transaction& transaction, ArticleId id, ArticlePicture const& p) {
  TRY(kInsertPicture.run(transaction,
                         {id, p.number, p.live, p.alt, p.caption, json::write(media::to_json(p.picture))}));
  return {};
}

Done update_picture(store::Transaction& transaction, ArticleId id, ArticlePicture const& p) {
  TRY(kUpdatePicture.run(transaction,
                         {p.live, p.alt, p.caption, json::write(media::to_json(p.picture)), id, p.number}));
  return {};
}

Result<std::vector<ArticlePicture>> pictures(store::Connection& connection, ArticleId id) {
  std::vector<ArticlePicture> pictures;
  for (auto& row : TRY(kPictures.all(connection, {id}))) {
    ArticlePicture& picture = pictures.emplace_back();
    string written;
    std::tie(picture.number, picture.live, picture.alt, picture.caption, written) = std::move(row);
    picture.picture = TRY(media::picture_from_json(TRY(json::parse(written))));
  }
  return pictures;
}

Done set_live(store::Transaction& transaction, ArticleId id, int64_t number, bool live) {
  TRY(kSetLive.run(transaction, {live, id, number}));
  return {};
}

Done insert_blob(store::Transaction& transaction, string_view blob, ArticleId id, int64_t number,
                 string_view content_type) {
  TRY(kInsertBlob.run(transaction, {blob, id, number, content_type}));
  return {};
}

Result<std::vector<BlobClaim>> claims_on(store::Connection& connection, string_view blob) {
  std::vector<BlobClaim> claims;
  for (auto& row : TRY(kClaims.all(connection, {blob}))) {
    BlobClaim& claim = claims.emplace_back();
    std::tie(claim.author, claim.state, claim.live, claim.content_type) = std::move(row);
  }
  return claims;
}

Result<std::optional<ArticleId>> imported(store::Connection& connection, string_view source, string_view source_id) {
  return flat(TRY(kImported.first(connection, {source, source_id})));
}

Done insert_import(store::Transaction& transaction, string_view source, string_view source_id, ArticleId id) {
  TRY(kInsertImport.run(transaction, {source, source_id, id}));
  return {};
}

Done insert_old_path(store::Transaction& transaction, string_view path, ArticleId id) {
  TRY(kInsertOldPath.run(transaction, {path, id}));
  return {};
}

Result<std::optional<ArticleId>> old_path(store::Connection& connection, string_view path) {
  return flat(TRY(kOldPath.first(connection, {path})));
}

}  // namespace courant::articles::sql
