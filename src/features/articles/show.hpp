// A stored body made into what readers get: picture references become <picture> elements with their variants.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "features/articles/article.hpp"

namespace courant::articles {

enum class Loading : std::uint8_t { eager, lazy };

/// "/media/{blob}".
[[nodiscard]] std::string media_path(std::string_view blob);

/// The still variant that every browser shows (JPEG or PNG) and that is nearest above `width` pixels; null when the
/// picture has none.
[[nodiscard]] media::Variant const* plain_variant(media::Picture const& picture, std::int32_t width);

/// <picture> with AVIF and WebP by width, JPEG or PNG for the rest, width and height so that nothing jumps.
[[nodiscard]] std::string picture_markup(media::Picture const& picture, std::string_view alt, Loading loading);

/// For the article's own page. The first picture loads at once, the others when they come near. A picture that stands
/// alone in a paragraph becomes a <figure> with its caption. A reference to no picture vanishes.
[[nodiscard]] std::string shown_html(std::string_view clean_html, std::vector<ArticlePicture> const& pictures);

/// For feeds: plain <img> elements, and every own address absolute.
[[nodiscard]] std::string feed_html(std::string_view clean_html, std::vector<ArticlePicture> const& pictures,
                                    std::string_view site_url);

}  // namespace courant::articles
