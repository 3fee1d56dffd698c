#include "features/articles/structured_data.hpp"

#include "features/articles/parts.hpp"

namespace courant::articles {
namespace {

json::Object author_data(web::PageContext& page, Id<Author> id) {
  json::Object data;
  auto const author = author_of(page, id);
  if (!author) return data;
  data["@type"] = author->kind == AuthorKind::individual ? "Person" : "Organization";
  data["name"] = author->name;
  data["url"] = page.absolute(authors::path_of(*author));
  return data;
}

json::Object publisher_data(web::PageContext& page) {
  auto const& settings = page.site().settings();
  json::Object data;
  data["@type"] = "Organization";
  data["name"] = settings.operator_name.empty() ? settings.name : settings.operator_name;
  data["url"] = page.absolute("/");
  return data;
}

json::Array array_of(std::vector<std::string> const& texts) {
  json::Array array;
  for (auto const& text : texts) array.emplace_back(text);
  return array;
}

json::Object image_data(web::PageContext& page, ShownBody const& body) {
  json::Object image;
  image["@type"] = "ImageObject";
  image["url"] = page.absolute(body.picture_path);
  image["width"] = body.picture_width;
  image["height"] = body.picture_height;
  return image;
}

json::Object correction_data(Card const& card, ShownBody const& body) {
  json::Object correction;
  correction["@type"] = "CorrectionComment";
  correction["text"] = body.correction_note;
  correction["datePublished"] = rfc3339(card.corrected_at);
  return correction;
}

/// https://schema.org/NewsArticle
json::Object news_article(web::PageContext& page, Card const& card, ShownBody const& body) {
  bool const is_corrected = card.corrected_at != Time{};
  json::Object data;
  data["@context"] = "https://schema.org";
  data["@type"] = "NewsArticle";
  data["headline"] = card.title;
  data["description"] = body.summary;
  data["inLanguage"] = shown_language(page, card.language);
  data["datePublished"] = rfc3339(card.published_at);
  data["dateModified"] = rfc3339(is_corrected ? card.corrected_at : card.published_at);
  data["mainEntityOfPage"] = page.absolute(card.path());
  data["author"] = author_data(page, card.author);
  data["publisher"] = publisher_data(page);
  if (auto const channel = channel_of(page, card.channel)) data["articleSection"] = channel->name;
  if (!card.tags.empty()) data["keywords"] = array_of(card.tags);
  if (!body.picture_path.empty()) data["image"] = image_data(page, body);
  if (!body.correction_note.empty()) data["correction"] = correction_data(card, body);
  return data;
}

json::Object crumb(web::PageContext& page, int position, std::string_view name, std::string_view path) {
  json::Object item;
  item["@type"] = "ListItem";
  item["position"] = position;
  item["name"] = name;
  item["item"] = page.absolute(path);
  return item;
}

/// https://schema.org/BreadcrumbList
json::Object breadcrumbs(web::PageContext& page, Card const& card) {
  json::Array items;
  items.emplace_back(crumb(page, 1, page.site().settings().name, "/"));
  if (auto const channel = channel_of(page, card.channel))
    items.emplace_back(crumb(page, 2, channel->name, channel->path));
  items.emplace_back(crumb(page, static_cast<int>(items.size()) + 1, card.title, card.path()));
  json::Object data;
  data["@context"] = "https://schema.org";
  data["@type"] = "BreadcrumbList";
  data["itemListElement"] = std::move(items);
  return data;
}

/// A data block, which the CSP leaves alone; write_for_html() lets nothing end the element.
std::string data_block(json::Value const& value) {
  return "<script type=\"application/ld+json\">" + json::write_for_html(value) + "</script>\n";
}

}  // namespace

Result<web::TrustedHtml> structured_data(web::PageContext& page, Card const& card, ShownBody const& body) {
  web::Model model;
  model.set("PUBLISHED", rfc3339(card.published_at));
  if (card.corrected_at != Time{}) model.add("MODIFIED").set("AT", rfc3339(card.corrected_at));
  if (auto const channel = channel_of(page, card.channel)) model.add("SECTION").set("NAME", channel->name);
  for (auto const& tag : card.tags) model.add("TAG").set("NAME", tag);
  web::TrustedHtml blocks;
  blocks.html = data_block(news_article(page, card, body)) + data_block(breadcrumbs(page, card));
  model.set("DATA_HTML", blocks);
  return page.render("articles/head.html", model);
}

json::Object public_json(web::PageContext& page, Card const& card, ShownBody const& body) {
  json::Object data;
  data["id"] = card.id.str();
  data["url"] = page.absolute(card.path());
  data["title"] = card.title;
  data["summary"] = body.summary;
  data["language"] = card.language;
  data["published_at"] = rfc3339(card.published_at);
  data["corrected_at"] = card.corrected_at == Time{} ? json::Value(nullptr) : json::Value(rfc3339(card.corrected_at));
  data["correction_note"] = body.correction_note;
  data["source"] = body.source;
  data["source_url"] = body.source_address;
  data["tags"] = array_of(card.tags);
  if (auto const author = author_of(page, card.author)) {
    json::Object by;
    by["id"] = author->id.str();
    by["handle"] = author->handle;
    by["name"] = author->name;
    by["url"] = page.absolute(authors::path_of(*author));
    data["author"] = std::move(by);
  }
  if (auto const channel = channel_of(page, card.channel)) {
    json::Object in;
    in["id"] = card.channel.str();
    in["name"] = channel->name;
    in["url"] = page.absolute(channel->path);
    data["channel"] = std::move(in);
  }
  data["characters"] = body.characters;
  data["html"] = body.feed_html.empty() ? body.html : body.feed_html;
  return data;
}

}  // namespace courant::articles
