#include "store/sync.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace courant::store {
namespace {

Done sync_path(std::filesystem::path const& path, int flags) {
  int const file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return unavailable("cannot open " + path.string());
  int const synced = ::fsync(file);
  ::close(file);
  if (synced != 0) return unavailable("cannot sync " + path.string());
  return {};
}

}  // namespace

Done sync_file(std::filesystem::path const& path) { return sync_path(path, O_RDWR); }

Done sync_directory(std::filesystem::path const& directory) {
  return sync_path(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
}

}  // namespace courant::store
