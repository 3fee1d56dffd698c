#include "features/transfer/sql.hpp"

#include "store/statement.hpp"

namespace courant::transfer::sql {

using store::Statement;

Result<std::optional<Id<Author>>> imported_author(store::Connection& connection, std::string const& source,
                                                  std::string const& login) {
  static Statement<std::tuple<std::string, std::string>, std::tuple<Id<Author>>> const kFind{
      "SELECT author_id FROM imported_authors WHERE source = :source AND login = :login"};
  auto const row = TRY(kFind.first(connection, {source, login}));
  return row ? std::optional(std::get<0>(*row)) : std::nullopt;
}

Done keep_imported_author(store::Transaction& transaction, std::string const& source, std::string const& login,
                          Id<Author> author) {
  static Statement<std::tuple<std::string, std::string, Id<Author>>> const kKeep{
      "INSERT INTO imported_authors (source, login, author_id) VALUES (:source, :login, :author)"};
  TRY(kKeep.run(transaction, {source, login, author}));
  return {};
}

}  // namespace courant::transfer::sql
