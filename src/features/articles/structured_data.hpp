// What an article's page tells machines: schema.org as JSON-LD, Open Graph's article properties, and the JSON of the
// API.
#pragma once
#include "base/json.hpp"
#include "features/articles/bodies.hpp"
#include "features/articles/projection.hpp"
#include "web/context.hpp"

namespace courant::articles {

/// Elements of <head>: `NewsArticle` and `BreadcrumbList` (schema.org), article:published_time and its kin (ogp.me).
Result<web::TrustedHtml> structured_data(web::PageContext& page, Card const& card, ShownBody const& body);

/// The article as /api/v1/articles/{id} gives it; see docs/api.
[[nodiscard]] json::Object public_json(web::PageContext& page, Card const& card, ShownBody const& body);

}  // namespace courant::articles
