#include "features/accounts/sessions.hpp"

#include <doctest/doctest.h>

#include "features/accounts/events.hpp"
#include "features/accounts/sql.hpp"
#include "features/accounts/world_for_tests.hpp"

namespace courant::accounts {

using store::testing::either_engine;
using store::testing::require;
using testing::World;

namespace {

std::optional<sql::OpenSession> row_of(World& world, SignedIn const& signed_in) {
  return require(store::read_value(*world.store, [&](store::Connection& connection) {
    return sql::session_with_hash(connection, signed_in.viewer.session);
  }));
}

/// A write that waits in line behind everything that was submitted.
void settle(World& world) {
  require(world.store->write([](store::Transaction&) { return Done(); }));
}

}  // namespace

TEST_CASE("a token is 256 random bits and the database knows its hash only") {
  CHECK(new_token().size() == 43);
  CHECK(new_token() != new_token());
  auto const token = new_token();
  CHECK(token_hash(token).size() == 64);
  CHECK(csrf_token(token) != csrf_token(new_token()));
  CHECK(csrf_token(token).find(token_hash(token)) == std::string::npos);
}

TEST_CASE("an unused session is over after 14 days") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const signed_in = world.enter("reader");
  world.clock.advance(14 * 24h - 1s);
  CHECK(world.viewer(signed_in.token));
  settle(world);
  world.clock.advance(14 * 24h - 1s);  // it was used just now, so the days count anew
  CHECK(world.viewer(signed_in.token));
  settle(world);
  world.clock.advance(14 * 24h);
  CHECK_FALSE(world.viewer(signed_in.token));
}

TEST_CASE("a session is over after 90 days however much it is used") {
  auto const database = store::testing::sqlite();
  World world(*database);
  world.join("reader");
  auto const signed_in = world.enter("reader");
  for (int day = 0; day < 89; ++day) {
    world.clock.advance(24h);
    REQUIRE(world.viewer(signed_in.token));
  }
  world.clock.advance(24h);
  CHECK_FALSE(world.viewer(signed_in.token));
}

TEST_CASE("the last use is written at most hourly") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const signed_in = world.enter("reader");
  auto const start = world.clock.now();
  world.clock.advance(59min);
  CHECK(world.viewer(signed_in.token));
  settle(world);
  CHECK(row_of(world, signed_in)->session.last_seen_at == start);
  world.clock.advance(1min);
  CHECK(world.viewer(signed_in.token));
  world.store.reset();  // closing finishes what was submitted
  world.store = database->open(World::steps({}));
  CHECK(row_of(world, signed_in)->session.last_seen_at == start + 1h);
}

TEST_CASE("a session used on another node is not taken for idle") {
  auto const database = store::testing::sqlite();
  World world(*database);
  world.join("reader");
  auto const signed_in = world.enter("reader");
  CHECK(world.viewer(signed_in.token));
  world.clock.advance(13 * 24h);
  SessionCache other_node;
  CHECK(require(viewer_with_token(*world.store, other_node, world.clock, signed_in.token)));
  settle(world);
  world.clock.advance(2 * 24h);  // 15 days since this node saw it
  CHECK(world.viewer(signed_in.token));
}

TEST_CASE("the cache forgets an account's sessions when told, and nobody else's") {
  auto const database = store::testing::sqlite();
  World world(*database);
  auto const one = world.join("one");
  world.join("two");
  world.viewer(world.enter("one").token);
  world.viewer(world.enter("one").token);
  world.viewer(world.enter("two").token);
  CHECK(world.cache.size() == 3);
  world.tell_cache(one, kAccountJoined);
  CHECK(world.cache.size() == 3);
  world.tell_cache(one, kSessionsEnded);
  CHECK(world.cache.size() == 1);
}

TEST_CASE("what was read before a session ended is not kept after it") {
  SessionCache cache;
  KeptSession session;
  session.viewer.account = {7};
  auto const moment = cache.moment();
  journal::Event event;
  event.kind = kSessionsEnded;
  event.subject = 7;
  cache.apply(event);
  cache.keep("hash", session, moment);
  CHECK_FALSE(cache.find("hash"));
  cache.keep("hash", session, cache.moment());
  CHECK(cache.find("hash"));
}

TEST_CASE("the cache is bounded and keeps what was lately used") {
  SessionCache cache(2);
  cache.keep("a", {}, cache.moment());
  cache.keep("b", {}, cache.moment());
  CHECK(cache.find("a"));
  cache.keep("c", {}, cache.moment());
  CHECK(cache.size() == 2);
  CHECK(cache.find("a"));
  CHECK_FALSE(cache.find("b"));
}

TEST_CASE("old sessions leave the table") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const old = world.enter("reader");
  world.clock.advance(20 * 24h);
  auto const fresh = world.enter("reader");
  auto const now = world.clock.now();
  require(world.store->write([&](store::Transaction& transaction) -> Done {
    CHECK(TRY(sql::delete_sessions_before(transaction, now - kIdleSession, now - kLongestSession)) == 1);
    return {};
  }));
  CHECK_FALSE(row_of(world, old));
  CHECK(row_of(world, fresh));
}

}  // namespace courant::accounts
