#include "features/channels/commands.hpp"

#include <doctest/doctest.h>

#include "features/channels/channels.hpp"
#include "features/channels/projection.hpp"
#include "journal/journal.hpp"
#include "store/testing.hpp"

namespace courant::channels {
namespace {

using store::testing::require;

struct Desk {
  explicit Desk(store::testing::Database const& database) : store(database.open(steps())) {}

  static std::vector<store::Migration> steps() {
    auto steps = journal::migrations();
    auto const own = channels::migrations();
    steps.insert(steps.end(), own.begin(), own.end());
    return steps;
  }

  Result<Changed> add(Channel const& channel) {
    return store::write_value(
        *store, [&](store::Transaction& transaction) { return add_channel(transaction, tools, {}, channel); });
  }
  Result<Changed> change(Channel const& channel) {
    return store::write_value(
        *store, [&](store::Transaction& transaction) { return change_channel(transaction, tools, {}, channel); });
  }
  Result<Changed> ensure(std::string_view name) {
    return store::write_value(
        *store, [&](store::Transaction& transaction) { return ensure_channel(transaction, tools, {}, name); });
  }
  ManualClock clock{Time{1'790'000'000'000'000}};
  IdSource ids{clock, 1};
  Tools tools{ids, clock};
  std::unique_ptr<store::Store> store;
};

TEST_CASE("a new site has its usual channels, in order, in both languages") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  ChannelList list;
  require(list.load(*desk.store));
  auto const all = list.all();
  REQUIRE(all->size() == 11);
  CHECK(all->front().slug == "news");
  CHECK(all->front().name(web::Language::zh_hans) == "要闻");
  CHECK(all->front().name(web::Language::en) == "News");
  CHECK(list.find_slug("courses")->kind == ChannelKind::course);
}

TEST_CASE("a channel is known by slug and by either name, and made when nobody has it") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  CHECK(require(desk.ensure("sports")).channel == require(desk.ensure("体育")).channel);
  CHECK(require(desk.ensure(" SPORTS ")).channel == Id<Channel>{102});
  CHECK(!require(desk.ensure("Sports")).event);

  auto const made = require(desk.ensure("编程 & 算法"));
  CHECK(made.event);
  CHECK(require(desk.ensure("编程 & 算法")).channel == made.channel);
  ChannelList list;
  require(list.load(*desk.store));
  CHECK(list.find(made.channel)->slug == "编程-算法");
  CHECK(list.all()->back().id == made.channel);
  CHECK(desk.ensure("***").error().kind == ErrorKind::invalid);
}

TEST_CASE("a renamed channel is still found by the slug that it had") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  ChannelList list;
  require(list.load(*desk.store));
  Channel sports = *list.find_slug("sports");
  sports.slug = "sport";
  sports.name_en = "Sport";
  CHECK(require(desk.change(sports)).event);
  require(list.reload(*desk.store));
  CHECK(!list.find_slug("sports"));
  CHECK(list.find_old_slug("sports")->slug == "sport");
  CHECK(require(desk.ensure("sports")).channel == sports.id);

  sports.slug = "sports";  // and back
  require(desk.change(sports));
  require(list.reload(*desk.store));
  CHECK(list.find_slug("sports")->id == sports.id);
  CHECK(list.find_old_slug("sport")->id == sports.id);
}

TEST_CASE("a change that changes nothing makes no event") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  ChannelList list;
  require(list.load(*desk.store));
  CHECK(!require(desk.change(*list.find_slug("sports"))).event);
}

TEST_CASE("no two channels share a name or an address, not even a former one") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  CHECK(desk.add(channel_named("News")).error().kind == ErrorKind::conflict);
  CHECK(desk.add(channel_named("要闻")).error().kind == ErrorKind::conflict);
  ChannelList list;
  require(list.load(*desk.store));
  Channel sports = *list.find_slug("sports");
  sports.slug = "sport";
  require(desk.change(sports));
  Channel thief = channel_named("Other");
  thief.slug = "sports";
  CHECK(desk.add(thief).error().kind == ErrorKind::conflict);
}

TEST_CASE("a channel with a bad name or address is refused with all complaints") {
  Channel channel;
  channel.slug = "No Good";
  channel.name_zh = std::string(kMaximalName + 1, 'x');
  auto const complaints = complaints_about(channel);
  REQUIRE(complaints.size() == 3);
  CHECK(complaints[0].field == "name_zh");
  CHECK(complaints[1].field == "name_en");
  CHECK(complaints[2].field == "slug");
}

}  // namespace
}  // namespace courant::channels
