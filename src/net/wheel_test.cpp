#include "net/wheel.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace courant::net {
namespace {

struct Deadline : Wheel::Entry {
  explicit Deadline(int number_in) : number(number_in) {}
  int number;
};

std::vector<int> advance(Wheel& wheel, Tick ticks) {
  std::vector<int> expired;
  wheel.advance(ticks, [&](Wheel::Entry& entry) { expired.push_back(static_cast<Deadline&>(entry).number); });
  return expired;
}

}  // namespace

TEST_CASE("an entry expires at its tick and not before") {
  Wheel wheel;
  Deadline near(1), far(2), never(3);
  wheel.add(near, 3);
  wheel.add(far, 1000);
  wheel.add(never, kNever);
  CHECK(advance(wheel, 2).empty());
  CHECK(advance(wheel, 1) == std::vector<int>{1});
  CHECK(advance(wheel, 996).empty());
  CHECK(advance(wheel, 1) == std::vector<int>{2});
  CHECK(advance(wheel, 5000).empty());
  CHECK(wheel.size() == 3);
}

TEST_CASE("a deadline can be moved both ways") {
  Wheel wheel;
  Deadline entry(1);
  wheel.add(entry, 10);
  advance(wheel, 9);
  wheel.set_due(entry, 300);
  CHECK(advance(wheel, 290).empty());
  wheel.set_due(entry, 299 + 5);
  wheel.set_due(entry, 299 + 2);
  CHECK(advance(wheel, 1).empty());
  CHECK(advance(wheel, 1) == std::vector<int>{1});
}

TEST_CASE("an entry may set its next deadline, or leave, when it expires") {
  Wheel wheel;
  Deadline again(1), leaves(2), stays(3);
  wheel.add(again, 1);
  wheel.add(leaves, 1);
  wheel.add(stays, 2);
  std::vector<int> expired;
  wheel.advance(5, [&](Wheel::Entry& entry) {
    auto const number = static_cast<Deadline&>(entry).number;
    expired.push_back(number);
    if (number == 1) wheel.set_due(entry, wheel.now() + 2);
    if (number == 2) wheel.remove(entry);
  });
  CHECK(expired == std::vector<int>{1, 2, 3, 1, 1});
  CHECK(wheel.size() == 2);
}

TEST_CASE("everyone is visited once") {
  Wheel wheel;
  std::vector<std::unique_ptr<Deadline>> all;
  for (int i = 0; i < 600; ++i) {
    all.push_back(std::make_unique<Deadline>(i));
    wheel.add(*all.back(), static_cast<Tick>(i));
  }
  std::vector<int> seen(600);
  wheel.for_each([&](Wheel::Entry& entry) { ++seen[static_cast<std::size_t>(static_cast<Deadline&>(entry).number)]; });
  CHECK(seen == std::vector<int>(600, 1));
  CHECK(advance(wheel, 600).size() == 600);
}

}  // namespace courant::net
