// A body from elsewhere made into clean HTML with an exact account of its characters.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "features/transfer/item.hpp"

namespace courant::transfer {

/// in + added == stored + sum of removed[i].characters, counting text characters other than ASCII white space.
struct CleanBody {
  std::string html;
  std::int64_t in = 0;
  std::int64_t added = 0;  ///< written in place of something that could not stay, such as an embed's address
  std::int64_t stored = 0;
  std::vector<text::Removed> removed;
};

/// Pictures at other sites become links: this site shows no stranger's server to its readers. Errors: invalid, of the
/// sanitizer or the Markdown reader.
[[nodiscard]] Result<CleanBody> clean_body(Item const& item);

}  // namespace courant::transfer
