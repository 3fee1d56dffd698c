// Smaller files for pictures, made after the answer: AVIF takes several times as long as all else together.
#pragma once
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"
#include "features/articles/article.hpp"
#include "store/store.hpp"
#include "web/site.hpp"

namespace courant::articles {

/// Names the job that derives AVIF for a picture; it runs once the transaction is committed.
Done derive_later(store::Transaction& transaction, jobs::Jobs& jobs, Clock const& clock, Id<Article> id,
                  std::int64_t number);
/// Makes the site do such jobs. Before the jobs start.
void handle_derivations(web::Site& site);

}  // namespace courant::articles
