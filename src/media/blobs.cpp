#include "media/blobs.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <system_error>

namespace courant::media {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBuffer = 128 * 1024;
constexpr std::string_view kTemporary = "tmp";

/// Disk full, quota and worn-out disks: later or elsewhere it may work again.
Error disk_error(std::string_view what) {
  return unavailable(std::string(what) + ": " + std::strerror(errno), "media.storage_failed");
}

/// Removes the temporary file unless it was renamed into place.
class Temporary {
 public:
  Temporary(fs::path path, Descriptor descriptor) : path_(std::move(path)), descriptor_(std::move(descriptor)) {}
  Temporary(Temporary&& other) noexcept
      : path_(std::exchange(other.path_, fs::path())), descriptor_(std::move(other.descriptor_)) {}
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  [[nodiscard]] int get() const { return descriptor_.get(); }

  Done rename_to(fs::path const& place) {
    if (::rename(path_.c_str(), place.c_str()) != 0) return disk_error("rename of a blob");
    path_.clear();
    return {};
  }

 private:
  fs::path path_;
  Descriptor descriptor_;
};

Result<Temporary> make_temporary(fs::path const& directory) {
  auto path = directory / kTemporary / crypto::hex(crypto::random_bytes(16));
  Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!descriptor) return disk_error("creating a blob");
  return Temporary(std::move(path), std::move(descriptor));
}

Done write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return disk_error("writing a blob");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// The name is made of the very bytes that are written, so a piece that changes meanwhile cannot make it lie.
Result<BlobName> copy_piece(Piece const& piece, int target) {
  crypto::Sha256 hash;
  std::array<char, kBuffer> buffer;
  for (auto at = std::int64_t{0}; at < piece.bytes;) {
    auto const wanted = std::min<std::int64_t>(buffer.size(), piece.bytes - at);
    auto const got = ::pread(piece.descriptor, buffer.data(), static_cast<std::size_t>(wanted), piece.offset + at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_error("reading what becomes a blob");
    if (got == 0) return broken("what becomes a blob is shorter than it says");
    std::string_view const part(buffer.data(), static_cast<std::size_t>(got));
    hash.add(part);
    TRY(write_all(target, part));
    at += got;
  }
  return BlobName::of(hash.finish());
}

Done sync_directory(fs::path const& directory) {
  Descriptor const descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor || ::fsync(descriptor.get()) != 0) return disk_error("syncing a directory of blobs");
  return {};
}

/// Makes the directory; its name in the parent must be durable too, hence into `dirty`.
Done ensure_directory(fs::path const& directory, std::set<fs::path>& dirty) {
  if (::mkdir(directory.c_str(), 0700) == 0) {
    dirty.insert(directory.parent_path());
    return {};
  }
  if (errno != EEXIST) return disk_error("making a directory of blobs");
  return {};
}

struct Written {
  Temporary file;
  BlobName name;
};

/// A blob of that name and length is there: the same bytes, put before. (Damage that keeps the length is found by
/// verify, not here: reading every blob again at each put would cost more than it saves.)
bool stands(fs::path const& place, int same_length_as) {
  struct stat there{};
  struct stat here{};
  return ::stat(place.c_str(), &there) == 0 && ::fstat(same_length_as, &here) == 0 && there.st_size == here.st_size;
}

