// The doors of articles: Request -> Response. install() puts them into the table of routes.
#pragma once
#include "features/articles/parts.hpp"
#include "web/context.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace courant::articles::pages {

using Answer = Result<web::Response>;

// Reading, from memory.
Answer show_article(web::Request const& request, web::PageContext& page);  // /a/{id}, /a/{id}/{slug}
Answer show_author(web::Request const& request, web::PageContext& page);   // /author/{handle}
Answer show_tag(web::Request const& request, web::PageContext& page);      // /tag/{tag}
Answer show_json(web::Request const& request, web::PageContext& page);     // /api/v1/articles/{id}

// Reading, by SQL.
Answer show_media(web::Request const& request, web::WorkerContext& page);       // /media/{blob}
Answer follow_old_path(web::Request const& request, web::WorkerContext& page);  // what nobody else answers
Answer show_mine(web::Request const& request, web::WorkerContext& page);        // /my/articles

// Writing.
Answer show_new(web::Request const& request, web::WorkerContext& page);      // /write
Answer show_edit(web::Request const& request, web::WorkerContext& page);     // /write/{id}
Answer show_preview(web::Request const& request, web::WorkerContext& page);  // /write/{id}/preview
Answer save(web::Request const& request, web::CommandContext& page);         // POST /write/{id}
Answer withdraw(web::Request const& request, web::CommandContext& page);     // POST /write/{id}/withdraw
Answer undo(web::Request const& request, web::CommandContext& page);         // POST /write/{id}/undo
Answer remove(web::Request const& request, web::CommandContext& page);       // POST /write/{id}/delete

/// The article's page without its frame; a preview when `view.preview`.
Result<web::TrustedHtml> render_article(web::PageContext& page, ArticleView const& view, ShownBody const& body);

}  // namespace courant::articles::pages
