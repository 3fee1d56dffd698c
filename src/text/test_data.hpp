// For tests: files of the shared test data, which is not part of the repository. COURANT_TEST_DATA names its folder.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace courant::text::test_data {

inline std::string contents(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A .tar.zst of the test data, unpacked for as long as this lives.
class Unpacked {
 public:
  /// Nothing when the data is absent; the test then skips itself with a message.
  static std::optional<Unpacked> open(std::string const& archive) {
    char const* const folder = std::getenv("COURANT_TEST_DATA");
    if (!folder || !std::filesystem::exists(std::filesystem::path(folder) / archive)) return std::nullopt;
    std::string directory = (std::filesystem::temp_directory_path() / "courant-text-XXXXXX").string();
    if (!::mkdtemp(directory.data())) return std::nullopt;
    Unpacked unpacked(directory);
    std::string const command =
        "zstd -dc '" + std::string(folder) + "/" + archive + "' | tar xf - -C '" + directory + "'";
    if (std::system(command.c_str()) != 0) return std::nullopt;
    return unpacked;
  }
  Unpacked(Unpacked&& other) noexcept : directory_(std::exchange(other.directory_, {})) {}
  Unpacked& operator=(Unpacked&&) = delete;
  ~Unpacked() {
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_; }

 private:
  explicit Unpacked(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
};

}  // namespace courant::text::test_data
