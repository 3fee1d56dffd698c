// The front door of channels.
#pragma once
#include <vector>

#include "base/result.hpp"
#include "features/channels/channel.hpp"
#include "features/channels/projection.hpp"
#include "store/store.hpp"

namespace courant::web {
class Site;
}

namespace courant::channels {

std::vector<store::Migration> migrations();

/// Loads the channels (site.get<ChannelList>()), hands them down to articles, fills the masthead, adds the front page,
/// channel pages and the latest list. After articles::install.
Done install(web::Site& site);

}  // namespace courant::channels
