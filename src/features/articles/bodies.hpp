// Bodies in memory, the last used ones, by a budget of bytes. What is not there is loaded by a worker.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/articles/article.hpp"
#include "store/store.hpp"

namespace courant::articles {

/// A body as pages and feeds show it.
struct ShownBody {
  std::int64_t version = 0;  ///< of the article's row
  std::string html;          ///< pictures as <picture>
  std::string feed_html;     ///< empty: the same as html (no pictures, no own addresses)
  std::string summary;       ///< the whole one
  std::string source, source_address, correction_note;
  std::int64_t characters = 0;
  // The first picture, for cards elsewhere; empty path: none.
  std::string picture_path;
  std::int32_t picture_width = 0, picture_height = 0;

  [[nodiscard]] std::size_t bytes() const;
};
using BodyPointer = std::shared_ptr<ShownBody const>;

/// Body and pictures made ready. `site_url` stands before own addresses in feeds.
[[nodiscard]] ShownBody shown(Article const& article, Body body, std::vector<ArticlePicture> const& pictures,
                              std::string_view site_url);

/// Safe from any thread.
class Bodies {
 public:
  Bodies(std::size_t most_bytes, std::string site_url) : most_bytes_(most_bytes), site_url_(std::move(site_url)) {}

  /// Null when it is not in memory, or only in a version older than `version`.
  [[nodiscard]] BodyPointer find(Id<Article> id, std::int64_t version);
  /// Reads and keeps it. Error: missing when there is no such article.
  Result<BodyPointer> load(store::Store& store, Id<Article> id);
  void forget(Id<Article> id);

  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Entry {
    Id<Article> id;
    BodyPointer body;
  };
  using Entries = std::list<Entry>;  // the last used first

  void keep(Id<Article> id, BodyPointer body);
  void drop(Entries::iterator entry);

  std::size_t const most_bytes_;
  std::string const site_url_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<Id<Article>, Entries::iterator> by_id_;
  std::size_t bytes_ = 0;
  std::uint64_t forgotten_ = 0;  // counts forget(): a load that began before one is not kept
};

}  // namespace courant::articles
