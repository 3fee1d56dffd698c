// A small schema and its statements for this module's own tests.
#pragma once
#include <fmt/format.h>

#include <fstream>
#include <set>

#include "base/crypto.hpp"

#include "store/testing.hpp"

namespace courant::store::testing {

struct Thing;
enum class Mood : std::uint8_t { calm = 1, angry = 7 };

inline std::vector<Migration> things() {
  return {{"things", 1, "first tables",
           R"(
             CREATE TABLE things (
               id {id} PRIMARY KEY, name TEXT NOT NULL UNIQUE, score DOUBLE PRECISION, seal {bytes}, at BIGINT,
               mood BIGINT
             );
             CREATE TABLE parts (
               thing_id BIGINT NOT NULL REFERENCES things (id), number BIGINT NOT NULL,
               PRIMARY KEY (thing_id, number)
             );
             CREATE TABLE handles (id {id} PRIMARY KEY, handle TEXT NOT NULL);
             CREATE UNIQUE INDEX handles_by_folded ON handles (lower(handle));
             CREATE TABLE secrets (id {id} PRIMARY KEY, secret TEXT NOT NULL);
           )",
           "DROP TABLE secrets; DROP TABLE handles; DROP TABLE parts; DROP TABLE things;"}};
}

using ThingRow = std::tuple<Id<Thing>, std::string, std::optional<double>, std::optional<std::string>,
                            std::optional<Time>, std::optional<Mood>>;
inline Statement<ThingRow> const kInsertThing{
    "INSERT INTO things (id, name, score, seal, at, mood) VALUES (:id, :name, :score, :seal, :at, :mood)"};
inline Statement<std::tuple<>, ThingRow> const kAllThings{
    "SELECT id, name, score, seal, at, mood FROM things ORDER BY id"};
inline Statement<std::tuple<std::int64_t>, std::tuple<std::string>> const kNameOfThing{
    "SELECT name FROM things WHERE id = :id"};
inline Statement<std::tuple<std::int64_t, std::string>> const kAddThing{
    "INSERT INTO things (id, name) VALUES (:id, :name)"};
inline Statement<std::tuple<std::int64_t, std::int64_t>> const kAddPart{
    "INSERT INTO parts (thing_id, number) VALUES (:thing, :number)"};
inline Statement<std::tuple<>, std::tuple<std::int64_t>> const kCountThings{"SELECT COUNT(*) FROM things"};

inline Result<std::int64_t> count_things(Connection& connection) {
  return std::get<0>(*TRY(kCountThings.first(connection, {})));
}
inline std::int64_t count_things(Store& store) {
  return require(read_value(store, [](Connection& connection) { return count_things(connection); }));
}

/// A command that adds one thing.
inline auto adding(std::int64_t id, std::string name) {
  return [id, name = std::move(name)](Transaction& transaction) -> Done {
    TRY(kAddThing.run(transaction, {id, name}));
    return {};
  };
}

}  // namespace courant::store::testing
