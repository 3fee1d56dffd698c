// Statement<In, Out>: one SQL text with the types of what goes in and what comes out, both std::tuple. Owns its bound
// variables per connection, is prepared once per connection, and is run to its end and reset before control returns, so a
// forgotten cursor can never keep an old snapshot (and the WAL) alive.
//
//     Statement<std::tuple<Id<Article>>, std::tuple<std::string, std::int64_t>> const kBody{
//         "SELECT html, version FROM article_bodies WHERE article_id = :id"};
//     auto const row = TRY(kBody.first(connection, {id}));   // optional<tuple<string, int64>>
//
// Field types: std::int64_t, int, bool (as BIGINT 0/1), double, std::string, Id<T>, Time, any enum (by its underlying
// number), and std::optional of these for NULL. Parameters are named :a, :b … in the order of the In tuple; each name
// stands once in the text. One set of statements serves both engines: no `FOR UPDATE` (use Transaction::lock), conflicts by
// ON CONFLICT or by ErrorKind::conflict.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace courant::store {

class Connection;

/// One value on its way in or out of the database.
using Field = std::variant<std::monostate, std::int64_t, double, std::string>;

/// What the database is to hand back for a column.
enum class FieldType : std::uint8_t { integer, real, text };

namespace detail {

template <class T>
struct Convert;  // to(Field&&) and from(T) for every field type; below

/// The untyped half, in statement.cpp: only it knows the driver.
class RawStatement {
 public:
  RawStatement(char const* sql, std::vector<FieldType> out);
  /// Runs to the end; `row` is called for each row and stops the run by returning false. Returns the rows changed.
  Result<std::int64_t> run(Connection& connection, std::span<Field const> in,
                           std::function<bool(std::span<Field>)> const& row) const;
  [[nodiscard]] char const* sql() const { return sql_; }

 private:
  friend class store::Connection;
  char const* sql_;
  std::vector<FieldType> out_;
  std::size_t number_;  // index into each connection's table of prepared statements
};

}  // namespace detail

template <class In, class Out = std::tuple<>>
class Statement {
 public:
  explicit Statement(char const* sql);

  /// Every row, in order.
  Result<std::vector<Out>> all(Connection& connection, In const& in) const;
  /// The first row, if there is one.
  Result<std::optional<Out>> first(Connection& connection, In const& in) const;
  /// Row by row without keeping them; `use` must not run other statements on the same connection.
  Done each(Connection& connection, In const& in, std::function<void(Out)> const& use) const;
  /// For INSERT, UPDATE, DELETE: the number of rows changed.
  Result<std::int64_t> run(Connection& connection, In const& in) const;

 private:
  detail::RawStatement raw_;
};

}  // namespace courant::store
