// The doors of channels: front page, channel pages, the latest list, and the masthead's part.
#pragma once
#include "web/context.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/slot.hpp"

namespace courant::channels::pages {

using Answer = Result<web::Response>;

Answer show_front(web::Request const& request, web::PageContext& page);    // /
Answer show_channel(web::Request const& request, web::PageContext& page);  // /channel/{slug}
Answer show_latest(web::Request const& request, web::PageContext& page);   // /latest

Result<web::TrustedHtml> masthead(web::Frame const& frame, web::PageContext& page);

}  // namespace courant::channels::pages
