// Every author, in memory: pages ask here. About 400 bytes each, pictures aside.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/authors/author.hpp"
#include "journal/event.hpp"
#include "journal/journal.hpp"
#include "store/store.hpp"

namespace courant::authors {

using AuthorPointer = std::shared_ptr<Author const>;

/// What a handle in an address leads to.
struct HandleMatch {
  AuthorPointer author;     ///< null: nobody has or had this handle
  bool is_current = false;  ///< false: written otherwise or given up since; redirect to path_of(*author)
};

/// Safe from any thread: readers share, the journal's thread changes.
/// `site.get<authors::Projection>()` after install().
class Projection {
 public:
  explicit Projection(store::Store& store) : store_(store) {}

  /// Reads all authors and the journal's head in one snapshot; follow from what it returns.
  Result<journal::Position> load();
  /// Takes a joined or changed author's row over; an event older than what is known is ignored.
  /// Errors: those of reading the row; nothing is changed then.
  Done apply(journal::Event const& event);

  /// Null when there is no such author.
  [[nodiscard]] AuthorPointer find(Id<Author> author) const;
  [[nodiscard]] AuthorPointer author_of(Id<Account> account) const;
  [[nodiscard]] HandleMatch with_handle(std::string_view handle) const;
  [[nodiscard]] std::size_t count() const;
  /// The newest first, at most `limit`, those below `before` (0: from the newest): for directories and sitemaps.
  [[nodiscard]] std::vector<AuthorPointer> newest(Id<Author> before, std::size_t limit) const;

  /// Everything it knows in a fixed order, for the test that loaded equals followed.
  [[nodiscard]] std::string dump() const;

 private:
  void put(Author author);

  store::Store& store_;
  mutable std::shared_mutex mutex_;
  std::map<Id<Author>, AuthorPointer> authors_;
  std::unordered_map<Id<Account>, Id<Author>> by_account_;
  std::unordered_map<std::string, Id<Author>> by_handle_;  // keys of handles held now and before
};

}  // namespace courant::authors
