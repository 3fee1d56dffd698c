// A feed as data, and its two written forms. Pure functions.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace courant::syndication {

struct Entry {
  std::string id;       ///< absolute, never changes: the address without its slug
  std::string address;  ///< absolute
  std::string title;
  std::string summary;   ///< plain text
  std::string html;      ///< clean, addresses absolute; empty: summary only
  std::string language;  ///< BCP 47; empty: the feed's
  std::string author_name, author_address;
  std::vector<std::string> tags;
  Time published_at;
  Time changed_at;  ///< published or corrected
};

struct Feed {
  std::string title;
  std::string description;
  std::string page_address;  ///< absolute: the page that the feed belongs to
  std::string own_address;   ///< absolute: of the feed itself, and its id
  std::string language;
  Time began_at;               ///< what an empty feed gives as its last change
  std::vector<Entry> entries;  ///< newest first
};

/// https://www.rssboard.org/rss-specification (2.0.11) with content:encoded, dc:creator and atom:link.
[[nodiscard]] std::string write_rss(Feed const& feed);
/// RFC 4287.
[[nodiscard]] std::string write_atom(Feed const& feed);

/// The newest change of any entry; began_at when there is none.
[[nodiscard]] Time changed_at(Feed const& feed);

}  // namespace courant::syndication
