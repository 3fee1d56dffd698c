// A backup on disk: a directory (0700) of files (0600), the last of them MANIFEST, a JSON text that names each file
// with its size and SHA-256, each table with its rows, and on PostgreSQL the steps that made the schema. Without
// MANIFEST a backup is not finished. SQLite: courant.db, a database. PostgreSQL: NNN.copy.zst, one a table, rows in
// COPY's text format, zstd.
#pragma once
#include <zstd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "store/migrations.hpp"
#include "store/store.hpp"

namespace courant::store {

struct BackupFile {
  std::string name;
  std::int64_t bytes = 0;
  std::string sha256;
};

struct BackupTable {
  std::string name;
  std::int64_t rows = 0;
  std::string file;  ///< PostgreSQL; empty when the table was left out
};

struct Sequence {
  std::string name;
  std::int64_t value = 0;
};

struct Manifest {
  Engine engine = Engine::sqlite;
  std::vector<BackupFile> files;
  std::vector<BackupTable> tables;
  std::vector<Sequence> sequences;
  std::vector<AppliedStep> schema;
};

/// Makes `target`, or takes it when it is empty. Errors: invalid (not empty), unavailable.
Done make_backup_directory(std::filesystem::path const& target);

/// Writes MANIFEST and syncs the directory.
Result<BackupReport> finish_backup(std::filesystem::path const& directory, Manifest const& manifest);
/// Error: invalid when there is no MANIFEST or it cannot be read.
Result<Manifest> read_manifest(std::filesystem::path const& directory);
Result<BackupReport> report_of(std::filesystem::path const& directory, Manifest const& manifest);

/// Size and SHA-256, read in pieces.
Result<BackupFile> measure(std::filesystem::path const& directory, std::string const& name);
/// Compares every file with the manifest. Error: invalid, naming the first file that differs.
Done check_files(std::filesystem::path const& directory, Manifest const& manifest);

/// A new file of a backup, compressed as it is written.
class CompressedWriter {
 public:
  static Result<CompressedWriter> open(std::filesystem::path const& directory, std::string name);
  Done write(std::string_view data);
  /// Syncs and closes.
  Result<BackupFile> finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  CompressedWriter() = default;
  Done compress(std::string_view data, ZSTD_EndDirective end);

  BackupFile file_;
  std::unique_ptr<std::FILE, Close> out_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  crypto::Sha256 sha256_;
  std::string buffer_;
};

class CompressedReader {
 public:
  static Result<CompressedReader> open(std::filesystem::path const& path);
  /// The next piece, valid until the next call; nullopt at the end. Error: invalid (damaged).
  Result<std::optional<std::string_view>> next();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  CompressedReader() = default;

  std::unique_ptr<std::FILE, Close> in_;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  std::string read_;
  std::size_t read_at_ = 0;
  std::string buffer_;
  bool frame_open_ = false;
};

}  // namespace courant::store
