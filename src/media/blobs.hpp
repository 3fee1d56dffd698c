// Bytes that never change, kept on disk under the name of their content: DIR/ab/cd/abcd….
//
// A blob is whole or absent: it is written to DIR/tmp, synced, renamed into place, and the directory synced, before put
// returns. The same bytes put twice are one file. Nothing here knows what a blob means or who still needs it; whoever
// removes one has made sure of that. The face is narrow so that an object store (S3) can stand behind it: only path()
// says "disk", and only the server that sends files from disk may call it.
#pragma once
#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "media/descriptor.hpp"

namespace courant::media {

/// The SHA-256 of a blob's bytes as 64 lower-case hexadecimal digits, or nothing. Only parse() and of() make one, so a
/// BlobName is always safe inside a path.
class BlobName {
 public:
  BlobName() = default;
  /// Takes exactly 64 of [0-9a-f]; anything else is no name.
  static std::optional<BlobName> parse(std::string_view text);
  static BlobName of(crypto::Digest const& digest);

  [[nodiscard]] std::string const& str() const { return hex_; }
  explicit operator bool() const { return !hex_.empty(); }
  friend auto operator<=>(BlobName const&, BlobName const&) = default;

 private:
  std::string hex_;
};

/// An opened blob: the descriptor stays readable even when the blob is removed meanwhile.
struct OpenBlob {
  Descriptor descriptor;
  std::int64_t bytes = 0;
};

/// A stretch of an open file, to be put.
struct Piece {
  int descriptor = -1;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
};

/// Safe to use from any thread, and by several processes on one directory.
class Blobs {
 public:
  /// Makes the directory when needed (mode 0700) and clears temporary files older than a day that a crash left behind.
  /// Error: broken when the directory cannot be made or written.
  static Result<Blobs> open(std::filesystem::path directory);

  // All put functions are durable when they return. Errors: unavailable (disk full and the like, nothing is kept).
  [[nodiscard]] Result<BlobName> put(std::string_view bytes);
  /// Copies a file in; the file stays. Error besides: missing when it cannot be opened.
  [[nodiscard]] Result<BlobName> put_file(std::filesystem::path const& file);
  /// Puts several at the cost of fewer syncs; names in the order of the pieces. Error besides: broken when a piece is
  /// shorter than it says.
  [[nodiscard]] Result<std::vector<BlobName>> put_all(std::span<Piece const> pieces);

  /// Error: missing.
  [[nodiscard]] Result<OpenBlob> find(BlobName const& name) const;
  /// The whole content; for small blobs. Error: missing.
  [[nodiscard]] Result<std::string> read(BlobName const& name) const;
  [[nodiscard]] bool contains(BlobName const& name) const;
  /// Where the blob lies (or would lie) on disk.
  [[nodiscard]] std::filesystem::path path(BlobName const& name) const;

  /// Removing what is not there is fine: the wish is fulfilled. Error: unavailable.
  Done remove(BlobName const& name);
  /// Reads the blob and compares it with its name. Errors: missing, broken ("damaged").
  Done verify(BlobName const& name) const;
  /// Visits every blob in order of name, in constant memory; stops at the visitor's first error and returns it.
  Done each(std::function<Done(BlobName const&, std::int64_t bytes)> const& visit) const;

 private:
  explicit Blobs(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
};

}  // namespace courant::media
