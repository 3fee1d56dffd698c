#include "features/syndication/pages.hpp"

#include "features/articles/articles.hpp"
#include "features/authors/authors.hpp"
#include "features/channels/channels.hpp"
#include "features/syndication/feed.hpp"
#include "features/syndication/sitemap.hpp"
#include "web/site.hpp"

namespace courant::syndication::pages {
namespace {

using articles::Card;
using articles::Published;

constexpr std::size_t kEntries = 25;
constexpr std::string_view kXml = "application/xml; charset=utf-8";

// --- Feeds
// ------------------------------------------------------------------------------------------------------------

enum class Content : std::uint8_t { whole, summary };

/// Error: missing for anything but what is known, so that strangers cannot fill the cache with one feed under many
/// names.
Result<Content> asked_content(web::Request const& request) {
  auto const text = request.parameter("content");
  if (!text || *text == "full") return Content::whole;
  if (*text != "summary") return missing();
  return Content::summary;
}

std::string_view file_of(Form form) { return form == Form::rss ? "/feed.rss" : "/feed.atom"; }

std::string_view content_type_of(Form form) {
  return form == Form::rss ? "application/rss+xml; charset=utf-8" : "application/atom+xml; charset=utf-8";
}

Result<Entry> entry_of(web::PageContext& page, Card const& card, Content content) {
  Entry entry;
  entry.id = page.absolute("/a/" + card.id.str());
  entry.address = page.absolute(card.path());
  entry.title = card.title;
  entry.summary = card.summary;
  if (card.language != "und") entry.language = card.language;
  entry.tags = card.tags;
  entry.published_at = card.published_at;
  entry.changed_at = std::max(card.published_at, card.corrected_at);
  if (auto const author = page.get<authors::Projection>().find(card.author)) {
    entry.author_name = author->name;
    entry.author_address = page.absolute(authors::path_of(*author));
  } else {
    entry.author_name = page.site().settings().name;
  }
  if (content == Content::whole) entry.html = TRY(articles::feed_body(page, card));
  return entry;
}

/// What a feed is about.
struct Subject {
  std::string title;
  std::string description;
  std::string path;  ///< of its page
  std::vector<Card> cards;
  std::vector<web::DependencyKey> ties;
};

Answer write_feed(web::Request const& request, web::PageContext& page, Form form, Subject const& subject) {
  auto const content = TRY(asked_content(request));
  std::string const base = subject.path == "/" ? std::string() : subject.path;
  Feed feed;
  feed.title = subject.title;
  feed.description = subject.description.empty() ? subject.title : subject.description;
  feed.page_address = page.absolute(subject.path);
  feed.own_address = page.absolute(base + std::string(file_of(form)));
  if (content == Content::summary) feed.own_address += "?content=summary";
  feed.language = tag_of(page.language());
  for (auto const& card : subject.cards) feed.entries.push_back(TRY(entry_of(page, card, content)));

  web::Response response;
  response.content_type = content_type_of(form);
  response.body = form == Form::rss ? write_rss(feed) : write_atom(feed);
  response.caching = web::Caching::page;
  response.depends_on = subject.ties;
  response.depends_on.push_back(web::kEveryPage);
  auto const shown = articles::ties_of(subject.cards);
  response.depends_on.insert(response.depends_on.end(), shown.begin(), shown.end());
  return response;
}

std::string on_site(web::PageContext& page, std::string const& name) {
  return name + " - " + page.site().settings().name;
}

// --- Sitemaps
// ---------------------------------------------------------------------------------------------------------

/// The first sitemap holds the pages that are no articles.
std::vector<SitemapLine> page_lines(web::PageContext& page) {
  std::vector<SitemapLine> lines{{page.absolute("/"), {}}, {page.absolute("/latest"), {}}};
  for (auto const& channel : *page.get<channels::ChannelList>().all())
    lines.push_back({page.absolute(channels::path_of(channel)), {}});
  return lines;
}

std::vector<SitemapLine> article_lines(web::PageContext& page, std::size_t number) {
  std::vector<SitemapLine> lines;
  for (auto const& line : page.get<Published>().in_order_of_ids((number - 1) * kSitemapPlaces, kSitemapPlaces))
    lines.push_back({page.absolute(articles::path_of(line.id, line.slug)), line.changed_at});
  return lines;
}

std::size_t count_sitemaps(Published const& published) {
  return 1 + (published.places() + kSitemapPlaces - 1) / kSitemapPlaces;
}

Answer xml_page(std::string body) {
  web::Response response;
  response.content_type = kXml;
  response.body = std::move(body);
  response.caching = web::Caching::page;
  response.depends_on = {web::kArticleLists, web::kEveryPage};
  return response;
}

Result<web::TrustedHtml> links(web::PageContext& page, std::string const& base, std::string const& title) {
  web::Model model;
  model.set("TITLE", title).set("RSS", base + "/feed.rss").set("ATOM", base + "/feed.atom");
  return page.render("syndication/links.html", model);
}

}  // namespace

Answer show_site_feed(web::Request const& request, web::PageContext& page, Form form) {
  std::string const& name = page.site().settings().name;
  Subject subject{name, page.text("channels.front_description", {{"site", name}}), "/", {}, {web::kArticleLists}};
  subject.cards = page.get<Published>().latest(std::nullopt, kEntries).cards;
  return write_feed(request, page, form, subject);
}

Answer show_channel_feed(web::Request const& request, web::PageContext& page, Form form) {
  auto const& channels = page.get<channels::ChannelList>();
  auto const channel = channels.find_slug(request.part("slug"));
  if (!channel) {
    auto const renamed = channels.find_old_slug(request.part("slug"));
    if (!renamed) return missing("channels.no_such_channel");
    return web::moved(channels::path_of(*renamed) + std::string(file_of(form)));
  }
  std::string const& name = channel->name(page.language());
  Subject subject{on_site(page, name),
                  page.text("channels.channel_description", {{"channel", name}}),
                  channels::path_of(*channel),
                  page.get<Published>().of_channel(channel->id, std::nullopt, kEntries).cards,
                  {channel->id.value, articles::list_of(channel->id)}};
  return write_feed(request, page, form, subject);
}

Answer show_author_feed(web::Request const& request, web::PageContext& page, Form form) {
  auto const match = page.get<authors::Projection>().with_handle(request.part("handle"));
  if (!match.author) return missing("articles.no_such_author");
  std::string const path = authors::path_of(*match.author);
  if (!match.is_current) return web::moved(path + std::string(file_of(form)));
  Id<Author> const id = match.author->id;
  Subject subject{on_site(page, match.author->name),
                  match.author->bio,
                  path,
                  page.get<Published>().of_author(id, std::nullopt, kEntries).cards,
                  {id.value, articles::list_of(id)}};
  return write_feed(request, page, form, subject);
}

Answer show_sitemap_index(web::Request const&, web::PageContext& page) {
  auto const& published = page.get<Published>();
  std::vector<SitemapLine> lines;
  for (std::size_t number = 0; number < count_sitemaps(published); ++number) {
    Time const changed = number == 0 ? Time{} : published.newest_change((number - 1) * kSitemapPlaces, kSitemapPlaces);
    lines.push_back({page.absolute("/sitemap/" + std::to_string(number) + ".xml"), changed});
  }
  return xml_page(write_sitemap_index(lines));
}

Answer show_sitemap(web::Request const& request, web::PageContext& page) {
  auto const number = sitemap_number(request.part("file"));
  if (!number || *number >= count_sitemaps(page.get<Published>())) return missing();
  // Thousands of lines are a worker's work, though all of it is in memory.
  if (!page.may_load()) return not_in_memory();
  return xml_page(write_sitemap(*number == 0 ? page_lines(page) : article_lines(page, *number)));
}

Answer show_robots(web::Request const&, web::PageContext& page) {
  auto response = web::plain(write_robots(page.site().settings().url));
  response.caching = web::Caching::page;
  response.depends_on = {web::kEveryPage};
  return response;
}

Result<web::TrustedHtml> front_links(web::Frame const&, web::PageContext& page) {
  return links(page, {}, page.site().settings().name);
}

Result<web::TrustedHtml> channel_links(Channel const& channel, web::PageContext& page) {
  return links(page, channels::path_of(channel), channel.name(page.language()));
}

Result<web::TrustedHtml> author_links(Author const& author, web::PageContext& page) {
  return links(page, authors::path_of(author), author.name);
}

}  // namespace courant::syndication::pages
