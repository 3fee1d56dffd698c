#include "features/articles/follow.hpp"

#include "features/articles/articles.hpp"
#include "features/articles/sql.hpp"

namespace courant::articles {
namespace {

bool is_ours(journal::Event const& event) { return event.kind.starts_with("articles."); }

/// Whether the event changes nothing in lists: only the body, or whether it is there at all.
bool changes_body_only(journal::Event const& event) { return event.kind == kPicturesDerived; }

}  // namespace

Done Follower::apply(journal::Event const& event) {
  if (!is_ours(event)) return {};
  Id<Article> const id{event.subject};
  bool const is_withdrawal = event.kind == kWithdrawn;
  std::vector<std::string> tags;
  if (auto const before = published_.find(id)) tags = before->tags;
  if (changes_body_only(event) || is_withdrawal) bodies_.forget(id);
  auto taken = take(id);
  // The database may be away for long; what must not be shown goes without it.
  if (!taken.ok() && is_withdrawal) published_.hide(id, event.version - 1);
  if (auto const after = published_.find(id)) tags.insert(tags.end(), after->tags.begin(), after->tags.end());
  evict(event, tags);
  return taken;
}

Done Follower::take(Id<Article> id) {
  auto const article =
      TRY(store::read_value(store_, [id](store::Connection& connection) { return sql::find(connection, id); }));
  if (article) published_.take(*article);
  return {};
}

void Follower::evict(journal::Event const& event, std::vector<std::string> const& tags) {
  std::vector<web::DependencyKey> keys{event.subject};
  if (!changes_body_only(event)) {
    keys.push_back(list_of(Id<Author>{event.numbers[0]}));
    for (auto const channel : {event.numbers[1], event.numbers[2]})
      if (channel != 0) keys.push_back(list_of(Id<Channel>{channel}));
    for (auto const& tag : tags) keys.push_back(list_of_tag(tag));
    keys.push_back(web::kArticleLists);
  }
  pages_.evict(keys);
}

}  // namespace courant::articles
