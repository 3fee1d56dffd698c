// A whole site for one script: the ground floor on an empty database, every feature, and one account of each kind.
#pragma once
#include <memory>

#include "base/result.hpp"
#include "store/testing.hpp"
#include "web/site.hpp"
#include "web/testing.hpp"

namespace courant::http_tests {

class WholeSite {
 public:
  virtual ~WholeSite() = default;
  [[nodiscard]] virtual web::Site& site() = 0;
  [[nodiscard]] virtual web::testing::Stage stage() = 0;
};

Result<std::unique_ptr<WholeSite>> open_site(store::testing::Database const& database);

}  // namespace courant::http_tests
