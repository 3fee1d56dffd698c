// The front door of articles: what other features and app/ may know.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "features/articles/article.hpp"
#include "features/articles/events.hpp"
#include "features/articles/projection.hpp"
#include "store/store.hpp"
#include "web/slot.hpp"

namespace courant::web {
class Site;
}

namespace courant::articles {

std::vector<store::Migration> migrations();

/// Loads the projection (site.get<Published>()), follows the journal, adds routes and templates' parts.
/// After authors::install, before channels::install.
Done install(web::Site& site);

/// What articles must know of channels, which stand above them.
struct ChannelName {
  Id<Channel> id;
  std::string name;  ///< in the language asked for
  std::string path;  ///< "/channel/sports"
};
struct ChannelSource {
  std::function<std::optional<ChannelName>(Id<Channel>, web::Language)> find;
  std::function<std::vector<ChannelName>(web::Language)> all;  ///< in the order of the masthead
};
/// channels::install hands it down.
void set_channels(web::Site& site, ChannelSource source);

// Slots of the article page, whose cached page is tied to article, author and channel.
struct ArticleView {
  Card card;
  bool preview = false;  ///< the author looks at a draft: nothing is public yet
};
inline constexpr web::Slot<ArticleView> kBelowHeader{"articles.below_header"};
inline constexpr web::Slot<ArticleView> kBelowBody{"articles.below_body"};
inline constexpr web::Slot<ArticleView> kAuthorCard{"articles.author_card"};

/// The tie of a page that lists an author's or a channel's articles: evicted when the list changes, while the plain id
/// is evicted when the author's or channel's own name does.
template <class Subject>
[[nodiscard]] web::DependencyKey list_of(Id<Subject> id) {
  return -id.value;
}
[[nodiscard]] web::DependencyKey list_of_tag(std::string_view tag);

enum class CardStyle : std::uint8_t { title, summary };
/// The list items that front page, channel, author, tag and latest pages share: title, time, author, and by style
/// summary and cover.
Result<web::TrustedHtml> render_cards(web::PageContext& page, std::vector<Card> const& cards, CardStyle style);
/// Shown bodies for feeds: clean HTML with pictures by absolute addresses. Error: not_in_memory.
Result<std::string> feed_body(web::PageContext& page, Card const& card);
/// Where an old address leads now, as an own path; for addresses that nobody else knows. Runs SQL.
Result<std::optional<std::string>> find_old_path(store::Connection& connection, Published const& published,
                                                 std::string_view path_and_query);

}  // namespace courant::articles
