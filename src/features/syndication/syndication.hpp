// The front door of syndication: feeds, sitemaps, robots.txt.
#pragma once
#include "base/result.hpp"

namespace courant::web {
class Site;
}

namespace courant::syndication {

/// Adds the routes and fills the heads of front, channel and author pages with links to their feeds. After
/// channels::install. Keeps nothing and owns no table.
Done install(web::Site& site);

}  // namespace courant::syndication
