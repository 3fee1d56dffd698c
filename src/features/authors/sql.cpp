#include "features/authors/sql.hpp"

#include <tuple>

#include "base/json.hpp"
#include "base/log.hpp"
#include "store/statement.hpp"

namespace courant::authors::sql {
namespace {

using store::Statement;

using AuthorRow = std::tuple<Id<Author>, std::optional<Id<Account>>, std::string, std::string, std::string, std::string,
                             std::string, AuthorKind, AuthorState, std::string, std::int64_t, Time>;

Statement<std::tuple<Id<Author>, std::optional<Id<Account>>, std::string, std::string, std::string, std::string,
                     std::string, std::string, AuthorKind, AuthorState, std::string, std::int64_t, Time>> const kInsert{
    "INSERT INTO authors (id, account_id, handle, handle_key, name, bio, field, region, kind, state, avatar, version, "
    "joined_at) VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m)"};

Statement<std::tuple<std::string, std::string, std::string, std::string, std::string, std::string, AuthorKind,
                     AuthorState, std::string, std::int64_t, Id<Author>>> const kUpdate{
    "UPDATE authors SET handle = :a, handle_key = :b, name = :c, bio = :d, field = :e, region = :f, kind = :g, "
    "state = :h, avatar = :i, version = :j WHERE id = :k"};

Statement<std::tuple<Id<Author>>, AuthorRow> const kWithId{
    "SELECT id, account_id, handle, name, bio, field, region, kind, state, avatar, version, joined_at FROM authors "
    "WHERE id = :a"};

Statement<std::tuple<Id<Account>>, AuthorRow> const kOfAccount{
    "SELECT id, account_id, handle, name, bio, field, region, kind, state, avatar, version, joined_at FROM authors "
    "WHERE account_id = :a"};

Statement<std::tuple<>, AuthorRow> const kAll{
    "SELECT id, account_id, handle, name, bio, field, region, kind, state, avatar, version, joined_at FROM authors "
    "ORDER BY id"};

Statement<std::tuple<>, std::tuple<std::string, Id<Author>>> const kOldHandles{
    "SELECT handle_key, author_id FROM author_old_handles ORDER BY handle_key"};

Statement<std::tuple<Id<Author>>, std::tuple<std::string>> const kOldHandleKeysOf{
    "SELECT handle_key FROM author_old_handles WHERE author_id = :a ORDER BY handle_key"};

Statement<std::tuple<std::string, Id<Author>, Time>> const kInsertOldHandle{
    "INSERT INTO author_old_handles (handle_key, author_id, given_up_at) VALUES (:a, :b, :c)"};

Statement<std::tuple<Id<Author>, std::string>> const kDeleteOldHandle{
    "DELETE FROM author_old_handles WHERE author_id = :a AND handle_key = :b"};

Statement<std::tuple<std::string, std::string>, std::tuple<Id<Author>>> const kHolderOf{
    "SELECT id FROM authors WHERE handle_key = :a UNION ALL SELECT author_id FROM author_old_handles "
    "WHERE handle_key = :b LIMIT 1"};

std::string avatar_text(Author const& author) {
  return author.avatar ? json::write(media::to_json(*author.avatar)) : std::string();
}

/// A row of which only the picture is damaged still is an author; the log says which.
std::shared_ptr<media::Picture const> avatar_from(Id<Author> author, std::string const& text) {
  if (text.empty()) return nullptr;
  auto const value = json::parse(text);
  if (value.ok())
    if (auto picture = media::picture_from_json(*value); picture.ok())
      return std::make_shared<media::Picture const>(std::move(*picture));
  log::error("the picture of author {} cannot be read", author.value);
  return nullptr;
}

Author author_from(AuthorRow row) {
  auto& [id, account, handle, name, bio, field, region, kind, state, avatar, version, joined_at] = row;
  Author author;
  author.id = id;
  author.account = account.value_or(Id<Account>{});
  author.handle = std::move(handle);
  author.name = std::move(name);
  author.bio = std::move(bio);
  author.field = std::move(field);
  author.region = std::move(region);
  author.kind = kind;
  author.state = state;
  author.avatar = avatar_from(id, avatar);
  author.version = version;
  author.joined_at = joined_at;
  return author;
}

std::optional<Author> author_from(std::optional<AuthorRow> row) {
  if (!row) return std::nullopt;
  return author_from(std::move(*row));
}

}  // namespace

Done insert(store::Transaction& transaction, Author const& author) {
  auto const account = author.account ? std::optional(author.account) : std::nullopt;
  TRY(kInsert.run(transaction,
                  {author.id, account, author.handle, handle_key(author.handle), author.name, author.bio, author.field,
                   author.region, author.kind, author.state, avatar_text(author), author.version, author.joined_at}));
  return {};
}

Done update(store::Transaction& transaction, Author const& author) {
  TRY(kUpdate.run(transaction,
                  {author.handle, handle_key(author.handle), author.name, author.bio, author.field, author.region,
                   author.kind, author.state, avatar_text(author), author.version, author.id}));
  return {};
}

Result<std::optional<Author>> with_id(store::Connection& connection, Id<Author> author) {
  return author_from(TRY(kWithId.first(connection, {author})));
}

Result<std::optional<Author>> of_account(store::Connection& connection, Id<Account> account) {
  return author_from(TRY(kOfAccount.first(connection, {account})));
}

Result<Author> lock(store::Transaction& transaction, Id<Author> author) {
  if (!TRY(transaction.lock("authors", "id", author.value))) return missing("authors.no_such_author");
  auto found = TRY(with_id(transaction, author));
  if (!found) return missing("authors.no_such_author");
  return std::move(*found);
}

Done each(store::Connection& connection, std::function<void(Author)> const& use) {
  return kAll.each(connection, {}, [&](AuthorRow row) { use(author_from(std::move(row))); });
}

Result<std::vector<OldHandle>> old_handles(store::Connection& connection) {
  std::vector<OldHandle> found;
  TRY(kOldHandles.each(connection, {}, [&](std::tuple<std::string, Id<Author>> row) {
    found.push_back({std::move(std::get<0>(row)), std::get<1>(row)});
  }));
  return found;
}

Result<std::vector<std::string>> old_handle_keys_of(store::Connection& connection, Id<Author> author) {
  std::vector<std::string> found;
  TRY(kOldHandleKeysOf.each(connection, {author},
                            [&](std::tuple<std::string> row) { found.push_back(std::move(std::get<0>(row))); }));
  return found;
}

Done insert_old_handle(store::Transaction& transaction, Id<Author> author, std::string const& handle_key, Time now) {
  TRY(kInsertOldHandle.run(transaction, {handle_key, author, now}));
  return {};
}

Done delete_old_handle(store::Transaction& transaction, Id<Author> author, std::string const& handle_key) {
  TRY(kDeleteOldHandle.run(transaction, {author, handle_key}));
  return {};
}

Result<std::optional<Id<Author>>> holder_of(store::Connection& connection, std::string const& handle_key) {
  auto const row = TRY(kHolderOf.first(connection, {handle_key, handle_key}));
  if (!row) return std::optional<Id<Author>>{};
  return std::optional(std::get<0>(*row));
}

}  // namespace courant::authors::sql
