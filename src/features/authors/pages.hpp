// What people see of author profiles: the form for one's own, the card, the picture, and JSON. The public page
// /author/{handle} is the articles feature's, which knows what the author has written.
#pragma once
#include "base/result.hpp"
#include "web/context.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace courant::authors::pages {

Result<web::Response> show_profile(web::Request const& request, web::WorkerContext& page);
/// Joins when the account is no author yet, else changes the profile.
Result<web::Response> save_profile(web::Request const& request, web::CommandContext& context);
/// A multipart form with the file "picture".
Result<web::Response> save_picture(web::Request const& request, web::CommandContext& context);
Result<web::Response> remove_picture(web::Request const& request, web::CommandContext& context);

/// GET /avatar/{author}/{blob}: one size of the author's present picture; any other blob is missing here.
Result<web::Response> send_picture(web::Request const& request, web::PageContext& page);
/// GET /api/v1/authors/{handle}: described in docs/api/authors.md. A handle given up redirects.
Result<web::Response> show_json(web::Request const& request, web::PageContext& page);

}  // namespace courant::authors::pages
