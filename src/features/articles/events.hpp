// What happens to articles, as the journal tells it. Drafts make no events: nobody but their authors may know of them.
#pragma once
#include <string_view>

#include "journal/event.hpp"

namespace courant::articles {

// In all of them: subject = article, version = the article's row version, numbers[0] = author, numbers[1] = channel,
// both after the change.
inline constexpr std::string_view kPublished = "articles.published";
/// numbers[2] = channel before the correction.
inline constexpr std::string_view kCorrected = "articles.corrected";
inline constexpr std::string_view kWithdrawn = "articles.withdrawn";
inline constexpr std::string_view kRestored = "articles.restored";
/// More sizes of its pictures have been made; nothing else changed.
inline constexpr std::string_view kPicturesDerived = "articles.pictures_derived";

}  // namespace courant::articles
