// What readers can see, in memory: a narrow record of every published article, in lists by time. Loaded in one snapshot
// with the journal's head, then followed. Bodies are elsewhere (bodies.hpp).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/articles/article.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"

namespace courant::articles {

/// What lists show of an article; a copy, good for as long as one likes.
struct Card {
  Id<Article> id;
  Id<Author> author;
  Id<Channel> channel;
  std::int64_t version = 0;
  Time published_at;
  Time corrected_at;  ///< 0: never
  std::string title;
  std::string slug;
  std::string summary;
  std::string language;
  std::vector<std::string> tags;
  Cover cover;

  [[nodiscard]] std::string path() const { return path_of(id, slug); }
  friend bool operator==(Card const&, Card const&);
};

/// A place in a list that is ordered by (published_at, id), newest first. Written "1700000000000000-17".
struct Place {
  Time published_at;
  Id<Article> id;

  static Place of(Card const& card) { return {card.published_at, card.id}; }
  [[nodiscard]] std::string str() const;
  static std::optional<Place> parse(std::string_view text);
  friend auto operator<=>(Place const&, Place const&) = default;
};

/// One screen of a list.
struct Screen {
  std::vector<Card> cards;
  bool more = false;  ///< older ones follow after Place::of(cards.back())
};

/// Safe from any thread; readers hold a lock only while they copy what they asked for.
class Published {
 public:
  Published();
  ~Published();

  /// Loads all articles that are or were public. Returns the journal position from which to follow.
  Result<journal::Position> load(store::Store& store);
  /// Takes the row as it is now; `article` with an older version than known is ignored. A draft is ignored.
  void take(Article const& article);

  /// Shows the article no more until take() brings a row at least as new as `version` + 1: for when the row cannot be
  /// read.
  void hide(Id<Article> id, std::int64_t version);

  /// Only what is published.
  [[nodiscard]] std::optional<Card> find(Id<Article> id) const;
  [[nodiscard]] std::vector<Card> find_all(std::span<Id<Article> const> ids) const;
  [[nodiscard]] bool is_withdrawn(Id<Article> id) const;

  // Newest first, those before `before` (all when nothing is given).
  [[nodiscard]] Screen latest(std::optional<Place> before, std::size_t count) const;
  [[nodiscard]] Screen of_channel(Id<Channel> channel, std::optional<Place> before, std::size_t count) const;
  [[nodiscard]] Screen of_author(Id<Author> author, std::optional<Place> before, std::size_t count) const;
  /// `tag` as in an address; compared folded.
  [[nodiscard]] Screen of_tag(std::string_view tag, std::optional<Place> before, std::size_t count) const;
  /// The tag as its articles write it, or nothing when no published article has it.
  [[nodiscard]] std::optional<std::string> tag_written(std::string_view tag) const;

  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::size_t count_of(Id<Author> author) const;
  [[nodiscard]] std::size_t count_of(Id<Channel> channel) const;

  /// For sitemaps: the articles number `first` and following in order of their ids (stable while new ones come).
  struct Line {
    Id<Article> id;
    std::string slug;
    Time changed_at;
  };
  /// How many places that order has; some may be withdrawn.
  [[nodiscard]] std::size_t places() const;
  [[nodiscard]] std::vector<Line> in_order_of_ids(std::size_t first, std::size_t count) const;
  /// The newest change among the same places; 0 when none is published.
  [[nodiscard]] Time newest_change(std::size_t first, std::size_t count) const;

  /// Bytes of records, texts and lists, for the operator.
  [[nodiscard]] std::size_t bytes() const;
  /// Everything, for comparing a loaded projection with a followed one.
  [[nodiscard]] std::string fingerprint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace courant::articles
