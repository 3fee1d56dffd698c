#include "store/statement.hpp"

#include <map>
#include <mutex>

#include "store/store.hpp"

namespace courant::store::detail {
namespace {

struct Text {
  std::string sql;
  std::size_t number;
};

/// Every text ever prepared, by its SQL and parameter types. Never shrinks and is never destroyed: statements live in
/// namespace scope of many files, and their order of construction and destruction is anybody's guess.
struct Texts {
  std::mutex mutex;
  std::map<std::string, Text, std::less<>> by_key;

  static Texts& get() {
    static Texts* const texts = new Texts;
    return *texts;
  }
};

}  // namespace

RawStatement::RawStatement(std::string_view sql, std::vector<FieldType> in, std::vector<Column> out)
    : in_(std::move(in)), out_(std::move(out)) {
  std::string key(sql);
  key += '\0';
  for (FieldType const type : in_) key += static_cast<char>('a' + static_cast<int>(type));
  auto& texts = Texts::get();
  std::scoped_lock const lock(texts.mutex);
  Text const& text =
      texts.by_key.try_emplace(std::move(key), Text{std::string(sql), texts.by_key.size()}).first->second;
  sql_ = &text.sql;
  number_ = text.number;
}

Result<std::int64_t> RawStatement::run(Connection& connection, std::span<Parameter const> in, Rows rows,
                                       UseRow const& use) const {
  return connection.execute(*this, in, rows, use);
}

}  // namespace courant::store::detail
