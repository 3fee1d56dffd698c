// The front door of authors: the public faces under which people write.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "features/authors/author.hpp"
#include "features/authors/projection.hpp"
#include "store/store.hpp"
#include "web/context.hpp"
#include "web/site.hpp"

namespace courant::authors {

std::vector<store::Migration> migrations();

/// Adds routes and keeps the Projection (`site.get<authors::Projection>()`), which follows the journal. After accounts,
/// before the journal starts.
Done install(web::Site& site);

/// What the card says beside the profile; the features that know hand it in.
struct CardNumbers {
  std::optional<std::int64_t> articles;
};
/// The author card (name, kind, bio, picture, numbers), a <section> of its own. The page must depend on the author's
/// id.
Result<web::TrustedHtml> author_card(Author const& author, CardNumbers const& numbers, web::PageContext const& page);

/// Own path of the picture in the format and size nearest above `width` pixels; empty when the author has none.
[[nodiscard]] std::string avatar_path(Author const& author, std::int32_t width);

}  // namespace courant::authors
