// All channels, in memory; there are few, so readers get a copy of the whole.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "features/channels/channel.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"

namespace courant::channels {

class ChannelList {
 public:
  /// In the order of their positions. The list stays as it is while somebody holds it.
  using All = std::shared_ptr<std::vector<Channel> const>;

  Result<journal::Position> load(store::Store& store);
  /// Reads all channels anew: there are few, and they change seldom.
  Done reload(store::Store& store);

  [[nodiscard]] All all() const;
  [[nodiscard]] std::optional<Channel> find(Id<Channel> id) const;
  [[nodiscard]] std::optional<Channel> find_slug(std::string_view slug) const;
  /// By a slug that it had once.
  [[nodiscard]] std::optional<Channel> find_old_slug(std::string_view slug) const;

 private:
  Done read(store::Connection& connection);

  mutable std::mutex mutex_;
  All all_ = std::make_shared<std::vector<Channel> const>();
  std::shared_ptr<std::vector<std::pair<std::string, Id<Channel>>> const> old_slugs_ =
      std::make_shared<std::vector<std::pair<std::string, Id<Channel>>> const>();
};

}  // namespace courant::channels
