#include "features/authors/commands.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "features/accounts/world_for_tests.hpp"
#include "features/authors/authors.hpp"
#include "features/authors/events.hpp"
#include "features/authors/projection.hpp"
#include "features/authors/sql.hpp"

namespace courant::authors {

using accounts::testing::World;
using store::testing::either_engine;
using store::testing::require;

namespace {

Profile profile(std::string handle, std::string name = "Tide Watch") {
  return {std::move(handle), std::move(name), "Watches the tides.", "Sea", "Xiamen", AuthorKind::individual};
}

std::string complaint_of(Result<Changed> const& result) {
  if (result.ok()) return "";
  auto const& error = result.error();
  return error.complaints.empty() ? error.message : error.complaints[0].message;
}

Author row(World& world, Id<Author> id) {
  auto found = require(
      store::read_value(*world.store, [&](store::Connection& connection) { return sql::with_id(connection, id); }));
  REQUIRE(found);
  return *found;
}

journal::Event event_of(std::string_view kind, Id<Author> author, std::int64_t version) {
  journal::Event event;
  event.kind = kind;
  event.subject = author.value;
  event.version = version;
  return event;
}

}  // namespace

TEST_CASE("an account with the role of author joins once") {
  auto const database = either_engine();
  World world(*database, migrations());
  auto const account = world.join("writer", web::Role::author);
  auto const joined = require(join(world.means(), account, profile(" @Tide-Watch "), ""));
  auto const author = row(world, joined.author);
  CHECK(author.handle == "tide-watch");
  CHECK(author.account == account);
  CHECK(author.joined_at == world.clock.now());
  CHECK(complaint_of(join(world.means(), account, profile("other"), "")) == "authors.already_author");
}

TEST_CASE("readers and suspended people do not join") {
  auto const database = either_engine();
  World world(*database, migrations());
  auto const reader = world.join("reader");
  CHECK(complaint_of(join(world.means(), reader, profile("reader"), "")) == "authors.not_an_author");
  auto const suspended = world.join("suspended", web::Role::author);
  require(accounts::set_state(world.means(), suspended, AccountState::suspended, audit::by_system()));
  CHECK(complaint_of(join(world.means(), suspended, profile("suspended"), "")) == "authors.not_an_author");
}

TEST_CASE("a handle that looks like a taken one is taken") {
  auto const database = either_engine();
  World world(*database, migrations());
  require(join(world.means(), world.join("one", web::Role::author), profile("ocean"), ""));
  auto const two = world.join("two", web::Role::author);
  CHECK(complaint_of(join(world.means(), two, profile("0-cean"), "")) == "authors.handle_taken");
  CHECK(join(world.means(), two, profile("oceans"), "").ok());
}

TEST_CASE("of two who want one handle at once, one gets it") {
  auto const database = either_engine();
  World world(*database, migrations());
  std::array const accounts{world.join("one", web::Role::author), world.join("two", web::Role::author),
                            world.join("three", web::Role::author)};
  std::array<std::string, 3> outcomes;
  std::vector<std::thread> people;
  for (std::size_t i = 0; i < accounts.size(); ++i)
    people.emplace_back([&, i] { outcomes[i] = complaint_of(join(world.means(), accounts[i], profile("ocean"), "")); });
  for (auto& person : people) person.join();
  CHECK(std::ranges::count(outcomes, "") == 1);
  CHECK(std::ranges::count(outcomes, "authors.handle_taken") == 2);
}

TEST_CASE("a handle given up leads to its author and to nobody else") {
  auto const database = either_engine();
  World world(*database, migrations());
  auto const one = world.join("one", web::Role::author);
  auto const two = world.join("two", web::Role::author);
  auto const author = require(join(world.means(), one, profile("first"), "")).author;
  require(join(world.means(), two, profile("second"), ""));
  require(change_profile(world.means(), one, 1, profile("renamed"), ""));
  CHECK(complaint_of(change_profile(world.means(), two, 1, profile("first"), "")) == "authors.handle_taken");

  Projection projection(*world.store);
  require(projection.load());
  auto const old = projection.with_handle("first");
  REQUIRE(old.author);
  CHECK(old.author->id == author);
  CHECK_FALSE(old.is_current);
  CHECK(projection.with_handle("renamed").is_current);
  CHECK_FALSE(projection.with_handle("Renamed").is_current);
  CHECK_FALSE(projection.with_handle("nobody").author);

  require(change_profile(world.means(), one, 2, profile("first"), ""));  // and back again
  require(projection.apply(event_of(kAuthorChanged, author, 3)));
  CHECK(projection.with_handle("first").is_current);
  CHECK(projection.with_handle("renamed").author->id == author);
}

TEST_CASE("who saves over another window's change is told") {
  auto const database = either_engine();
  World world(*database, migrations());
  auto const account = world.join("writer", web::Role::author);
  auto const author = require(join(world.means(), account, profile("writer"), "")).author;
  require(change_profile(world.means(), account, 1, profile("writer", "New Name"), ""));
  auto const late = change_profile(world.means(), account, 1, profile("writer", "Late Name"), "");
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().kind == ErrorKind::conflict);
  CHECK(row(world, author).name == "New Name");
  CHECK(row(world, author).version == 2);
  CHECK(complaint_of(change_profile(world.means(), world.join("none", web::Role::author), 1, profile("x1"), "")) ==
        "authors.no_profile_yet");
}

