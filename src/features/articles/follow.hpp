// Keeps memory in step with the journal: the projection, the bodies, and the finished pages.
#pragma once
#include <string>
#include <vector>

#include "features/articles/bodies.hpp"
#include "features/articles/projection.hpp"
#include "journal/event.hpp"
#include "store/store.hpp"
#include "web/page_cache.hpp"

namespace courant::articles {

/// Lives on the journal's thread.
class Follower {
 public:
  Follower(store::Store& store, Published& published, Bodies& bodies, web::PageCache& pages)
      : store_(store), published_(published), bodies_(bodies), pages_(pages) {}

  /// Error: the row cannot be read; what was withdrawn is gone from memory all the same.
  Done apply(journal::Event const& event);

 private:
  Done take(Id<Article> id);
  void evict(journal::Event const& event, std::vector<std::string> const& tags);

  store::Store& store_;
  Published& published_;
  Bodies& bodies_;
  web::PageCache& pages_;
};

}  // namespace courant::articles
