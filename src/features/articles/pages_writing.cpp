// Writing: the form, its preview, and what becomes of it when it is sent.
#include <algorithm>
#include <array>

#include "features/articles/derive.hpp"
#include "features/articles/pages.hpp"
#include "features/articles/sql.hpp"
#include "features/articles/writing_form.hpp"

namespace courant::articles::pages {
namespace {

constexpr Duration kFormLife = 7 * 24h;  // how long a new form may lie on the table before it is sent first
constexpr std::array<std::string_view, 4> kDone = {"saved", "published", "corrected", "restored"};

std::string edit_path(Id<Article> id) { return "/write/" + id.str(); }

/// What the database says of the article: nothing when the form is the first of it.
struct Known {
  std::optional<Article> article;
  Draft newest;
  std::vector<ArticlePicture> pictures;
};

Result<Known> find_known(web::WorkerContext& page, Id<Article> id) {
  Known known;
  TRY(page.store().snapshot([&](store::Connection& connection) -> Done {
    known.article = TRY(sql::find(connection, id));
    if (!known.article) return {};
    known.newest = TRY(newest_draft(connection, *known.article));
    known.pictures = TRY(sql::pictures(connection, id));
    return {};
  }));
  return known;
}

/// For pages about one article that is there and may be changed by who asks.
Result<Known> find_own(web::WorkerContext& page, Id<Article> id) {
  auto known = TRY(find_known(page, id));
  if (!known.article) return missing("articles.no_such_article");
  TRY(may_change(*known.article, relation_of(actor_of(page), known.article->author)));
  return known;
}

Result<Id<Article>> asked_id(web::Request const& request) {
  auto const id = Id<Article>::parse(request.part("id"));
  if (!id) return missing("articles.no_such_article");
  return *id;
}

/// Forms name their article's id before it is there; only one that was given out lately is taken.
bool was_given_lately(Id<Article> id, Time now) {
  Time const made = IdSource::time_of(id.value);
  return made <= now + 1s && made > now - kFormLife;
}

std::vector<text::Removed> removed_from(web::PageContext& page, Draft const& draft) {
  auto composed = compose(draft, page.site().settings().url);
  if (!composed.ok()) return {};
  return std::move(composed->removed);
}

WritingForm form_of(web::PageContext& page, Id<Article> id, Known known) {
  WritingForm form;
  form.id = id;
  form.version = known.article ? known.article->version : 0;
  form.article = std::move(known.article);
  form.draft = std::move(known.newest);
  form.pictures = std::move(known.pictures);
  form.removed = removed_from(page, form.draft);
  return form;
}

/// The form as it was sent, to be looked at again.
WritingForm form_again(Id<Article> id, Known const& known, Sent const& sent) {
  WritingForm form;
  form.id = id;
  form.article = known.article;
  form.version = sent.version;
  form.draft = sent.draft;
  form.note = sent.note;
  form.append_pictures = sent.append_pictures;
  form.pictures = known.pictures;
  for (auto const& words : sent.words) {
    auto const picture = std::ranges::find(form.pictures, words.number, &ArticlePicture::number);
    if (picture == form.pictures.end()) continue;
    picture->alt = words.alt;
    picture->caption = words.caption;
  }
  return form;
}

// --- Taking pictures in ---------------------------------------------------------------------------------------------

struct TakenIn {
  SentPicture sent;
  media::Picture picture;
};

/// Every file is looked at, so that all complaints come at once.
Result<std::vector<TakenIn>> take_in(web::CommandContext& page, std::vector<SentPicture> const& sent) {
  std::vector<TakenIn> taken;
  std::vector<Complaint> complaints;
  for (auto const& one : sent) {
    auto picture = page.site().ground().pictures.take_in(one.upload->path);
    if (picture.ok()) {
      taken.push_back({one, std::move(picture).value()});
      continue;
    }
    if (picture.error().kind != ErrorKind::invalid) return std::move(picture).error();
    complaints.push_back({one.field, picture.error().message, picture.error().arguments});
  }
  if (!complaints.empty()) return invalid(std::move(complaints));
  return taken;
}

/// The text with the new pictures' placeholders at its end.
Draft with_placeholders(Draft draft, std::int64_t first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    draft.body += "\n\n" + placeholder(draft.format, first + static_cast<std::int64_t>(i));
  return draft;
}

// --- Doing what was asked -------------------------------------------------------------------------------------------

/// One sending of the form, on its way through.
struct Sending {
  web::CommandContext& page;
  Actor actor;
  Tools tools;
  Id<Article> id;
  Known known;
  Sent sent;
  std::optional<Draft> kept;  ///< what has been saved already, with placeholders
};

Result<Saved> create_or_revise(store::Transaction& transaction, Sending const& s, Draft const& draft) {
  if (!s.known.article) return create_draft(transaction, s.tools, s.actor, s.id, draft);
  return revise(transaction, s.tools, s.actor, s.id, s.sent.version, draft);
}

Done describe_pictures(store::Transaction& transaction, Sending const& s) {
  for (auto const& words : s.sent.words)
    TRY(describe_picture(transaction, s.actor, s.id, words.number, words.alt, words.caption));
  return {};
}

struct Kept {
  Saved saved;
  Draft draft;  ///< with placeholders
};

Result<Kept> keep_in(store::Transaction& transaction, Sending const& s, std::vector<TakenIn> const& taken) {
  auto const there = TRY(sql::pictures(transaction, s.id));
  std::int64_t const first = there.empty() ? 1 : there.back().number + 1;
  Kept kept;
  kept.draft = s.sent.append_pictures ? with_placeholders(s.sent.draft, first, taken.size()) : s.sent.draft;
  kept.saved = TRY(create_or_revise(transaction, s, kept.draft));
  TRY(describe_pictures(transaction, s));
  auto& ground = s.page.site().ground();
  for (auto const& one : taken) {
    auto const number =
        TRY(add_picture(transaction, s.tools, s.actor, s.id, one.picture, one.sent.alt, one.sent.caption));
    TRY(derive_later(transaction, ground.jobs, ground.clock, s.id, number));
  }
  return kept;
}

Result<Kept> keep(Sending const& s, std::vector<TakenIn> const& taken) {
  auto kept = store::write_value(s.page.store(),
                                 [&](store::Transaction& transaction) { return keep_in(transaction, s, taken); });
  if (kept.ok() && !taken.empty()) s.page.site().ground().jobs.wake();
  return kept;
}

Result<Changed> publish_in(store::Transaction& transaction, Sending const& s, Saved const& base, Draft const& draft,
                           Composed const& composed) {
  std::int64_t version = base.version;
  if (!base.article) version = TRY(create_draft(transaction, s.tools, s.actor, s.id, draft)).version;
  TRY(describe_pictures(transaction, s));
  return publish(transaction, s.tools, s.actor, s.id, version, draft, composed, s.sent.note);
}

/// `base.article` is zero when there is no draft yet: both then happen in one transaction.
Result<Changed> make_public(Sending const& s, Saved const& base, Draft const& draft) {
  auto const composed = TRY(compose(draft, s.page.site().settings().url));
  return store::write_value(s.page.store(), [&](store::Transaction& transaction) {
    return publish_in(transaction, s, base, draft, composed);
  });
}

Done may_publish_as(web::PageContext& page, Sending const& s) {
  Id<Author> const id = s.known.article ? s.known.article->author : s.actor.author;
  auto const author = author_of(page, id);
  if (author && author->state == AuthorState::suspended) return forbidden("articles.author_suspended");
  return {};
}

Answer answer_published(Sending const& s, Changed const& changed) {
  bool const is_correction = s.known.article && s.known.article->state == State::published;
  auto response = web::see_other(edit_path(s.id) + (is_correction ? "?done=corrected" : "?done=published"));
  response.after = changed.event;
  return response;
}

Answer save_and_publish(Sending& s) {
  TRY(may_publish_as(s.page, s));
  if (s.sent.pictures.empty()) {
    Saved const base = s.known.article ? Saved{s.id, s.sent.version} : Saved{};
    return answer_published(s, TRY(make_public(s, base, s.sent.draft)));
  }
  auto const kept = TRY(keep(s, TRY(take_in(s.page, s.sent.pictures))));
  s.kept = kept.draft;
  return answer_published(s, TRY(make_public(s, kept.saved, kept.draft)));
}

Answer save_only(Sending const& s) {
  TRY(keep(s, TRY(take_in(s.page, s.sent.pictures))));
  return web::see_other(edit_path(s.id) + (s.sent.act == Act::preview ? "/preview" : "?done=saved"));
}

/// Somebody else saved meanwhile: both texts are shown, and sending again is then on top of theirs.
Answer show_both(Sending& s) {
  auto now = TRY(find_own(s.page, s.id));
  auto form = form_again(s.id, now, s.sent);
  form.version = now.article->version;
  form.theirs = std::move(now.newest);
  return show_form(s.page, form);
}

Answer answer(Sending& s, Answer outcome) {
  if (outcome.ok()) return outcome;
  Error const& error = outcome.error();
  if (error.kind == ErrorKind::conflict && error.message == "articles.changed_meanwhile") return show_both(s);
  if (error.kind != ErrorKind::invalid || error.complaints.empty()) return outcome;
  // What was saved before the fault was found stays saved; the form goes on from there.
  s.known = TRY(find_known(s.page, s.id));
  auto form = form_again(s.id, s.known, s.sent);
  if (s.kept) {
    form.draft = *s.kept;
    form.version = s.known.article ? s.known.article->version : 0;
  }
  form.complaints = error.complaints;
  return show_form(s.page, form);
}

Card preview_card(Article const& article, Draft const& draft, Composed const& composed) {
  Card card;
  card.id = article.id;
  card.author = article.author;
  card.channel = draft.channel;
  card.version = article.version;
  card.published_at = article.published_at;
  card.corrected_at = article.corrected_at;
  card.title = draft.title;
  card.slug = composed.slug;
  card.summary = composed.summary;
  card.language = composed.language;
  card.tags = draft.tags;
  return card;
}

}  // namespace

Answer show_new(web::Request const&, web::WorkerContext& page) {
  if (!actor_of(page).author) return web::see_other("/account/author");
  WritingForm form;
  form.id = page.ids().next<Article>();
  return show_form(page, form);
}

Answer show_edit(web::Request const& request, web::WorkerContext& page) {
  auto const id = TRY(asked_id(request));
  auto form = form_of(page, id, TRY(find_own(page, id)));
  std::string const done = request.parameter("done").value_or("");
  if (std::ranges::find(kDone, done) != kDone.end()) form.done = done;
  return show_form(page, form);
}

Answer show_preview(web::Request const& request, web::WorkerContext& page) {
  auto const id = TRY(asked_id(request));
  auto known = TRY(find_own(page, id));
  auto const composed = compose(known.newest, page.site().settings().url);
  if (!composed.ok()) {
    auto form = form_of(page, id, std::move(known));
    form.complaints = composed.error().complaints;
    return show_form(page, form);
  }
  Body const body{composed->html, composed->characters, known.newest.source, known.newest.source_address, {}};
  auto const ready = shown(*known.article, body, known.pictures, page.site().settings().url);
  Card const card = preview_card(*known.article, known.newest, *composed);
  web::PageHead head;
  head.title = page.text("articles.preview_title", {{"title", card.title}});
  auto response = TRY(page.page(head, TRY(render_article(page, {card, true}, ready))));
  response.caching = web::Caching::none;
  return response;
}

Answer save(web::Request const& request, web::CommandContext& page) {
  auto const id = TRY(asked_id(request));
  Sending s{page, actor_of(page), tools_of(page), id, TRY(find_known(page, id)), read_sent(page.form()), {}};
  if (s.known.article)
    TRY(may_change(*s.known.article, relation_of(s.actor, s.known.article->author)));
  else if (!was_given_lately(id, page.now()))
    return missing("articles.no_such_article");

  if (auto complaints = complaints_about(page, s.sent, s.known.pictures); !complaints.empty()) {
    auto form = form_again(id, s.known, s.sent);
    form.complaints = std::move(complaints);
    return show_form(page, form);
  }
  return answer(s, s.sent.act == Act::publish ? save_and_publish(s) : save_only(s));
}

}  // namespace courant::articles::pages
