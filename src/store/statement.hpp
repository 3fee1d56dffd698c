// Statement<In, Out>: one SQL text with the types of what goes in and what comes out, both std::tuple. It is prepared
// once per connection, and is run to its end and reset before control returns, so a forgotten cursor can never keep an
// old snapshot (and the WAL) alive.
//
//     Statement<std::tuple<Id<Article>>, std::tuple<std::string, std::int64_t>> const kBody{
//         "SELECT html, version FROM article_bodies WHERE article_id = :id"};
//     auto const row = TRY(kBody.first(connection, {id}));   // optional<tuple<string, int64>>
//
// Field types: std::int64_t, int, bool (as BIGINT 0/1), double, std::string (also for {bytes}), Id<T>, Time, any enum
// (by its underlying number), and std::optional of these for NULL; std::string_view may stand in In only. A NULL in a
// column whose type is not optional is an error (broken), not a zero. Parameters are named :a, :b … in the order of the
// In tuple.
//
// One set of statements serves both engines: no `FOR UPDATE` (use Transaction::lock), conflicts by ON CONFLICT or by
// ErrorKind::conflict. Whole-number parameters are BIGINT on PostgreSQL, so `substr(x, :n)` needs `CAST(:n AS
// INTEGER)`.
//
// A Statement is immutable and may be shared by threads. The same text with the same types is one prepared statement,
// so texts put together at run time are fine as long as there are few of them.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace courant::store {

class Connection;

/// One value on its way out of the database.
using Field = std::variant<std::monostate, std::int64_t, double, std::string>;
/// One value on its way in; text is borrowed for the length of the call.
using Parameter = std::variant<std::monostate, std::int64_t, double, std::string_view>;

/// What the database is to take for a parameter or hand back for a column.
enum class FieldType : std::uint8_t { integer, real, text };

namespace detail {

struct Column {
  FieldType type;
  bool nullable;
};

/// What is done with the rows of a statement: `collect` may hold all of them in memory, `stream` must not.
enum class Rows : std::uint8_t { collect, stream };

/// Called for each row; false ends the run. It may move the fields away.
using UseRow = std::function<bool(std::span<Field>)>;

/// The untyped half: only connections know the driver.
class RawStatement {
 public:
  RawStatement(std::string_view sql, std::vector<FieldType> in, std::vector<Column> out);

  /// Runs to the end, or until `use` returns false. Returns the number of rows changed.
  Result<std::int64_t> run(Connection& connection, std::span<Parameter const> in, Rows rows, UseRow const& use) const;

  [[nodiscard]] std::string const& sql() const { return *sql_; }
  [[nodiscard]] std::vector<FieldType> const& in() const { return in_; }
  [[nodiscard]] std::vector<Column> const& out() const { return out_; }
  /// Small and the same for the same text and types: the index into each connection's table of prepared statements.
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::vector<FieldType> in_;
  std::vector<Column> out_;
  std::string const* sql_;  // kept for the life of the process
  std::size_t number_;
};

/// How a C++ type is written to a parameter and read from a field.
template <class T>
struct Convert;

template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>)
struct Convert<T> {
  static constexpr FieldType kType = FieldType::integer;
  static Parameter parameter(T value) { return static_cast<std::int64_t>(value); }
  static T value(Field&& field) { return static_cast<T>(std::get<std::int64_t>(field)); }
};

template <>
struct Convert<double> {
  static constexpr FieldType kType = FieldType::real;
  static Parameter parameter(double value) { return value; }
  static double value(Field&& field) { return std::get<double>(field); }
};

template <>
struct Convert<std::string> {
  static constexpr FieldType kType = FieldType::text;
  static Parameter parameter(std::string const& value) { return std::string_view(value); }
  static std::string value(Field&& field) { return std::get<std::string>(std::move(field)); }
};

template <>
struct Convert<std::string_view> {  // In only: nothing would own the text of a row
  static constexpr FieldType kType = FieldType::text;
  static Parameter parameter(std::string_view value) { return value; }
};

template <class Subject>
struct Convert<Id<Subject>> {
  static constexpr FieldType kType = FieldType::integer;
  static Parameter parameter(Id<Subject> id) { return id.value; }
  static Id<Subject> value(Field&& field) { return {std::get<std::int64_t>(field)}; }
};

template <>
struct Convert<Time> {
  static constexpr FieldType kType = FieldType::integer;
  static Parameter parameter(Time time) { return time.microseconds; }
  static Time value(Field&& field) { return {std::get<std::int64_t>(field)}; }
};

template <class T>
struct Convert<std::optional<T>> {
  static constexpr FieldType kType = Convert<T>::kType;
  static Parameter parameter(std::optional<T> const& value) {
    return value ? Convert<T>::parameter(*value) : Parameter();
  }
  static std::optional<T> value(Field&& field) {
    if (field.index() == 0) return std::nullopt;
    return Convert<T>::value(std::move(field));
  }
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class Tuple>
struct Types;

template <class... T>
struct Types<std::tuple<T...>> {
  static std::vector<FieldType> in() { return {Convert<T>::kType...}; }
  static std::vector<Column> out() { return {Column{Convert<T>::kType, kIsOptional<T>}...}; }

  static std::array<Parameter, sizeof...(T)> parameters(std::tuple<T...> const& values) {
    return std::apply(
        [](auto const&... value) { return std::array<Parameter, sizeof...(T)>{Convert<T>::parameter(value)...}; },
        values);
  }
  static std::tuple<T...> row(std::span<Field> fields) { return row(fields, std::index_sequence_for<T...>()); }

 private:
  template <std::size_t... I>
  static std::tuple<T...> row([[maybe_unused]] std::span<Field> fields, std::index_sequence<I...>) {
    return std::tuple<T...>{Convert<T>::value(std::move(fields[I]))...};
  }
};

}  // namespace detail

template <class In, class Out = std::tuple<>>
class Statement {
 public:
  explicit Statement(std::string_view sql) : raw_(sql, detail::Types<In>::in(), detail::Types<Out>::out()) {}

  /// Every row, in order.
  Result<std::vector<Out>> all(Connection& connection, In const& in) const {
    std::vector<Out> rows;
    TRY(run_with(connection, in, detail::Rows::collect, [&](std::span<Field> fields) {
      rows.push_back(detail::Types<Out>::row(fields));
      return true;
    }));
    return rows;
  }

  /// The first row, if there is one.
  Result<std::optional<Out>> first(Connection& connection, In const& in) const {
    std::optional<Out> row;
    TRY(run_with(connection, in, detail::Rows::collect, [&](std::span<Field> fields) {
      row.emplace(detail::Types<Out>::row(fields));
      return false;
    }));
    return row;
  }

  /// Row by row without keeping them; `use` must not run other statements on the same connection.
  Done each(Connection& connection, In const& in, std::function<void(Out)> const& use) const {
    TRY(run_with(connection, in, detail::Rows::stream, [&](std::span<Field> fields) {
      use(detail::Types<Out>::row(fields));
      return true;
    }));
    return {};
  }

  /// For INSERT, UPDATE, DELETE: the number of rows changed.
  Result<std::int64_t> run(Connection& connection, In const& in) const {
    return run_with(connection, in, detail::Rows::collect, [](std::span<Field>) { return true; });
  }

 private:
  template <class F>
  Result<std::int64_t> run_with(Connection& connection, In const& in, detail::Rows rows, F const& use) const {
    auto const parameters = detail::Types<In>::parameters(in);
    return raw_.run(connection, parameters, rows, std::ref(use));
  }

  detail::RawStatement raw_;
};

}  // namespace courant::store
