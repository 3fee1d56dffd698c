// journal_test_program URL PLACE: consumes the journal of an existing database and dies, as by a power cut, inside the
// transaction of the batch that holds position PLACE, after writing that batch's effects.
#include <unistd.h>

#include <charconv>
#include <string>

#include "base/bell.hpp"
#include "base/log.hpp"
#include "journal/journal_fixture.hpp"

using namespace courant;

int main(int count, char** arguments) {
  if (count != 3) return 2;
  log::set_up(log::Level::off, log::Style::plain);
  auto const place = std::stoll(arguments[2]);
  auto store = store::Store::open({.url = arguments[1]});
  if (!store.ok()) return 3;
  SystemClock const clock;
  auto journal = journal::Journal::open(**store, clock, {.node = 7});
  if (!journal.ok()) return 4;
  (*journal)->consume("effects", [&](store::Transaction& transaction, std::span<journal::Event const> events) -> Done {
    TRY(journal::fixture::write_effects(transaction, events));
    if (events.back().position >= place) _exit(9);
    return {};
  });
  if (!(*journal)->start().ok()) return 5;
  Bell never;
  never.wait(60s);
  return 6;
}
