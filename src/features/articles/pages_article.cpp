// The article's own page.
#include "features/articles/pages.hpp"
#include "features/articles/structured_data.hpp"

namespace courant::articles::pages {
namespace {

constexpr std::size_t kEarlier = 5;  // of the author's
constexpr std::size_t kLatest = 8;   // of the channel's

std::vector<Card> without(std::vector<Card> cards, Id<Article> id, std::size_t most) {
  std::erase_if(cards, [id](Card const& card) { return card.id == id; });
  if (cards.size() > most) cards.resize(most);
  return cards;
}

/// What stands beside the article.
struct Around {
  std::vector<Card> earlier;  ///< by the same author
  std::vector<Card> latest;   ///< of the same channel
};

Around around(web::PageContext& page, Card const& card) {
  auto const& published = page.get<Published>();
  return {without(published.of_author(card.author, std::nullopt, kEarlier + 1).cards, card.id, kEarlier),
          without(published.of_channel(card.channel, std::nullopt, kLatest + 1).cards, card.id, kLatest)};
}

void add_header(web::Model& model, web::PageContext& page, Card const& card, ShownBody const& body) {
  model.set("TITLE", card.title).set("LANGUAGE", shown_language(page, card.language));
  if (auto const channel = channel_of(page, card.channel))
    model.add("CHANNEL").set("PATH", channel->path).set("NAME", channel->name);
  if (auto const author = author_of(page, card.author))
    model.add("AUTHOR").set("PATH", authors::path_of(*author)).set("NAME", author->name);
  if (card.published_at != Time{})
    model.add("PUBLISHED").set("AT", page.show(card.published_at)).set("AT_ISO", rfc3339(card.published_at));
  if (!body.source.empty() && body.source_address.empty()) model.add("SOURCE").set("NAME", body.source);
  if (!body.source_address.empty())
    model.add("SOURCE_LINK")
        .set("NAME", body.source.empty() ? body.source_address : body.source)
        .set("ADDRESS", body.source_address);
  if (card.corrected_at == Time{}) return;
  auto& corrected = model.add("CORRECTED");
  corrected.set("AT", page.show(card.corrected_at)).set("AT_ISO", rfc3339(card.corrected_at));
  if (!body.correction_note.empty()) corrected.add("NOTE").set("TEXT", body.correction_note);
}

void add_footer(web::Model& model, web::PageContext& page, Card const& card) {
  for (auto const& tag : card.tags) {
    auto& tags = model.add("TAG");
    tags.set("PATH", path_of_tag(tag)).set("NAME", tag);
  }
  model.show("TAGS", !card.tags.empty());
  auto const& settings = page.site().settings();
  MessageArguments const arguments{
      {"operator", settings.operator_name.empty() ? settings.name : settings.operator_name}};
  auto const& catalogue = page.site().catalogue();
  model.set("NOTICE_ZH", catalogue.text(web::Language::zh_hans, "articles.storage_notice", arguments));
  model.set("NOTICE_EN", catalogue.text(web::Language::en, "articles.storage_notice", arguments));
}

Result<web::TrustedHtml> render_author_card(web::PageContext& page, ArticleView const& view) {
  auto const author = author_of(page, view.card.author);
  if (!author) return web::TrustedHtml{};
  authors::CardNumbers const numbers{static_cast<std::int64_t>(page.get<Published>().count_of(author->id))};
  auto card = TRY(authors::author_card(*author, numbers, page));
  card.html += TRY(page.site().slots().render(kAuthorCard, view, page)).html;
  return card;
}

Done add_around(web::Model& model, web::PageContext& page, Card const& card, Around const& around) {
  if (auto const author = author_of(page, card.author); author && !around.earlier.empty())
    model.add("EARLIER")
        .set("CARDS_HTML", TRY(render_cards(page, around.earlier, CardStyle::headline)))
        .set("PATH", authors::path_of(*author));
  if (auto const channel = channel_of(page, card.channel); channel && !around.latest.empty())
    model.add("LATEST")
        .set("CARDS_HTML", TRY(render_cards(page, around.latest, CardStyle::headline)))
        .set("PATH", channel->path)
        .set("NAME", channel->name);
  return {};
}

Result<web::TrustedHtml> render_with(web::PageContext& page, ArticleView const& view, ShownBody const& body,
                                     Around const& around) {
  Card const& card = view.card;
  web::Model model;
  model.show("PREVIEW", view.preview);
  model.set("EDIT_PATH", "/write/" + card.id.str());
  model.show("MAY_EDIT", !view.preview && relation_of(actor_of(page), card.author) != Relation::stranger);
  add_header(model, page, card, body);
  add_footer(model, page, card);
  model.set("BODY", web::TrustedHtml{body.html});
  model.set("BELOW_HEADER_HTML", TRY(page.site().slots().render(kBelowHeader, view, page)));
  model.set("BELOW_BODY_HTML", TRY(page.site().slots().render(kBelowBody, view, page)));
  model.set("AUTHOR_CARD_HTML", TRY(render_author_card(page, view)));
  TRY(add_around(model, page, card, around));
  return page.render("articles/article.html", model);
}

std::vector<web::DependencyKey> ties(Card const& card, Around const& around) {
  std::vector<web::DependencyKey> keys{card.id.value, card.author.value, card.channel.value};
  for (auto const* const cards : {&around.earlier, &around.latest})
    for (auto const& shown : *cards) keys.push_back(shown.id.value);
  return keys;
}

Answer show(web::PageContext& page, Card const& card) {
  auto const body = TRY(body_of(page, card));
  Around const shown = around(page, card);
  auto const content = TRY(render_with(page, {card, false}, *body, shown));
  web::PageHead head;
  head.title = card.title;
  head.description = body->summary;
  head.canonical = card.path();
  head.image = body->picture_path;
  head.head = TRY(structured_data(page, card, *body));
  auto response = TRY(page.page(head, content));
  auto const keys = ties(card, shown);
  response.depends_on.insert(response.depends_on.end(), keys.begin(), keys.end());
  response.soft = true;  // the two lists; what must go at once is tied by its id
  return response;
}

/// Withdrawn articles say so, for as long as they are withdrawn.
Answer show_gone(web::PageContext& page, Id<Article> id) {
  web::Model model;
  web::PageHead head;
  head.title = page.text("articles.withdrawn_title");
  auto response = TRY(page.page(head, TRY(page.render("articles/withdrawn.html", model))));
  response.status = 410;
  response.caching = web::Caching::none;
  response.depends_on.push_back(id.value);
  return response;
}

}  // namespace

Answer show_article(web::Request const& request, web::PageContext& page) {
  auto const id = Id<Article>::parse(request.part("id"));
  if (!id) return missing("articles.no_such_article");
  auto const& published = page.get<Published>();
  auto const card = published.find(*id);
  if (!card && published.is_withdrawn(*id)) return show_gone(page, *id);
  if (!card) return missing("articles.no_such_article");
  if (request.part("slug") != card->slug) return web::moved(card->path());
  return show(page, *card);
}

Result<web::TrustedHtml> render_article(web::PageContext& page, ArticleView const& view, ShownBody const& body) {
  return render_with(page, view, body, {});
}

}  // namespace courant::articles::pages
