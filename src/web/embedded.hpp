// What the binary carries besides code, put there at build time by ui/embed.mjs.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace courant::web {

struct EmbeddedFile {
  std::string_view path;   ///< "articles/article.html", "articles/migrations/0001-begin.sql", "assets/site-HASH.css"
  std::string_view bytes;  ///< lives as long as the program
  std::string_view hash;   ///< 16 hexadecimal digits of the SHA-256
};

/// All files in the order of their paths.
[[nodiscard]] std::span<EmbeddedFile const> embedded_files();
/// The file's bytes; an empty view when there is none.
[[nodiscard]] std::string_view embedded_file(std::string_view path);

/// The schema steps of a feature: its files migrations/NNNN-name.sql, in order. A line "-- undo:" parts the way forth
/// from the way back.
[[nodiscard]] std::vector<store::Migration> migrations_of(std::string_view owner);
/// The same out of given files; for tests.
[[nodiscard]] std::vector<store::Migration> migrations_of(std::string_view owner, std::span<EmbeddedFile const> files);

}  // namespace courant::web
