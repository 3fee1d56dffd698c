// The statements of authors; nowhere else.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/authors/author.hpp"
#include "store/store.hpp"

namespace courant::authors::sql {

/// Error: conflict when the handle's key or the account is taken.
Done insert(store::Transaction& transaction, Author const& author);
/// Writes every column that can change. Error: conflict when the handle's key is taken.
Done update(store::Transaction& transaction, Author const& author);

Result<std::optional<Author>> with_id(store::Connection& connection, Id<Author> author);
Result<std::optional<Author>> of_account(store::Connection& connection, Id<Account> account);
/// Locked until the transaction ends. Error: missing.
Result<Author> lock(store::Transaction& transaction, Id<Author> author);

/// Every author, in order of id.
Done each(store::Connection& connection, std::function<void(Author)> const& use);

struct OldHandle {
  std::string handle_key;
  Id<Author> author;
};
Result<std::vector<OldHandle>> old_handles(store::Connection& connection);
Result<std::vector<std::string>> old_handle_keys_of(store::Connection& connection, Id<Author> author);
/// Error: conflict when somebody gave the same one up.
Done insert_old_handle(store::Transaction& transaction, Id<Author> author, std::string const& handle_key, Time now);
/// An author takes an old handle of their own up again.
Done delete_old_handle(store::Transaction& transaction, Id<Author> author, std::string const& handle_key);
/// Who holds or held a handle of this key.
Result<std::optional<Id<Author>>> holder_of(store::Connection& connection, std::string const& handle_key);

}  // namespace courant::authors::sql
