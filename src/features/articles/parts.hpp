// What the pages of articles share: the parts that install() keeps, and who is asking.
#pragma once
#include <optional>
#include <string>

#include "features/articles/articles.hpp"
#include "features/articles/bodies.hpp"
#include "features/articles/commands.hpp"
#include "features/authors/authors.hpp"
#include "web/context.hpp"
#include "web/site.hpp"

namespace courant::articles {

/// Kept by the site; channels fill it.
struct ChannelsAbove {
  ChannelSource source;
};

inline std::optional<ChannelName> channel_of(web::PageContext& page, Id<Channel> id) {
  auto const& source = page.get<ChannelsAbove>().source;
  return source.find ? source.find(id, page.language()) : std::nullopt;
}

inline std::vector<ChannelName> all_channels(web::PageContext& page) {
  auto const& source = page.get<ChannelsAbove>().source;
  return source.all ? source.all(page.language()) : std::vector<ChannelName>{};
}

inline authors::AuthorPointer author_of(web::PageContext& page, Id<Author> id) {
  return page.get<authors::Projection>().find(id);
}

/// Who the viewer is to articles; an actor without account when nobody is signed in.
inline Actor actor_of(web::PageContext& page) {
  Actor actor;
  auto const* const viewer = page.viewer();
  if (!viewer || viewer->suspended) return actor;
  actor.account = viewer->account;
  actor.is_desk = viewer->role >= web::Role::editor;
  if (auto const author = page.get<authors::Projection>().author_of(viewer->account)) actor.author = author->id;
  return actor;
}

inline Tools tools_of(web::WorkerContext& page) { return {page.ids(), page.site().ground().clock}; }

/// From memory, or loaded when this context may. Error: not_in_memory.
inline Result<BodyPointer> body_of(web::PageContext& page, Card const& card) {
  auto& bodies = page.get<Bodies>();
  if (auto body = bodies.find(card.id, card.version)) return body;
  if (!page.may_load()) return not_in_memory();
  return bodies.load(page.site().ground().store, card.id);
}

/// For lang attributes: an unknown language is taken for the page's.
inline std::string shown_language(web::PageContext const& page, std::string const& language) {
  return language.empty() || language == "und" ? std::string(tag_of(page.language())) : language;
}

}  // namespace courant::articles
