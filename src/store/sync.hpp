// fsync of what the databases do not sync themselves.
#pragma once
#include <filesystem>

#include "base/result.hpp"

namespace courant::store {

Done sync_file(std::filesystem::path const& path);
/// After this the names in it are durable too.
Done sync_directory(std::filesystem::path const& directory);

}  // namespace courant::store
