// The sanitizer's account of what it took away. Internal to text/.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/html.hpp"

namespace courant::text::html {

class Account {
 public:
  /// `name` is an element's or character's; for attributes and addresses `attribute` names the attribute.
  void remove(Removed::Kind kind, std::string_view name, std::string_view attribute, std::string_view reason,
              std::size_t characters = 0, std::string_view example = {});
  [[nodiscard]] std::vector<Removed> take() { return std::move(removed_); }

 private:
  std::vector<Removed> removed_;
};

}  // namespace courant::text::html
