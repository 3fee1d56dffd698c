#include "features/channels/channels.hpp"

#include "features/articles/articles.hpp"
#include "features/channels/pages.hpp"
#include "web/embedded.hpp"
#include "web/site.hpp"

namespace courant::channels {
namespace {

articles::ChannelName named(Channel const& channel, web::Language language) {
  return {channel.id, channel.name(language), path_of(channel)};
}

articles::ChannelSource source_of(ChannelList const& list) {
  return {[&list](Id<Channel> id, web::Language language) -> std::optional<articles::ChannelName> {
            auto const channel = list.find(id);
            if (!channel) return std::nullopt;
            return named(*channel, language);
          },
          [&list](web::Language language) {
            std::vector<articles::ChannelName> names;
            for (auto const& channel : *list.all()) names.push_back(named(channel, language));
            return names;
          }};
}

Done follow_the_journal(web::Site& site, ChannelList& list) {
  auto& ground = site.ground();
  auto const loaded = TRY(list.load(ground.store));
  ground.journal.follow_with_rows("channels", loaded, [&site, &list](journal::Event const& event) -> Done {
    if (!event.kind.starts_with("channels.")) return {};
    TRY(list.reload(site.ground().store));
    web::DependencyKey const keys[] = {web::kEveryPage, event.subject};  // the masthead is everywhere
    site.pages().evict(keys);
    return {};
  });
  return {};
}

}  // namespace

std::vector<store::Migration> migrations() { return web::migrations_of("channels"); }

Done install(web::Site& site) {
  auto& list = site.keep<ChannelList>();
  TRY(follow_the_journal(site, list));
  articles::set_channels(site, source_of(list));
  site.slots().fill(web::kMastheadChannels, web::Slots::Filler<web::Frame>(pages::masthead));
  site.routes().page("/", pages::show_front).query = {"p", "page_id"};
  site.routes().page("/latest", pages::show_latest).query = {"before"};
  site.routes().page("/channel/{slug}", pages::show_channel).query = {"before"};
  return {};
}

}  // namespace courant::channels
