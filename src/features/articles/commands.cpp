#include "features/articles/commands.hpp"

#include <algorithm>

#include "features/articles/events.hpp"
#include "features/articles/old_paths.hpp"
#include "features/articles/sql.hpp"
#include "journal/journal.hpp"

namespace courant::articles {
namespace {

constexpr std::int32_t kCoverWidth = 320;  // pixels: what lists show at twice the density

// --- Deciding -------------------------------------------------------------------------------------------------------

Done verdict(std::vector<Complaint> complaints) {
  if (complaints.empty()) return {};
  return invalid(std::move(complaints));
}

/// The still variant that every browser shows, nearest above the width of covers.
Cover cover_from(media::Picture const& picture) {
  media::Variant const* best = nullptr;
  for (auto const& variant : picture.variants) {
    if (variant.animated || (variant.format != media::Format::jpeg && variant.format != media::Format::png)) continue;
    bool const is_first_wide_enough = best == nullptr || best->width < kCoverWidth;
    if (is_first_wide_enough) best = &variant;
  }
  if (best == nullptr) return {};
  return {best->blob.str(), best->width, best->height};
}

ArticlePicture const* picture_numbered(std::vector<ArticlePicture> const& pictures, std::int64_t number) {
  auto const found = std::ranges::find(pictures, number, &ArticlePicture::number);
  return found == pictures.end() ? nullptr : &*found;
}

/// Every picture that the text shows must be there.
Done has_all(std::vector<ArticlePicture> const& pictures, Draft const& draft, Composed const& composed) {
  std::vector<Complaint> complaints;
  for (auto const number : composed.pictures)
    if (!picture_numbered(pictures, number))
      complaints.push_back({"body", "articles.no_such_picture", {{"number", std::to_string(number)}}});
  if (draft.cover != 0 && !picture_numbered(pictures, draft.cover))
    complaints.push_back({"cover", "articles.no_such_picture", {{"number", std::to_string(draft.cover)}}});
  return verdict(std::move(complaints));
}

bool is_shown(std::int64_t number, Draft const& draft, Composed const& composed) {
  return number == draft.cover || std::ranges::find(composed.pictures, number) != composed.pictures.end();
}

/// The row of an article whose newest revision is `draft`. What is live stays as it is.
Article with_saved(Article article, Draft const& draft, Time now) {
  ++article.version;
  ++article.newest_revision;
  article.updated_at = now;
  if (article.state != State::draft) return article;
  article.title = draft.title;
  article.summary = draft.summary;
  article.channel = draft.channel;
  article.tags = draft.tags;
  return article;
}

/// The row of an article whose live version is `draft`.
Article with_published(Article article, Draft const& draft, Composed const& composed, Cover cover, Time now) {
  bool const is_correction = article.state == State::published;
  ++article.version;
  ++article.newest_revision;
  article.live_revision = article.newest_revision;
  article.state = State::published;
  article.updated_at = now;
  (is_correction ? article.corrected_at : article.published_at) = now;
  article.title = draft.title;
  article.slug = composed.slug;
  article.summary = composed.summary;
  article.language = composed.language;
  article.channel = draft.channel;
  article.tags = draft.tags;
  article.cover = std::move(cover);
  return article;
}

Article with_state(Article article, State state, Time now) {
  ++article.version;
  article.state = state;
  article.updated_at = now;
  return article;
}

// --- Writing --------------------------------------------------------------------------------------------------------

Result<Article> load_for_change(store::Transaction& transaction, Actor const& actor, Id<Article> id) {
  auto article = TRY(sql::find_locked(transaction, id));
  if (!article) return missing("articles.no_such_article");
  TRY(may_change(*article, relation_of(actor, article->author)));
  return std::move(*article);
}

Result<Changed> tell(store::Transaction& transaction, Tools const& tools, Id<Account> actor, std::string_view kind,
                     Article const& article, Id<Channel> channel_before) {
  journal::Event event;
  event.kind = kind;
  event.subject = article.id.value;
  event.version = article.version;
  event.actor = actor.value;
  event.numbers = {article.author.value, article.channel.value, channel_before.value, 0};
  auto const id = TRY(journal::record(transaction, tools.ids, tools.clock, std::move(event)));
  return Changed{article.id, article.version, id};
}

/// An import leaves no revision; before the first one is written, what was imported becomes number 1, so that it can be
/// seen again.
Result<Article> with_imported_revision(store::Transaction& transaction, Article article) {
  if (article.newest_revision != 0) return article;
  sql::Revision revision;
  revision.number = 1;
  revision.kind = sql::RevisionKind::imported;
  revision.made_at = article.created_at;
  revision.draft = TRY(newest_draft(transaction, article));
  TRY(sql::insert_revision(transaction, article.id, revision));
  article.newest_revision = 1;
  if (article.state != State::draft) article.live_revision = 1;
  return article;
}

Done keep_revision(store::Transaction& transaction, Article const& article, sql::RevisionKind kind, Actor const& actor,
                   Draft const& draft, std::string const& note) {
  return sql::insert_revision(
      transaction, article.id,
      sql::Revision{article.newest_revision, kind, actor.account, article.updated_at, draft, note});
}

Done keep_picture(store::Transaction& transaction, Id<Article> id, ArticlePicture const& picture) {
  TRY(sql::insert_picture(transaction, id, picture));
  auto const keep = [&](media::Variant const& variant) {
    return sql::insert_blob(transaction, variant.blob.str(), id, picture.number, media::content_type(variant.format));
  };
  for (auto const& variant : picture.picture.variants) TRY(keep(variant));
  return {};
}

Done show_exactly(store::Transaction& transaction, Id<Article> id, std::vector<ArticlePicture> const& pictures,
                  Draft const& draft, Composed const& composed) {
  for (auto const& picture : pictures) {
    bool const live = is_shown(picture.number, draft, composed);
    if (live != picture.live) TRY(sql::set_live(transaction, id, picture.number, live));
  }
  return {};
}

bool is_live_already(Article const& article, Draft const& newest, Draft const& draft) {
  return article.state == State::published && article.live_revision == article.newest_revision && newest == draft;
}

Cover cover_of(std::vector<ArticlePicture> const& pictures, std::int64_t number) {
  auto const* const picture = picture_numbered(pictures, number);
  return picture ? cover_from(picture->picture) : Cover{};
}

Result<Changed> change_state(store::Transaction& transaction, Tools const& tools, Actor const& actor,
                             Article const& before, State state, std::string_view event) {
  if (before.state == state) return Changed{before.id, before.version, {}};
  Article const after = with_state(before, state, tools.clock.now());
  TRY(sql::update(transaction, after));
  return tell(transaction, tools, actor.account, event, after, before.channel);
}

}  // namespace

Relation relation_of(Actor const& actor, Id<Author> author) noexcept {
  if (author && actor.author == author) return Relation::own;
  return actor.is_desk ? Relation::desk : Relation::stranger;
}

Result<Draft> newest_draft(store::Connection& connection, Article const& article) {
  if (article.newest_revision != 0) {
    auto revision = TRY(sql::revision(connection, article.id, article.newest_revision));
    if (!revision) return broken("a revision is missing");
    return std::move(revision->draft);
  }
  auto body = TRY(sql::body(connection, article.id));
  if (!body) return broken("an imported article has no body");
  Draft draft;
  draft.title = article.title;
  draft.summary = article.summary;
  draft.channel = article.channel;
  draft.tags = article.tags;
  draft.format = Format::html;
  draft.body = std::move(body->html);
  draft.source = std::move(body->source);
  draft.source_address = std::move(body->source_address);
  if (!article.cover.blob.empty()) {
    for (auto const& picture : TRY(sql::pictures(connection, article.id)))
      if (cover_from(picture.picture).blob == article.cover.blob) draft.cover = picture.number;
  }
  return draft;
}

Result<Saved> create_draft(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id,
                           Draft const& draft) {
  if (!actor.author) return forbidden("articles.not_an_author");
  TRY(verdict(complaints_about(draft, Purpose::save)));

  Article article;
  article.id = id;
  article.author = actor.author;
  article.created_at = tools.clock.now();
  article = with_saved(std::move(article), draft, tools.clock.now());
  if (TRY(sql::insert(transaction, article))) {
    TRY(keep_revision(transaction, article, sql::RevisionKind::saved, actor, draft, {}));
    return Saved{article.id, article.version};
  }
  auto const there = TRY(sql::find_locked(transaction, id));
  bool const is_own = there && relation_of(actor, there->author) == Relation::own;
  if (is_own && TRY(newest_draft(transaction, *there)) == draft) return Saved{there->id, there->version};
  return conflict("articles.changed_meanwhile");
}

Result<Saved> revise(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id,
                     std::int64_t expected_version, Draft const& draft) {
  TRY(verdict(complaints_about(draft, Purpose::save)));
  Article const before = TRY(load_for_change(transaction, actor, id));
  if (TRY(newest_draft(transaction, before)) == draft) return Saved{before.id, before.version};
  TRY(is_current(before, expected_version));

  Article const begun = TRY(with_imported_revision(transaction, before));
  Article const after = with_saved(begun, draft, tools.clock.now());
  TRY(keep_revision(transaction, after, sql::RevisionKind::saved, actor, draft, {}));
  TRY(sql::update(transaction, after));
  return Saved{after.id, after.version};
}

Result<Changed> publish(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id,
                        std::int64_t expected_version, Draft const& draft, Composed const& composed,
                        std::string const& correction_note) {
  TRY(verdict(complaints_about(draft, Purpose::publish)));
  Article const before = TRY(load_for_change(transaction, actor, id));
  if (is_live_already(before, TRY(newest_draft(transaction, before)), draft))
    return Changed{before.id, before.version, {}};
  TRY(is_current(before, expected_version));
  TRY(may_publish(before));
  auto const pictures = TRY(sql::pictures(transaction, id));
  TRY(has_all(pictures, draft, composed));

  Article const begun = TRY(with_imported_revision(transaction, before));
  Article const after = with_published(begun, draft, composed, cover_of(pictures, draft.cover), tools.clock.now());
  bool const is_correction = before.state == State::published;
  std::string const note = is_correction ? correction_note : std::string();
  TRY(keep_revision(transaction, after, sql::RevisionKind::published, actor, draft, note));
  TRY(sql::replace_body(transaction, id,
                        Body{composed.html, composed.characters, draft.source, draft.source_address, note}));
  TRY(show_exactly(transaction, id, pictures, draft, composed));
  TRY(sql::update(transaction, after));
  return tell(transaction, tools, actor.account, is_correction ? kCorrected : kPublished, after, before.channel);
}

Result<Changed> withdraw(store::Transaction& transaction, Tools const& tools, Actor const& actor, Id<Article> id) {
  Article const before = TRY(load_for_change(transaction, actor, id));
  if (before.state != State::withdrawn) TRY(may_withdraw(before));
  return change_state(transaction, tools, actor, before, State::withdrawn, kWithdrawn);
}

Result<Changed> undo_withdrawal(store::Transaction& transaction, Tools const& tools, Actor const& actor,
                                Id<Article> id) {
  Article const before = TRY(load_for_change(transaction, actor, id));
  if (before.state != State::published) TRY(may_undo_withdrawal(before));
  return change_state(transaction, tools, actor, before, State::published, kRestored);
}

Done delete_draft(store::Transaction& transaction, Tools const&, Actor const& actor, Id<Article> id) {
  Article const article = TRY(load_for_change(transaction, actor, id));
  TRY(may_delete_draft(article));
  return sql::remove(transaction, id);
}

Result<std::int64_t> add_picture(store::Transaction& transaction, Tools const&, Actor const& actor, Id<Article> id,
                                 media::Picture const& picture, std::string const& alt, std::string const& caption) {
  TRY(load_for_change(transaction, actor, id));
  auto const pictures = TRY(sql::pictures(transaction, id));
  if (pictures.size() >= Limits::kPictures)
    return invalid(
        {Complaint{"pictures", "articles.too_many_pictures", {{"limit", std::to_string(Limits::kPictures)}}}});
  std::int64_t const number = pictures.empty() ? 1 : pictures.back().number + 1;
  TRY(keep_picture(transaction, id, ArticlePicture{number, false, alt, caption, picture}));
  return number;
}

Done describe_picture(store::Transaction& transaction, Actor const& actor, Id<Article> id, std::int64_t number,
                      std::string const& alt, std::string const& caption) {
  TRY(load_for_change(transaction, actor, id));
  for (auto& picture : TRY(sql::pictures(transaction, id))) {
    if (picture.number != number || (picture.alt == alt && picture.caption == caption)) continue;
    picture.alt = alt;
    picture.caption = caption;
    return sql::update_picture(transaction, id, picture);
  }
  return {};
}

Result<Changed> keep_variants(store::Transaction& transaction, Tools const& tools, Id<Article> id, std::int64_t number,
                              std::vector<media::Variant> const& variants) {
  auto const before = TRY(sql::find_locked(transaction, id));
  if (!before) return missing("articles.no_such_article");
  auto pictures = TRY(sql::pictures(transaction, id));
  auto const picture = std::ranges::find(pictures, number, &ArticlePicture::number);
  if (picture == pictures.end()) return missing("articles.no_such_article");

  media::add_variants(picture->picture, variants);
  TRY(sql::update_picture(transaction, id, *picture));
  for (auto const& variant : variants)
    TRY(sql::insert_blob(transaction, variant.blob.str(), id, number, media::content_type(variant.format)));
  if (before->state != State::published) return Changed{id, before->version, {}};
  return tell(transaction, tools, {}, kPicturesDerived, *before, before->channel);
}

Result<Imported> import_article(store::Transaction& transaction, Tools const& tools, Prepared const& prepared) {
  Import const& from = prepared.article;
  if (auto const there = TRY(sql::imported(transaction, from.source, from.source_id)))
    return Imported{Imported::Outcome::already_there, *there, {}};

  Article article;
  article.id = tools.ids.next<Article>();
  article.author = from.author;
  article.channel = from.channel;
  article.state = from.state;
  article.version = 1;
  article.title = from.title;
  article.slug = from.slug;
  article.summary = from.summary;
  article.language = from.language;
  article.tags = from.tags;
  article.created_at = article.updated_at = tools.clock.now();
  if (from.state == State::published) article.published_at = from.published_at;
  article.corrected_at = from.corrected_at;
  if (from.cover > 0 && static_cast<std::size_t>(from.cover) <= from.pictures.size())
    article.cover = cover_from(from.pictures[static_cast<std::size_t>(from.cover) - 1].picture);

  TRY(sql::insert(transaction, article));
  TRY(sql::insert_body(transaction, article.id,
                       Body{from.html, prepared.characters, from.source_name, from.source_address, {}}));
  std::int64_t number = 0;
  for (auto const& picture : from.pictures)
    TRY(keep_picture(transaction, article.id,
                     ArticlePicture{++number, true, picture.alt, picture.caption, picture.picture}));
  TRY(sql::insert_import(transaction, from.source, from.source_id, article.id));
  for (auto const& path : from.old_paths) TRY(sql::insert_old_path(transaction, old_path_key(path), article.id));
  if (from.state != State::published) return Imported{Imported::Outcome::created, article.id, {}};
  auto const told = TRY(tell(transaction, tools, {}, kPublished, article, article.channel));
  return Imported{Imported::Outcome::created, article.id, told.event};
}

}  // namespace courant::articles
