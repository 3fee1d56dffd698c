#include "features/channels/pages.hpp"

#include "features/articles/articles.hpp"
#include "features/channels/channels.hpp"
#include "web/site.hpp"

namespace courant::channels::pages {
namespace {

using articles::Card;
using articles::CardStyle;
using articles::Place;
using articles::Published;
using articles::Screen;

constexpr std::size_t kLatestOnFront = 12;
constexpr std::size_t kOfChannelOnFront = 5;

void tie(web::Response& response, std::vector<Card> const& cards) {
  auto const keys = articles::ties_of(cards);
  response.depends_on.insert(response.depends_on.end(), keys.begin(), keys.end());
}

/// Where the list is asked to go on. Error: missing for a place that nobody wrote.
Result<std::optional<Place>> asked_place(web::Request const& request) {
  auto const text = request.parameter("before");
  if (!text) return std::optional<Place>{};
  auto const place = Place::parse(*text);
  if (!place) return missing();
  return place;
}

std::string part_of(std::string path, std::optional<Place> before) {
  if (before) path += "?before=" + before->str();
  return path;
}

/// One channel on the front page.
struct Block {
  Channel channel;
  std::vector<Card> cards;
};

std::vector<Block> blocks(web::PageContext& page) {
  std::vector<Block> blocks;
  auto const& published = page.get<Published>();
  for (auto const& channel : *page.get<ChannelList>().all()) {
    auto cards = published.of_channel(channel.id, std::nullopt, kOfChannelOnFront).cards;
    if (!cards.empty()) blocks.push_back({channel, std::move(cards)});
  }
  return blocks;
}

Done add_blocks(web::Model& model, web::PageContext& page, std::vector<Block> const& blocks) {
  for (auto const& block : blocks)
    model.add("CHANNEL")
        .set("ID", block.channel.id.str())
        .set("NAME", block.channel.name(page.language()))
        .set("PATH", path_of(block.channel))
        .set("CARDS_HTML", TRY(articles::render_cards(page, block.cards, CardStyle::headline)));
  model.show("CHANNELS", !blocks.empty());
  return {};
}

Answer render_front(web::PageContext& page) {
  auto const latest = page.get<Published>().latest(std::nullopt, kLatestOnFront);
  auto const by_channel = blocks(page);
  web::Model model;
  model.set("SITE_NAME", page.site().settings().name);
  model.set("CARDS_HTML", TRY(articles::render_cards(page, latest.cards, CardStyle::lead)));
  model.show("EMPTY", latest.cards.empty()).show("MORE", latest.more);
  TRY(add_blocks(model, page, by_channel));

  web::PageHead head;
  head.description = page.text("channels.front_description", {{"site", page.site().settings().name}});
  head.canonical = "/";
  head.head = TRY(page.site().slots().render(kFrontHead, web::Frame{}, page));
  auto response = TRY(page.page(head, TRY(page.render("channels/front.html", model))));
  response.depends_on.push_back(web::kArticleLists);
  tie(response, latest.cards);
  for (auto const& block : by_channel) tie(response, block.cards);
  return response;
}

/// An address of a former site, such as "/?p=17".
Answer follow_old_front(web::Request const& request, web::PageContext& page) {
  if (!page.may_load()) return not_in_memory();
  auto path = TRY(articles::find_old_path(page.site().ground().store, page.get<Published>(), "/", request.query));
  if (!path) return missing();
  return web::moved(std::move(*path));
}

}  // namespace

Answer show_front(web::Request const& request, web::PageContext& page) {
  if (request.parameter("p") || request.parameter("page_id")) return follow_old_front(request, page);
  return render_front(page);
}

Answer show_channel(web::Request const& request, web::PageContext& page) {
  auto const& channels = page.get<ChannelList>();
  auto const channel = channels.find_slug(request.part("slug"));
  if (!channel) {
    auto const renamed = channels.find_old_slug(request.part("slug"));
    if (!renamed) return missing("channels.no_such_channel");
    return web::moved(path_of(*renamed));
  }
  auto const before = TRY(asked_place(request));
  Screen const screen = page.get<Published>().of_channel(channel->id, before, articles::kScreen);
  std::string const path = path_of(*channel);
  std::string const& name = channel->name(page.language());

  web::Model model;
  model.set("NAME", name);
  model.set("CARDS_HTML",
            TRY(articles::render_cards(page, screen.cards, before ? CardStyle::summary : CardStyle::lead)));
  model.set("PAGINATION_HTML", TRY(articles::render_pagination(page, path, screen, before)));
  model.show("EMPTY", screen.cards.empty());

  web::PageHead head;
  head.title = name;
  head.description = page.text("channels.channel_description", {{"channel", name}});
  head.canonical = part_of(path, before);
  head.head = TRY(page.site().slots().render(kChannelHead, *channel, page));
  auto response = TRY(page.page(head, TRY(page.render("channels/channel.html", model))));
  response.depends_on.push_back(channel->id.value);
  response.depends_on.push_back(articles::list_of(channel->id));
  tie(response, screen.cards);
  return response;
}

Answer show_latest(web::Request const& request, web::PageContext& page) {
  auto const before = TRY(asked_place(request));
  Screen const screen = page.get<Published>().latest(before, articles::kScreen);
  web::Model model;
  model.set("CARDS_HTML", TRY(articles::render_cards(page, screen.cards, CardStyle::summary)));
  model.set("PAGINATION_HTML", TRY(articles::render_pagination(page, "/latest", screen, before)));
  model.show("EMPTY", screen.cards.empty());

  web::PageHead head;
  head.title = page.text("channels.latest");
  head.canonical = part_of("/latest", before);
  head.head = TRY(page.site().slots().render(kFrontHead, web::Frame{}, page));
  auto response = TRY(page.page(head, TRY(page.render("channels/latest.html", model))));
  response.depends_on.push_back(web::kArticleLists);
  tie(response, screen.cards);
  return response;
}

Result<web::TrustedHtml> masthead(web::Frame const&, web::PageContext& page) {
  web::Model model;
  for (auto const& channel : *page.get<ChannelList>().all()) {
    std::string const path = path_of(channel);
    auto& item = model.add("CHANNEL");
    item.set("PATH", path).set("NAME", channel.name(page.language())).show("HERE", page.path() == path);
  }
  return page.render("channels/masthead.html", model);
}

}  // namespace courant::channels::pages
