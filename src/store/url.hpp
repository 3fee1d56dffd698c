// Where a database is.
#pragma once
#include <filesystem>
#include <string>

#include "store/store.hpp"

namespace courant::store {

struct Place {
  Engine engine;
  std::filesystem::path sqlite_path;
};

/// "sqlite:PATH", "postgresql://…" or "postgres://…". Error: invalid; the URL itself may hold a password and is not
/// repeated.
inline Result<Place> parse_url(std::string const& url) {
  if (url.starts_with("sqlite:") && url.size() > 7) return Place{Engine::sqlite, url.substr(7)};
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return Place{Engine::postgresql, {}};
  return invalid("store.unknown_url", "a database is named sqlite:PATH or postgresql://…");
}

}  // namespace courant::store
