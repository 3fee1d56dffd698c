#include "features/channels/sql.hpp"

#include <tuple>

namespace courant::channels::sql {
namespace {

using std::int64_t;
using std::string;
using std::tuple;
using store::Statement;

using Row = tuple<Id<Channel>, string, string, string, int64_t, ChannelKind, int64_t>;
Statement<tuple<>, Row> const kAll{
    "SELECT id, slug, name_zh, name_en, position, kind, version FROM channels ORDER BY position, id"};
Statement<tuple<Id<Channel>>, Row> const kFind{
    "SELECT id, slug, name_zh, name_en, position, kind, version FROM channels WHERE id = :id"};
Statement<Row> const kInsert{
    "INSERT INTO channels (id, slug, name_zh, name_en, position, kind, version) "
    "VALUES (:id, :slug, :name_zh, :name_en, :position, :kind, :version)"};
Statement<tuple<string, string, string, int64_t, ChannelKind, int64_t, Id<Channel>>> const kUpdate{
    "UPDATE channels SET slug = :slug, name_zh = :name_zh, name_en = :name_en, position = :position, kind = :kind, "
    "version = :version WHERE id = :id"};

Statement<tuple<>, tuple<string, Id<Channel>>> const kOldSlugs{
    "SELECT slug, channel FROM channel_old_slugs ORDER BY slug"};
Statement<tuple<string, Id<Channel>>> const kInsertOldSlug{
    "INSERT INTO channel_old_slugs (slug, channel) VALUES (:slug, :channel) ON CONFLICT (slug) DO NOTHING"};
Statement<tuple<string>> const kRemoveOldSlug{"DELETE FROM channel_old_slugs WHERE slug = :slug"};

Channel channel_of(Row row) {
  Channel c;
  std::tie(c.id, c.slug, c.name_zh, c.name_en, c.position, c.kind, c.version) = std::move(row);
  return c;
}

}  // namespace

Result<std::vector<Channel>> all(store::Connection& connection) {
  std::vector<Channel> channels;
  for (auto& row : TRY(kAll.all(connection, {}))) channels.push_back(channel_of(std::move(row)));
  return channels;
}

Result<std::vector<std::pair<string, Id<Channel>>>> old_slugs(store::Connection& connection) {
  std::vector<std::pair<string, Id<Channel>>> slugs;
  for (auto& [slug, channel] : TRY(kOldSlugs.all(connection, {}))) slugs.emplace_back(std::move(slug), channel);
  return slugs;
}

Result<std::optional<Channel>> find_locked(store::Transaction& transaction, Id<Channel> id) {
  if (!TRY(transaction.lock("channels", "id", id.value))) return std::optional<Channel>{};
  auto row = TRY(kFind.first(transaction, {id}));
  if (!row) return std::optional<Channel>{};
  return std::optional(channel_of(std::move(*row)));
}

Done insert(store::Transaction& transaction, Channel const& c) {
  TRY(kInsert.run(transaction, {c.id, c.slug, c.name_zh, c.name_en, c.position, c.kind, c.version}));
  return {};
}

Done update(store::Transaction& transaction, Channel const& c) {
  TRY(kUpdate.run(transaction, {c.slug, c.name_zh, c.name_en, c.position, c.kind, c.version, c.id}));
  return {};
}

Done insert_old_slug(store::Transaction& transaction, string const& slug, Id<Channel> channel) {
  TRY(kInsertOldSlug.run(transaction, {slug, channel}));
  return {};
}

Done remove_old_slug(store::Transaction& transaction, string const& slug) {
  TRY(kRemoveOldSlug.run(transaction, {slug}));
  return {};
}

}  // namespace courant::channels::sql
