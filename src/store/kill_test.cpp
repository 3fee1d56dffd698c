// kill -9 of the writing process at any moment loses nothing that it acknowledged.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;

/// The life of the process that will be killed: writes as fast as it can and reports each acknowledged id through the
/// pipe.
[[noreturn]] void write_until_killed(std::string const& url, std::int64_t first_id, int pipe) {
  auto const store = Store::open({.url = url, .sqlite_checkpoint_pages = 20, .sqlite_wal_limit = 300'000});
  if (!store.ok()) ::_exit(1);
  std::atomic<std::int64_t> next = first_id;
  std::vector<std::jthread> people;
  for (int person = 0; person < 3; ++person)
    people.emplace_back([&] {
      while (true) {
        std::int64_t const id = next++;
        auto const done = (*store)->write([id](Transaction& transaction) -> Done {
          TRY(kAddThing.run(transaction, {id, std::to_string(id) + std::string(300, 'x')}));
          TRY(kAddPart.run(transaction, {id, 1}));
          return {};
        });
        // Fewer bytes than PIPE_BUF are written whole or not at all.
        if (!done.ok() || ::write(pipe, &id, sizeof id) != sizeof id) ::_exit(2);
      }
    });
  people.clear();
  ::_exit(3);
}

struct Life {
  std::vector<std::int64_t> acknowledged;
  int status = 0;
};

/// Starts the process, kills it after so many acknowledgements, and hands back all that it sent.
Life live_and_die(std::string const& url, std::int64_t first_id, std::size_t acknowledgements) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  int const process = ::fork();
  if (process == 0) {
    ::close(pipe[0]);
    write_until_killed(url, first_id, pipe[1]);
  }
  ::close(pipe[1]);
  Life life;
  bool killed = false;
  std::int64_t id = 0;
  while (::read(pipe[0], &id, sizeof id) == sizeof id) {
    life.acknowledged.push_back(id);
    if (life.acknowledged.size() >= acknowledgements && !std::exchange(killed, true)) ::kill(process, SIGKILL);
  }
  ::close(pipe[0]);
  ::waitpid(process, &life.status, 0);
  return life;
}

void check(Store& store, std::set<std::int64_t> const& acknowledged) {
  Statement<std::tuple<>, std::tuple<std::int64_t, std::optional<std::int64_t>>> const kIds{
      "SELECT t.id, p.thing_id FROM things t LEFT JOIN parts p ON p.thing_id = t.id"};
  std::set<std::int64_t> there;
  require(store.read([&](Connection& connection) {
    return kIds.each(connection, {}, [&](std::tuple<std::int64_t, std::optional<std::int64_t>> const& row) {
      auto const& [thing, part] = row;
      CHECK(part.has_value());
      there.insert(thing);
    });
  }));
  CHECK(std::includes(there.begin(), there.end(), acknowledged.begin(), acknowledged.end()));
}

TEST_CASE("a process killed at any moment, forty times on one database, loses nothing acknowledged") {
  auto const database = either_engine();
  [[maybe_unused]] auto migrated = database->open(things());
  migrated.reset();
  std::mt19937 random(7);
  std::set<std::int64_t> acknowledged;
  int const lives = database->engine() == Engine::sqlite ? 40 : 8;
  for (int life = 0; life < lives; ++life) {
    CAPTURE(life);
    auto const told = live_and_die(database->url(), 1 + life * 1'000'000, 1 + random() % 150);
    REQUIRE(WIFSIGNALED(told.status));
    acknowledged.insert(told.acknowledged.begin(), told.acknowledged.end());
    check(*database->open(things()), acknowledged);
  }
  CHECK(acknowledged.size() > static_cast<std::size_t>(lives));
  if (database->engine() == Engine::sqlite) {
    auto const store = database->open(things());
    Statement<std::tuple<>, std::tuple<std::string>> const kCheck{"PRAGMA integrity_check"};
    CHECK(std::get<0>(*require(
              read_value(*store, [&](Connection& connection) { return kCheck.first(connection, {}); }))) == "ok");
  }
}

}  // namespace
}  // namespace courant::store
