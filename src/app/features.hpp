// The one visible list of what the product is made of.
#pragma once
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"
#include "web/site.hpp"

namespace courant::app {

/// The schema of the ground floor and of every feature, lowest first.
std::vector<store::Migration> all_migrations();

/// Installs every feature, lowest first, and hands judgements of higher ones down.
Done install_features(web::Site& site);

/// Tables that a backup leaves empty: sessions and one-time tokens.
std::vector<std::string> tables_without_backup();

}  // namespace courant::app
