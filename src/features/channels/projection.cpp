#include "features/channels/projection.hpp"

#include <algorithm>

#include "features/channels/sql.hpp"
#include "journal/journal.hpp"

namespace courant::channels {

Result<journal::Position> ChannelList::load(store::Store& store) {
  journal::Position head = 0;
  TRY(store.snapshot([&](store::Connection& connection) -> Done {
    head = TRY(journal::head(connection));
    return read(connection);
  }));
  return head;
}

Done ChannelList::reload(store::Store& store) {
  return store.snapshot([this](store::Connection& connection) { return read(connection); });
}

Done ChannelList::read(store::Connection& connection) {
  auto channels = std::make_shared<std::vector<Channel> const>(TRY(sql::all(connection)));
  auto old_slugs =
      std::make_shared<std::vector<std::pair<std::string, Id<Channel>>> const>(TRY(sql::old_slugs(connection)));
  std::scoped_lock lock(mutex_);
  all_ = std::move(channels);
  old_slugs_ = std::move(old_slugs);
  return {};
}

ChannelList::All ChannelList::all() const {
  std::scoped_lock lock(mutex_);
  return all_;
}

std::optional<Channel> ChannelList::find(Id<Channel> id) const {
  auto const channels = all();
  auto const found = std::ranges::find(*channels, id, &Channel::id);
  if (found == channels->end()) return std::nullopt;
  return *found;
}

std::optional<Channel> ChannelList::find_slug(std::string_view slug) const {
  auto const channels = all();
  auto const found = std::ranges::find(*channels, slug, &Channel::slug);
  if (found == channels->end()) return std::nullopt;
  return *found;
}

std::optional<Channel> ChannelList::find_old_slug(std::string_view slug) const {
  auto const old_slugs = [this] {
    std::scoped_lock lock(mutex_);
    return old_slugs_;
  }();
  auto const found = std::ranges::find(*old_slugs, slug, &std::pair<std::string, Id<Channel>>::first);
  if (found == old_slugs->end()) return std::nullopt;
  return find(found->second);
}

}  // namespace courant::channels