TEST_CASE("names are kept as they will be shown") {
  auto const database = store::testing::sqlite();
  World world(*database, migrations());
  auto const account = world.join("writer", web::Role::author);
  auto typed = profile("writer", " Tide\u202E \u200BWatch ");
  typed.bio = "  two\nlines  ";
  auto const author = row(world, require(join(world.means(), account, typed, "")).author);
  CHECK(author.name == "Tide Watch");
  CHECK(author.bio == "two\nlines");
}

TEST_CASE("imported authors get a free handle and no account") {
  auto const database = either_engine();
  World world(*database, migrations());
  auto const import = [&](std::string const& name, std::string const& handle) {
    auto const id = require(store::write_value(*world.store, [&](store::Transaction& transaction) {
      return add_imported(transaction, world.ids, world.clock, name, handle, Time{1'500'000'000'000'000});
    }));
    return row(world, id);
  };
  auto const first = import("张伟", "");
  CHECK(first.handle == "张伟");
  CHECK_FALSE(first.account);
  CHECK(first.joined_at == Time{1'500'000'000'000'000});
  CHECK(import("张伟", "").handle == "张伟-2");
  CHECK(import("张 伟", "").handle == "张-伟-3");
  CHECK(import("Somebody", "Admin").handle == "somebody");
  CHECK(import("Somebody", "chosen").handle == "chosen");
  CHECK(import("\u202E", "").name == "author");
  for (int i = 0; i < 12; ++i) import("Same Name", "");
  Projection projection(*world.store);
  require(projection.load());
  CHECK(projection.count() == 18);
}

TEST_CASE("what is loaded equals what was followed") {
  auto const database = either_engine();
  World world(*database, migrations());
  Projection followed(*world.store);
  auto const head = require(followed.load());

  auto const one = world.join("one", web::Role::author);
  auto const two = world.join("two", web::Role::author);
  auto const first = require(join(world.means(), one, profile("first"), "")).author;
  auto const second = require(join(world.means(), two, profile("second"), "")).author;
  require(followed.apply(event_of(kAuthorJoined, first, 1)));
  require(change_profile(world.means(), one, 1, profile("renamed", "Another"), ""));
  require(followed.apply(event_of(kAuthorJoined, second, 1)));
  require(followed.apply(event_of(kAuthorChanged, first, 2)));
  require(set_state(world.means(), second, AuthorState::suspended, one));
  require(followed.apply(event_of(kAuthorChanged, second, 2)));
  require(followed.apply(event_of(kAuthorChanged, first, 1)));  // old news
  require(followed.apply(event_of("articles.published", first, 9)));

  Projection loaded(*world.store);
  CHECK(require(loaded.load()) >= head);
  CHECK(loaded.dump() == followed.dump());
  CHECK(loaded.author_of(one)->name == "Another");
  CHECK(loaded.find(second)->state == AuthorState::suspended);
  CHECK(loaded.newest({}, 10).front()->id == second);
  CHECK(loaded.newest(second, 10).size() == 1);
}

TEST_CASE("a journal that runs keeps the projection up to date") {
  auto const database = either_engine();
  World world(*database, migrations());
  SystemClock const clock;
  auto const journal = require(journal::Journal::open(*world.store, clock, {}));
  Projection projection(*world.store);
  journal->follow_with_rows("authors", require(projection.load()),
                            [&](journal::Event const& event) { return projection.apply(event); });
  require(journal->start());
  auto const account = world.join("writer", web::Role::author);
  auto const joined = require(join(world.means(), account, profile("writer"), ""));
  journal->wake();
  require(journal->wait_applied(joined.event, 5s));
  CHECK(projection.author_of(account)->handle == "writer");
  journal->stop();
}

}  // namespace courant::authors
