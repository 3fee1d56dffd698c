// A directory of its own for one test, gone afterwards.
#pragma once
#include <filesystem>

#include "base/crypto.hpp"

namespace courant::media {

class FolderForTest {
 public:
  FolderForTest() : path_(std::filesystem::temp_directory_path() / ("courant-media-" + crypto::random_token(9))) {
    std::filesystem::create_directories(path_);
  }
  FolderForTest(FolderForTest const&) = delete;
  ~FolderForTest() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace courant::media
