#include "features/authors/projection.hpp"

#include <fmt/format.h>

#include "features/authors/events.hpp"
#include "features/authors/sql.hpp"

namespace courant::authors {

Result<journal::Position> Projection::load() {
  journal::Position head = 0;
  std::unique_lock lock(mutex_);
  TRY(store_.snapshot([&](store::Connection& connection) -> Done {
    TRY(sql::each(connection, [&](Author author) { put(std::move(author)); }));
    auto const old_handles = TRY(sql::old_handles(connection));
    for (auto const& old : old_handles) by_handle_[old.handle_key] = old.author;
    head = TRY(journal::head(connection));
    return {};
  }));
  return head;
}

namespace {

/// An author as the database has it now, with the handles given up.
struct Fresh {
  std::optional<Author> author;
  std::vector<std::string> old_handle_keys;
};

Result<Fresh> read(store::Store& store, Id<Author> id) {
  return store::read_value(store, [&](store::Connection& connection) -> Result<Fresh> {
    Fresh fresh;
    fresh.author = TRY(sql::with_id(connection, id));
    fresh.old_handle_keys = TRY(sql::old_handle_keys_of(connection, id));
    return fresh;
  });
}

}  // namespace

// Events hold no names, so the row is read; it may be newer than the event, and the events after it are then old news.
Done Projection::apply(journal::Event const& event) {
  if (event.kind != kAuthorJoined && event.kind != kAuthorChanged) return {};
  Id<Author> const id{event.subject};
  if (auto const known = find(id); known && known->version >= event.version) return {};
  auto fresh = TRY(read(store_, id));
  std::unique_lock lock(mutex_);
  if (fresh.author) put(std::move(*fresh.author));
  for (auto& key : fresh.old_handle_keys) by_handle_[std::move(key)] = id;
  return {};
}

void Projection::put(Author author) {
  auto const id = author.id;
  by_handle_[handle_key(author.handle)] = id;
  if (author.account) by_account_[author.account] = id;
  authors_[id] = std::make_shared<Author const>(std::move(author));
}

AuthorPointer Projection::find(Id<Author> author) const {
  std::shared_lock lock(mutex_);
  auto const found = authors_.find(author);
  return found == authors_.end() ? nullptr : found->second;
}

AuthorPointer Projection::author_of(Id<Account> account) const {
  std::shared_lock lock(mutex_);
  auto const found = by_account_.find(account);
  return found == by_account_.end() ? nullptr : authors_.at(found->second);
}

HandleMatch Projection::with_handle(std::string_view handle) const {
  auto const key = handle_key(handle);
  std::shared_lock lock(mutex_);
  auto const found = by_handle_.find(key);
  if (found == by_handle_.end()) return {};
  auto const& author = authors_.at(found->second);
  return {author, author->handle == handle};
}

std::size_t Projection::count() const {
  std::shared_lock lock(mutex_);
  return authors_.size();
}

std::vector<AuthorPointer> Projection::newest(Id<Author> before, std::size_t limit) const {
  std::vector<AuthorPointer> found;
  std::shared_lock lock(mutex_);
  auto at = before ? authors_.lower_bound(before) : authors_.end();
  while (at != authors_.begin() && found.size() < limit) found.push_back((--at)->second);
  return found;
}

std::string Projection::dump() const {
  std::shared_lock lock(mutex_);
  std::string out;
  for (auto const& [id, author] : authors_)
    out += fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}\n", id.value, author->account.value, author->handle,
                       author->name, author->bio, author->field, author->region, name_of(author->kind),
                       static_cast<int>(author->state), author->avatar ? author->avatar->original_sha256 : "-",
                       author->version, author->joined_at.microseconds);
  for (auto const& [key, id] : std::map(by_handle_.begin(), by_handle_.end()))
    out += fmt::format("{} {}\n", key, id.value);
  return out;
}

}  // namespace courant::authors
