// Writes XML 1.0 documents element by element; whatever text goes in, what comes out is well-formed.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace courant::syndication {

class Xml {
 public:
  using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;

  Xml();
  void open(std::string_view name, Attributes const& attributes = {});
  void close(std::string_view name);
  /// <name …>text</name>
  void text(std::string_view name, std::string_view text, Attributes const& attributes = {});
  /// <name …/>
  void empty(std::string_view name, Attributes const& attributes);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void tag(std::string_view name, Attributes const& attributes);

  std::string out_;
};

}  // namespace courant::syndication