/// Brings written files into their places and makes them durable: first all contents, then the names.
Done settle(Blobs const& blobs, std::span<Written> written) {
  std::set<fs::path> dirty;
  for (auto& one : written) {
    auto const place = blobs.path(one.name);
    auto const directory = place.parent_path();
    dirty.insert(directory);  // even when the blob stands: who put it may not have synced the directory yet
    if (stands(place, one.file.get())) continue;
    TRY(ensure_directory(directory.parent_path(), dirty));
    TRY(ensure_directory(directory, dirty));
    if (::fdatasync(one.file.get()) != 0) return disk_error("syncing a blob");
  }
  for (auto& one : written) {
    auto const place = blobs.path(one.name);
    if (!stands(place, one.file.get())) TRY(one.file.rename_to(place));
  }
  for (auto const& directory : dirty) TRY(sync_directory(directory));
  return {};
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void clear_old_temporaries(fs::path const& directory) {
  std::error_code ignored;
  auto const old = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (auto const& entry : fs::directory_iterator(directory / kTemporary, ignored)) {
    auto const changed = entry.last_write_time(ignored);
    if (!ignored && changed < old) fs::remove(entry.path(), ignored);
  }
}

/// The names in a directory that are `digits` hexadecimal digits long, sorted.
Result<std::vector<std::string>> names_in(fs::path const& directory, std::size_t digits) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = fs::directory_iterator(directory, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    auto name = entry->path().filename().string();
    if (name.size() == digits && is_hex(name)) names.push_back(std::move(name));
  }
  if (error == std::errc::no_such_file_or_directory) return names;  // removed meanwhile
  if (error) return unavailable("listing blobs: " + error.message(), "media.storage_failed");
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::optional<BlobName> BlobName::parse(std::string_view text) {
  if (text.size() != 64 || !is_hex(text)) return std::nullopt;
  BlobName name;
  name.hex_ = text;
  return name;
}

BlobName BlobName::of(crypto::Digest const& digest) {
  BlobName name;
  name.hex_ = crypto::hex(digest);
  return name;
}

Result<Blobs> Blobs::open(fs::path directory) {
  std::error_code error;
  fs::create_directories(directory / kTemporary, error);
  if (error) return broken("blob directory " + directory.string() + ": " + error.message());
  if (::chmod(directory.c_str(), 0700) != 0 || ::access((directory / kTemporary).c_str(), W_OK) != 0)
    return broken("blob directory " + directory.string() + " is not ours to write");
  clear_old_temporaries(directory);
  return Blobs(std::move(directory));
}

Result<BlobName> Blobs::put(std::string_view bytes) {
  auto temporary = TRY(make_temporary(directory_));
  TRY(write_all(temporary.get(), bytes));
  std::vector<Written> written;
  written.push_back({std::move(temporary), BlobName::of(crypto::sha256(bytes))});
  TRY(settle(*this, written));
  return written.front().name;
}

Result<BlobName> Blobs::put_file(fs::path const& file) {
  Descriptor const descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about{};
  if (!descriptor || ::fstat(descriptor.get(), &about) != 0 || !S_ISREG(about.st_mode)) return missing();
  Piece const whole{descriptor.get(), 0, about.st_size};
  auto names = TRY(put_all({&whole, 1}));
  return std::move(names.front());
}

Result<std::vector<BlobName>> Blobs::put_all(std::span<Piece const> pieces) {
  std::vector<Written> written;
  for (auto const& piece : pieces) {
    auto temporary = TRY(make_temporary(directory_));
    auto name = TRY(copy_piece(piece, temporary.get()));
    written.push_back({std::move(temporary), std::move(name)});
  }
  TRY(settle(*this, written));
  std::vector<BlobName> names;
  for (auto& one : written) names.push_back(std::move(one.name));
  return names;
}

Result<OpenBlob> Blobs::find(BlobName const& name) const {
  if (!name) return missing();
  Descriptor descriptor(::open(path(name).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about{};
  if (!descriptor || ::fstat(descriptor.get(), &about) != 0) {
    if (errno == ENOENT) return missing();
    return disk_error("opening a blob");
  }
  return OpenBlob{std::move(descriptor), about.st_size};
}

Result<std::string> Blobs::read(BlobName const& name) const {
  auto const blob = TRY(find(name));
  std::string bytes(static_cast<std::size_t>(blob.bytes), '\0');
  for (std::size_t at = 0; at < bytes.size();) {
    auto const got = ::pread(blob.descriptor.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_error("reading a blob");
    if (got == 0) return broken("blob " + name.str() + " got shorter");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

bool Blobs::contains(BlobName const& name) const { return name && ::access(path(name).c_str(), F_OK) == 0; }

fs::path Blobs::path(BlobName const& name) const {
  auto const& hex = name.str();
  if (hex.empty()) return directory_ / kTemporary / "no-blob";
  return directory_ / hex.substr(0, 2) / hex.substr(2, 2) / hex;
}

Done Blobs::remove(BlobName const& name) {
  if (!name || ::unlink(path(name).c_str()) == 0 || errno == ENOENT) return {};
  return disk_error("removing a blob");
}

Done Blobs::verify(BlobName const& name) const {
  auto const blob = TRY(find(name));
  crypto::Sha256 hash;
  std::array<char, kBuffer> buffer;
  for (off_t at = 0;;) {
    auto const got = ::pread(blob.descriptor.get(), buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_error("reading a blob");
    if (got == 0) break;
    hash.add({buffer.data(), static_cast<std::size_t>(got)});
    at += got;
  }
  if (BlobName::of(hash.finish()) != name) return broken("blob " + name.str() + " is damaged");
  return {};
}

Done Blobs::each(std::function<Done(BlobName const&, std::int64_t bytes)> const& visit) const {
  for (auto const& first : TRY(names_in(directory_, 2)))
    for (auto const& second : TRY(names_in(directory_ / first, 2)))
      for (auto const& hex : TRY(names_in(directory_ / first / second, 64))) {
        auto const name = BlobName::parse(hex);
        struct stat about{};
        if (!name || ::stat(path(*name).c_str(), &about) != 0) continue;  // removed meanwhile
        TRY(visit(*name, about.st_size));
      }
  return {};
}

}  // namespace courant::media
