// The statements of transfer.
#pragma once
#include <optional>
#include <string>

#include "base/id.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace courant {
struct Author;
}

namespace courant::transfer::sql {

/// Whose articles `login` of `source` became.
Result<std::optional<Id<Author>>> imported_author(store::Connection& connection, std::string const& source,
                                                  std::string const& login);
Done keep_imported_author(store::Transaction& transaction, std::string const& source, std::string const& login,
                          Id<Author> author);

}  // namespace courant::transfer::sql
