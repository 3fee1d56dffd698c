// Style, script and pictures of the site itself: finished replies from the start, each as plain, gzip and br.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "web/embedded.hpp"
#include "web/head.hpp"
#include "web/page_cache.hpp"
#include "web/template.hpp"

namespace courant::web {

class Assets {
 public:
  Assets(std::span<EmbeddedFile const> files, Transport transport);

  /// The reply for "/assets/site-HASH.css"; nullopt when there is no such asset.
  [[nodiscard]] std::optional<Reply> find(std::string_view path, Encoding encoding, Conditions const& conditions) const;
  /// From "site.css" to "/assets/site-HASH.css".
  [[nodiscard]] AssetAddresses const& addresses() const { return addresses_; }

 private:
  struct Asset {
    std::string hash;
    std::array<Reply, 3> replies;  // by Encoding
  };
  std::unordered_map<std::string_view, Asset> assets_;  // by the path after "/", which lives with the files
  AssetAddresses addresses_;
};

}  // namespace courant::web
