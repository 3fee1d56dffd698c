#include "store/store.hpp"

#include "store/postgresql_store.hpp"
#include "store/sqlite_store.hpp"
#include "store/url.hpp"

namespace courant::store {

Result<std::unique_ptr<Store>> Store::open(Options options) {
  auto const place = TRY(parse_url(options.url));
  if (place.engine == Engine::sqlite) return SqliteStore::open(place.sqlite_path, options);
  return PostgresqlStore::open(options);
}

Done detail::run_script(Connection& connection, std::string const& sql) { return connection.execute_script(sql); }

std::string_view conflicting_key(Error const& error) {
  if (error.kind != ErrorKind::conflict) return {};
  for (auto const& [name, value] : error.arguments)
    if (name == "key") return value;
  return {};
}

}  // namespace courant::store
