#include "features/articles/follow.hpp"

#include "base/log.hpp"
#include "features/articles/articles.hpp"
#include "features/articles/sql.hpp"

namespace courant::articles {
namespace {

bool is_ours(journal::Event const& event) { return event.kind.starts_with("articles."); }

/// Whether the event changes nothing in lists: only the body, or whether it is there at all.
bool changes_body_only(journal::Event const& event) { return event.kind == kPicturesDerived; }

}  // namespace

void Follower::apply(journal::Event const& event) {
  take_again();
  if (!is_ours(event)) return;
  Id<Article> const id{event.subject};
  std::vector<std::string> tags;
  if (auto const before = published_.find(id)) tags = before->tags;
  if (changes_body_only(event) || event.kind == kWithdrawn) bodies_.forget(id);
  if (auto const taken = take(id); !taken.ok()) {
    log::error("article {} cannot be read and is hidden until it can: {}", id.value, describe(taken.error()));
    missed_.push_back(event);
    // What may have been withdrawn must not be shown; what may have been published can wait.
    published_.hide(id, event.version - 1);
  }
  if (auto const after = published_.find(id)) tags.insert(tags.end(), after->tags.begin(), after->tags.end());
  evict(event, tags);
}

Done Follower::take(Id<Article> id) {
  auto const article =
      TRY(store::read_value(store_, [id](store::Connection& connection) { return sql::find(connection, id); }));
  if (article) published_.take(*article);
  return {};
}

void Follower::take_again() {
  while (!missed_.empty()) {
    auto const event = missed_.back();
    if (!take({event.subject}).ok()) return;
    missed_.pop_back();
    auto const card = published_.find({event.subject});
    evict(event, card ? card->tags : std::vector<std::string>{});
  }
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
