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
#include "features/authors/author.hpp"
#include "store/store.hpp"
#include "web/response.hpp"
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

/// Further elements of <head> on an author's page, such as links to feeds.
inline constexpr web::Slot<Author> kAuthorHead{"articles.author_head"};

/// The tie of a page that lists an author's or a channel's articles: evicted when the list changes, while the plain id
/// is evicted when the author's or channel's own name does.
template <class Subject>
[[nodiscard]] web::DependencyKey list_of(Id<Subject> id) {
  return -id.value;
}
[[nodiscard]] web::DependencyKey list_of_tag(std::string_view tag);

/// How much of each article a list shows.
enum class CardStyle : std::uint8_t {
  headline,  ///< title and time
  summary,   ///< title, summary, cover, author and time
  lead,      ///< as summary, the first one large
};
/// The <ul> that front page, channel, author, tag and latest pages share; empty for no cards. What is shown ties the
/// page: see ties_of().
Result<web::TrustedHtml> render_cards(web::PageContext& page, std::vector<Card> const& cards, CardStyle style);
/// The ids of the articles and of their authors.
[[nodiscard]] std::vector<web::DependencyKey> ties_of(std::vector<Card> const& cards);
/// Links to the newest and to the older part of a list at `path`; empty when the list is whole on this screen.
Result<web::TrustedHtml> render_pagination(web::PageContext& page, std::string_view path, Screen const& screen,
                                           std::optional<Place> before);
inline constexpr std::size_t kScreen = 25;  ///< articles on one screen of a list
/// A body for feeds: clean HTML with absolute addresses. Error: not_in_memory.
Result<std::string> feed_body(web::PageContext& page, Card const& card);
/// Where an imported old address leads now, as an own path; nothing when it leads nowhere. Runs SQL.
Result<std::optional<std::string>> find_old_path(store::Store& store, Published const& published, std::string_view path,
                                                 std::string_view query);

}  // namespace courant::articles
