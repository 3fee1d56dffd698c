// The statements of channels; nowhere else.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "features/channels/channel.hpp"
#include "store/store.hpp"

namespace courant::channels::sql {

/// In the order of their positions.
Result<std::vector<Channel>> all(store::Connection& connection);
Result<std::vector<std::pair<std::string, Id<Channel>>>> old_slugs(store::Connection& connection);
Result<std::optional<Channel>> find_locked(store::Transaction& transaction, Id<Channel> id);
Done insert(store::Transaction& transaction, Channel const& channel);
Done update(store::Transaction& transaction, Channel const& channel);
Done insert_old_slug(store::Transaction& transaction, std::string const& slug, Id<Channel> channel);
Done remove_old_slug(store::Transaction& transaction, std::string const& slug);

}  // namespace courant::channels::sql
