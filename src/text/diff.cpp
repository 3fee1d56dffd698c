#include "text/diff.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>

#include "text/utf8.hpp"

namespace courant::text {
namespace {

using Word = std::uint32_t;  // number of a distinct word

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
  return !is_white_space(c) && !is_han(c) && !is_kana(c) && !(c >= 0x2000 && c <= 0x206F) &&
         !(c >= 0x3000 && c <= 0x303F) && !(c >= 0xFF00 && c <= 0xFF65);
}

/// A run of letters and digits, a run of white space, or any other single character.
std::vector<std::string_view> words_of(std::string_view text) {
  enum class Run { none, letters, space };
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  Run run = Run::none;
  for (std::size_t at = 0; at < text.size();) {
    Decoded const decoded = decode(text, at);
    Run const here = !decoded.well_formed                ? Run::none
                     : is_white_space(decoded.character) ? Run::space
                     : is_letter(decoded.character)      ? Run::letters
                                                         : Run::none;
    if (at > begin && (here != run || here == Run::none)) {
      words.push_back(text.substr(begin, at - begin));
      begin = at;
    }
    run = here;
    at += decoded.bytes;
  }
  if (begin < text.size()) words.push_back(text.substr(begin));
  return words;
}

/// Writes the edit down; neighbouring pieces of a kind become one.
class Script {
 public:
  void add(Change::Kind kind, std::span<std::string_view const> words) {
    if (words.empty()) return;
    if (changes_.empty() || changes_.back().kind != kind) changes_.push_back({kind, {}});
    for (std::string_view const word : words) changes_.back().text += word;
  }
  [[nodiscard]] std::vector<Change> take() { return std::move(changes_); }

 private:
  std::vector<Change> changes_;
};

using Words = std::span<Word const>;

class Comparison {
 public:
  Comparison(std::vector<std::string_view> const& before, std::vector<std::string_view> const& after,
             std::size_t maximal_edits)
      : before_(before), after_(after), maximal_edits_(static_cast<std::ptrdiff_t>(maximal_edits)) {
    std::unordered_map<std::string_view, Word> numbers;
    auto const number = [&](std::string_view word) {
      return numbers.try_emplace(word, static_cast<Word>(numbers.size())).first->second;
    };
    for (std::string_view const word : before) a_.push_back(number(word));
    for (std::string_view const word : after) b_.push_back(number(word));
  }

  std::vector<Change> run() {
    compare(0, a_.size(), 0, b_.size());
    return script_.take();
  }

 private:
  struct Snake {
    std::ptrdiff_t x = 0, y = 0, u = 0, v = 0;  // from (x, y) to (u, v), along a diagonal
    bool found = false;
  };

  void compare(std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) {
    std::size_t const a_begin = a;
    while (a < a_end && b < b_end && a_[a] == b_[b]) ++a, ++b;
    add(Change::Kind::same, a_begin, a);
    std::size_t tail = 0;
    while (a + tail < a_end && b + tail < b_end && a_[a_end - 1 - tail] == b_[b_end - 1 - tail]) ++tail;
    a_end -= tail;
    b_end -= tail;
    difference(a, a_end, b, b_end);
    add(Change::Kind::same, a_end, a_end + tail);
  }

  /// REQUIRES: neither the first nor the last words are equal.
  void difference(std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) {
    if (a == a_end || b == b_end) {
      add(Change::Kind::deleted, a, a_end);
      return add_inserted(b, b_end);
    }
    Snake const middle = middle_snake(Words(a_).subspan(a, a_end - a), Words(b_).subspan(b, b_end - b));
    if (!middle.found) {
      add(Change::Kind::deleted, a, a_end);
      return add_inserted(b, b_end);
    }
    compare(a, a + static_cast<std::size_t>(middle.x), b, b + static_cast<std::size_t>(middle.y));
    add(Change::Kind::same, a + static_cast<std::size_t>(middle.x), a + static_cast<std::size_t>(middle.u));
    compare(a + static_cast<std::size_t>(middle.u), a_end, b + static_cast<std::size_t>(middle.v), b_end);
  }

