#include "features/syndication/syndication.hpp"

#include "features/articles/articles.hpp"
#include "features/channels/channels.hpp"
#include "features/syndication/pages.hpp"
#include "web/site.hpp"

namespace courant::syndication {
namespace {

using pages::Form;
using FeedHandler = pages::Answer (*)(web::Request const&, web::PageContext&, Form);

void add_feeds(web::Router& routes, std::string const& base, FeedHandler handler) {
  auto const in = [handler](Form form) {
    return
        [handler, form](web::Request const& request, web::PageContext& page) { return handler(request, page, form); };
  };
  routes.page(base + "/feed.rss", in(Form::rss)).query = {"content"};
  routes.page(base + "/feed.atom", in(Form::atom)).query = {"content"};
}

}  // namespace

Done install(web::Site& site) {
  auto& routes = site.routes();
  add_feeds(routes, "", pages::show_site_feed);
  add_feeds(routes, "/channel/{slug}", pages::show_channel_feed);
  add_feeds(routes, "/author/{handle}", pages::show_author_feed);
  routes.page("/sitemap.xml", pages::show_sitemap_index);
  routes.page("/sitemap/{file}", pages::show_sitemap);
  routes.page("/robots.txt", pages::show_robots);

  auto& slots = site.slots();
  slots.fill(channels::kFrontHead, web::Slots::Filler<web::Frame>(pages::front_links));
  slots.fill(channels::kChannelHead, web::Slots::Filler<Channel>(pages::channel_links));
  slots.fill(articles::kAuthorHead, web::Slots::Filler<Author>(pages::author_links));
  return {};
}

}  // namespace courant::syndication
