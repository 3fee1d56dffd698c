#include "features/channels/commands.hpp"

#include <algorithm>

#include "features/channels/events.hpp"
#include "features/channels/sql.hpp"
#include "journal/journal.hpp"
#include "text/fold.hpp"

namespace courant::channels {
namespace {

constexpr std::int64_t kStep = 10;  // between the positions of new channels, so that one fits in between

/// All that a name or slug must not be mistaken for.
struct Taken {
  std::vector<Channel> channels;
  std::vector<std::pair<std::string, Id<Channel>>> old_slugs;
};

Result<Taken> read_taken(store::Connection& connection) {
  return Taken{TRY(sql::all(connection)), TRY(sql::old_slugs(connection))};
}

bool goes_by(Channel const& channel, std::string const& folded) {
  return text::fold(channel.slug) == folded || text::fold(channel.name_zh) == folded ||
         text::fold(channel.name_en) == folded;
}

/// Whose slug or name it is; those that are so now come before those that were.
Id<Channel> owner_of(Taken const& taken, std::string_view slug_or_name) {
  std::string const folded = text::fold(slug_or_name);
  for (auto const& channel : taken.channels)
    if (goes_by(channel, folded)) return channel.id;
  for (auto const& [slug, channel] : taken.old_slugs)
    if (text::fold(slug) == folded) return channel;
  return {};
}

Done is_fine(Taken const& taken, Channel const& wanted) {
  if (auto complaints = complaints_about(wanted); !complaints.empty()) return invalid(std::move(complaints));
  for (auto const* const word : {&wanted.slug, &wanted.name_zh, &wanted.name_en}) {
    auto const owner = owner_of(taken, *word);
    if (owner && owner != wanted.id) return conflict("channels.slug_taken");
  }
  return {};
}

std::int64_t last_position(Taken const& taken) { return taken.channels.empty() ? 0 : taken.channels.back().position; }

Result<Changed> tell(store::Transaction& transaction, Tools const& tools, Id<Account> actor, std::string_view kind,
                     Channel const& channel) {
  journal::Event event;
  event.kind = kind;
  event.subject = channel.id.value;
  event.version = channel.version;
  event.actor = actor.value;
  return Changed{channel.id, TRY(journal::record(transaction, tools.ids, tools.clock, std::move(event)))};
}

Result<Changed> add(store::Transaction& transaction, Tools const& tools, Id<Account> actor, Taken const& taken,
                    Channel channel) {
  channel.id = tools.ids.next<Channel>();
  channel.version = 1;
  if (channel.position == 0) channel.position = last_position(taken) + kStep;
  TRY(is_fine(taken, channel));
  TRY(sql::insert(transaction, channel));
  return tell(transaction, tools, actor, kAdded, channel);
}

}  // namespace

Result<Changed> add_channel(store::Transaction& transaction, Tools const& tools, Id<Account> actor,
                            Channel const& channel) {
  return add(transaction, tools, actor, TRY(read_taken(transaction)), channel);
}

Result<Changed> change_channel(store::Transaction& transaction, Tools const& tools, Id<Account> actor,
                               Channel const& channel) {
  auto const before = TRY(sql::find_locked(transaction, channel.id));
  if (!before) return missing("channels.no_such_channel");
  Channel after = channel;
  after.version = before->version;
  if (after == *before) return Changed{channel.id, {}};
  ++after.version;
  TRY(is_fine(TRY(read_taken(transaction)), after));
  if (after.slug != before->slug) {
    TRY(sql::remove_old_slug(transaction, after.slug));
    TRY(sql::insert_old_slug(transaction, before->slug, after.id));
  }
  TRY(sql::update(transaction, after));
  return tell(transaction, tools, actor, kChanged, after);
}

Result<Changed> ensure_channel(store::Transaction& transaction, Tools const& tools, Id<Account> actor,
                               std::string_view slug_or_name) {
  auto const taken = TRY(read_taken(transaction));
  std::string const name = text::clean_name(slug_or_name);
  if (auto const there = owner_of(taken, name)) return Changed{there, {}};
  return add(transaction, tools, actor, taken, channel_named(name));
}

}  // namespace courant::channels
