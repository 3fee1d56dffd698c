#include "app/features.hpp"

#include "features/accounts/accounts.hpp"
#include "features/articles/articles.hpp"
#include "features/authors/authors.hpp"
#include "features/channels/channels.hpp"
#include "features/syndication/syndication.hpp"
#include "features/transfer/transfer.hpp"
#include "jobs/jobs.hpp"
#include "journal/journal.hpp"

namespace courant::app {

std::vector<store::Migration> all_migrations() {
  std::vector<store::Migration> all;
  for (auto&& steps : {journal::migrations(), jobs::migrations(), accounts::migrations(), authors::migrations(),
                       articles::migrations(), channels::migrations(), transfer::migrations()})
    all.insert(all.end(), steps.begin(), steps.end());
  return all;
}

Done install_features(web::Site& site) {
  TRY(accounts::install(site));
  TRY(authors::install(site));
  TRY(articles::install(site));
  TRY(channels::install(site));
  TRY(syndication::install(site));
  return {};
}

std::vector<std::string> tables_without_backup() { return accounts::tables_not_backed_up(); }

}  // namespace courant::app
