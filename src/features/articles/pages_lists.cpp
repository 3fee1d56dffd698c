// Lists of articles: the parts that several pages share, and the pages of authors and tags.
#include "base/crypto.hpp"
#include "features/articles/pages.hpp"
#include "features/articles/show.hpp"
#include "text/fold.hpp"

namespace courant::articles {
namespace {

void add_card(web::Model& model, web::PageContext& page, Card const& card, CardStyle style, bool is_first) {
  auto& item = model.add("CARD");
  item.set("PATH", card.path()).set("TITLE", card.title).set("LANGUAGE", shown_language(page, card.language));
  item.set("AT", page.show(card.published_at)).set("AT_ISO", rfc3339(card.published_at));
  item.show("LEAD", style == CardStyle::lead && is_first);
  if (style == CardStyle::headline) return;
  if (auto const author = author_of(page, card.author))
    item.add("AUTHOR").set("AUTHOR_PATH", authors::path_of(*author)).set("NAME", author->name);
  if (!card.summary.empty()) item.add("SUMMARY").set("TEXT", card.summary);
  if (card.cover.blob.empty()) return;
  item.add("PICTURE")
      .set("SRC", media_path(card.cover.blob))
      .set("WIDTH", std::int64_t{card.cover.width})
      .set("HEIGHT", std::int64_t{card.cover.height});
}

}  // namespace

Result<web::TrustedHtml> render_cards(web::PageContext& page, std::vector<Card> const& cards, CardStyle style) {
  if (cards.empty()) return web::TrustedHtml{};
  web::Model model;
  model.show("PLAIN", style == CardStyle::headline);
  for (auto const& card : cards) add_card(model, page, card, style, &card == &cards.front());
  return page.render("articles/cards.html", model);
}

std::vector<web::DependencyKey> ties_of(std::vector<Card> const& cards) {
  std::vector<web::DependencyKey> keys;
  keys.reserve(cards.size() * 2);
  for (auto const& card : cards) keys.insert(keys.end(), {card.id.value, card.author.value});
  return keys;
}

Result<web::TrustedHtml> render_pagination(web::PageContext& page, std::string_view path, Screen const& screen,
                                           std::optional<Place> before) {
  if (!before && !screen.more) return web::TrustedHtml{};
  web::Model model;
  if (before) model.add("NEWEST").set("PATH", path);
  if (screen.more)
    model.add("OLDER").set("PATH", std::string(path) + "?before=" + Place::of(screen.cards.back()).str());
  return page.render("articles/pagination.html", model);
}

web::DependencyKey list_of_tag(std::string_view tag) {
  // Negative as the other lists; that two may share a key only evicts too much.
  return -static_cast<web::DependencyKey>(crypto::quick_hash(text::fold(tag)) >> 2) - 1;
}

namespace pages {
namespace {

/// Where the list is asked to go on. Error: missing for a place that nobody wrote.
Result<std::optional<Place>> asked_place(web::Request const& request) {
  auto const text = request.parameter("before");
  if (!text) return std::optional<Place>{};
  auto const place = Place::parse(*text);
  if (!place) return missing();
  return place;
}

/// A path for canonical links: the part of a list that is asked for.
std::string part_of(std::string path, std::optional<Place> before) {
  if (before) path += "?before=" + before->str();
  return path;
}

Answer with_ties(Answer answer, Screen const& screen, std::initializer_list<web::DependencyKey> more) {
  if (!answer.ok()) return answer;
  auto const keys = ties_of(screen.cards);
  auto& ties = answer->depends_on;
  ties.insert(ties.end(), keys.begin(), keys.end());
  ties.insert(ties.end(), more.begin(), more.end());
  return answer;
}

}  // namespace

Answer show_author(web::Request const& request, web::PageContext& page) {
  auto const match = page.get<authors::Projection>().with_handle(request.part("handle"));
  if (!match.author) return missing("articles.no_such_author");
  Author const& author = *match.author;
  std::string const path = authors::path_of(author);
  if (!match.is_current) return web::moved(path);
  auto const before = TRY(asked_place(request));
  auto const& published = page.get<Published>();
  Screen const screen = published.of_author(author.id, before, kScreen);

  authors::CardNumbers const numbers{static_cast<std::int64_t>(published.count_of(author.id))};
  web::Model model;
  model.set("NAME", author.name);
  model.set("AUTHOR_CARD_HTML", TRY(authors::author_card(author, numbers, page)));
  model.set("CARDS_HTML", TRY(render_cards(page, screen.cards, CardStyle::summary)));
  model.set("PAGINATION_HTML", TRY(render_pagination(page, path, screen, before)));
  model.show("EMPTY", screen.cards.empty());

  web::PageHead head;
  head.title = author.name;
  head.description = author.bio;
  head.canonical = part_of(path, before);
  head.image = authors::avatar_path(author, 640);
  head.head = TRY(page.site().slots().render(kAuthorHead, author, page));
  return with_ties(page.page(head, TRY(page.render("articles/author.html", model))), screen,
                   {author.id.value, list_of(author.id)});
}

Answer show_tag(web::Request const& request, web::PageContext& page) {
  auto const before = TRY(asked_place(request));
  auto const& published = page.get<Published>();
  auto const tag = published.tag_written(request.part("tag"));
  if (!tag) return missing("articles.no_such_tag");
  Screen const screen = published.of_tag(*tag, before, kScreen);
  std::string const path = path_of_tag(*tag);

  web::Model model;
  model.set("NAME", *tag);
  model.set("CARDS_HTML", TRY(render_cards(page, screen.cards, CardStyle::summary)));
  model.set("PAGINATION_HTML", TRY(render_pagination(page, path, screen, before)));

  web::PageHead head;
  head.title = page.text("articles.tag_title", {{"tag", *tag}});
  head.canonical = part_of(path, before);
  return with_ties(page.page(head, TRY(page.render("articles/tag.html", model))), screen, {list_of_tag(*tag)});
}

}  // namespace pages
}  // namespace courant::articles
