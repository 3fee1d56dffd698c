// The front door of channels.
#pragma once
#include <vector>

#include "base/result.hpp"
#include "features/channels/channel.hpp"
#include "features/channels/projection.hpp"
#include "store/store.hpp"
#include "web/slot.hpp"

namespace courant::web {
class Site;
}

namespace courant::channels {

std::vector<store::Migration> migrations();

/// Loads the channels (site.get<ChannelList>()), hands them down to articles, fills the masthead, adds the front page,
/// channel pages and the latest list. After articles::install.
Done install(web::Site& site);

/// Further elements of <head>, such as links to feeds: of a channel's page, and of the front page and the latest list.
inline constexpr web::Slot<Channel> kChannelHead{"channels.channel_head"};
inline constexpr web::Slot<web::Frame> kFrontHead{"channels.front_head"};

}  // namespace courant::channels
