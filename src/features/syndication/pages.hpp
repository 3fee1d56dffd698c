// The doors of syndication.
#pragma once
#include "features/articles/projection.hpp"
#include "features/authors/author.hpp"
#include "features/channels/channel.hpp"
#include "web/context.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/slot.hpp"

namespace courant::syndication::pages {

using Answer = Result<web::Response>;

enum class Form : std::uint8_t { rss, atom };

// `?content=summary` leaves the bodies out.
Answer show_site_feed(web::Request const& request, web::PageContext& page, Form form);     // /feed.rss, /feed.atom
Answer show_channel_feed(web::Request const& request, web::PageContext& page, Form form);  // /channel/{slug}/feed.…
Answer show_author_feed(web::Request const& request, web::PageContext& page, Form form);   // /author/{handle}/feed.…

Answer show_sitemap_index(web::Request const& request, web::PageContext& page);  // /sitemap.xml
Answer show_sitemap(web::Request const& request, web::PageContext& page);        // /sitemap/{file}
Answer show_robots(web::Request const& request, web::PageContext& page);         // /robots.txt

// Links to the feeds, for the heads of pages.
Result<web::TrustedHtml> front_links(web::Frame const& frame, web::PageContext& page);
Result<web::TrustedHtml> channel_links(Channel const& channel, web::PageContext& page);
Result<web::TrustedHtml> author_links(Author const& author, web::PageContext& page);

}  // namespace courant::syndication::pages