  /// Myers 1986, section 4b: searches from both ends at once until the paths meet.
  Snake middle_snake(Words a, Words b) {
    auto const n = static_cast<std::ptrdiff_t>(a.size()), m = static_cast<std::ptrdiff_t>(b.size());
    std::ptrdiff_t const delta = n - m;
    bool const odd = delta % 2 != 0;
    std::ptrdiff_t const most = std::min((n + m + 1) / 2, (maximal_edits_ + 1) / 2);
    std::ptrdiff_t const offset = most + 1;
    forward_.assign(static_cast<std::size_t>(2 * offset + 1), 0);
    backward_.assign(static_cast<std::size_t>(2 * offset + 1), 0);
    auto const at = [offset](std::vector<std::ptrdiff_t>& v, std::ptrdiff_t k) -> std::ptrdiff_t& {
      return v[static_cast<std::size_t>(offset + k)];
    };
    for (std::ptrdiff_t d = 0; d <= most; ++d) {
      for (std::ptrdiff_t k = -d; k <= d; k += 2) {
        bool const down = k == -d || (k != d && at(forward_, k - 1) < at(forward_, k + 1));
        std::ptrdiff_t x = down ? at(forward_, k + 1) : at(forward_, k - 1) + 1;
        std::ptrdiff_t const start = x;
        while (x < n && x - k < m && x - k >= 0 && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
          ++x;
        at(forward_, k) = x;
        std::ptrdiff_t const opposite = delta - k;
        if (odd && inside(x, k, n, m) && opposite >= -(d - 1) && opposite <= d - 1 &&
            x + at(backward_, opposite) >= n) {
          return checked({start, start - k, x, x - k, true}, n, m);
        }
      }
      for (std::ptrdiff_t k = -d; k <= d; k += 2) {
        bool const down = k == -d || (k != d && at(backward_, k - 1) < at(backward_, k + 1));
        std::ptrdiff_t x = down ? at(backward_, k + 1) : at(backward_, k - 1) + 1;
        std::ptrdiff_t const start = x;
        while (x < n && x - k < m && x - k >= 0 &&
               a[static_cast<std::size_t>(n - 1 - x)] == b[static_cast<std::size_t>(m - 1 - (x - k))])
          ++x;
        at(backward_, k) = x;
        std::ptrdiff_t const opposite = delta - k;
        if (!odd && inside(x, k, n, m) && opposite >= -d && opposite <= d && x + at(forward_, opposite) >= n) {
          return checked({n - x, m - (x - k), n - start, m - (start - k), true}, n, m);
        }
      }
    }
    return {};
  }

  static bool inside(std::ptrdiff_t x, std::ptrdiff_t k, std::ptrdiff_t n, std::ptrdiff_t m) {
    return x <= n && x - k >= 0 && x - k <= m;
  }

  /// A path may run over the edge of the square before the other side meets it; such a meeting is none.
  static Snake checked(Snake snake, std::ptrdiff_t n, std::ptrdiff_t m) {
    bool const inside = snake.x >= 0 && snake.y >= 0 && snake.u <= n && snake.v <= m && snake.x <= snake.u;
    bool const splits = (snake.x < n || snake.y < m) && (snake.u > 0 || snake.v > 0);
    snake.found = inside && splits;
    return snake;
  }

  void add(Change::Kind kind, std::size_t begin, std::size_t end) {
    script_.add(kind, std::span(before_).subspan(begin, end - begin));
  }
  void add_inserted(std::size_t begin, std::size_t end) {
    script_.add(Change::Kind::inserted, std::span(after_).subspan(begin, end - begin));
  }

  std::vector<std::string_view> const& before_;
  std::vector<std::string_view> const& after_;
  std::ptrdiff_t maximal_edits_;
  std::vector<Word> a_, b_;
  std::vector<std::ptrdiff_t> forward_, backward_;
  Script script_;
};

}  // namespace

std::vector<Change> diff(std::string_view before, std::string_view after, std::size_t maximal_edits) {
  std::vector<std::string_view> const a = words_of(before), b = words_of(after);
  return Comparison(a, b, maximal_edits).run();
}

}  // namespace courant::text
