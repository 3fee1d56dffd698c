// What operators and imports do with channels.
#pragma once
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "features/channels/channel.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"

namespace courant {
struct Account;
}

namespace courant::channels {

struct Tools {
  IdSource& ids;
  Clock const& clock;
};

struct Changed {
  Id<Channel> channel;
  journal::EventId event;  ///< zero when nothing had to change
};

/// Error: conflict channels.slug_taken (a name or slug that is or was another channel's), invalid with complaints.
Result<Changed> add_channel(store::Transaction& transaction, Tools const& tools, Id<Account> actor,
                            Channel const& channel);
/// Changes names, slug, place and kind; the old slug goes on leading here. Errors: missing, conflict, invalid.
Result<Changed> change_channel(store::Transaction& transaction, Tools const& tools, Id<Account> actor,
                               Channel const& channel);
/// The channel whose slug (now or formerly) or name in any language this is, compared folded; made when there is none.
/// For imports and the command line. Error: invalid for a name without letters or too long.
Result<Changed> ensure_channel(store::Transaction& transaction, Tools const& tools, Id<Account> actor,
                               std::string_view slug_or_name);

}  // namespace courant::channels
