#include "text/diff.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace courant::text;

namespace {
using Kind = Change::Kind;

std::string side(std::vector<Change> const& changes, Kind other) {
  std::string text;
  for (Change const& change : changes) {
    if (change.kind != other) text += change.text;
  }
  return text;
}
std::size_t edited(std::vector<Change> const& changes) {
  std::size_t bytes = 0;
  for (Change const& change : changes) bytes += change.kind == Kind::same ? 0 : change.text.size();
  return bytes;
}
}  // namespace

TEST_CASE("a correction shows what went and what came") {
  CHECK(diff("The cat sat.", "The dog sat.") ==
        std::vector<Change>{
            {Kind::same, "The "}, {Kind::deleted, "cat"}, {Kind::inserted, "dog"}, {Kind::same, " sat."}});
  CHECK(diff("北京今天晴", "北京明天晴") ==
        std::vector<Change>{{Kind::same, "北京"}, {Kind::deleted, "今"}, {Kind::inserted, "明"}, {Kind::same, "天晴"}});
  CHECK(diff("", "").empty());
  CHECK(diff("same", "same") == std::vector<Change>{{Kind::same, "same"}});
  CHECK(diff("", "new") == std::vector<Change>{{Kind::inserted, "new"}});
}

TEST_CASE("both texts can be read out of any diff, and it is the shortest") {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    // Words of one letter and a space each; the longest common subsequence by dynamic programming is the measure.
    std::string a, b;
    for (auto* text : {&a, &b}) {
      for (std::size_t i = random() % 30; i > 0; --i)
        *text += static_cast<char>("\u4e00"[0]), *text += "\xB8", *text += static_cast<char>(0x80 + random() % 4);
    }
    std::vector<Change> const changes = diff(a, b);
    CHECK(side(changes, Kind::inserted) == a);
    CHECK(side(changes, Kind::deleted) == b);
    std::size_t const n = a.size() / 3, m = b.size() / 3;
    std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1));
    for (std::size_t i = 1; i <= n; ++i) {
      for (std::size_t j = 1; j <= m; ++j) {
        common[i][j] = a.substr(3 * i - 3, 3) == b.substr(3 * j - 3, 3) ? common[i - 1][j - 1] + 1
                                                                        : std::max(common[i - 1][j], common[i][j - 1]);
      }
    }
    CHECK(edited(changes) / 3 == n + m - 2 * common[n][m]);
  }
}

TEST_CASE("texts with nothing in common take bounded time and come as one deletion and one insertion") {
  std::string a, b;
  for (int i = 0; i < 30000; ++i) {
    a += "a" + std::to_string(i) + " ";
    b += "b" + std::to_string(i) + "\n";
  }
  std::vector<Change> const changes = diff(a, b);
  CHECK(side(changes, Kind::inserted) == a);
  CHECK(side(changes, Kind::deleted) == b);
  CHECK(changes.size() <= 3);
}
