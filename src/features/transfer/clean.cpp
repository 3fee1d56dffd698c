#include "features/transfer/clean.hpp"

#include "features/transfer/wordpress.hpp"
#include "text/markdown.hpp"
#include "text/plain.hpp"

namespace courant::transfer {

Result<CleanBody> clean_body(Item const& item) {
  CleanBody body;
  std::string html;
  switch (item.format) {
    case BodyFormat::html:
      html = item.body;
      break;
    case BodyFormat::markdown:
      html = TRY(text::markdown_to_html(item.body));
      break;
    case BodyFormat::text:
      html = text::plain_to_html(item.body);
      break;
    case BodyFormat::wordpress: {
      auto made = wordpress_to_html(item.body);
      html = std::move(made.html);
      body.removed = std::move(made.removed);
      break;
    }
  }
  for (auto const& one : body.removed) body.in += static_cast<std::int64_t>(one.characters);

  text::SanitizeOptions options;
  options.outside_pictures = text::SanitizeOptions::Outside::link;
  if (auto base = text::Url::parse(item.address); base.ok() && base->is_web()) options.base_url = std::move(*base);
  auto clean = TRY(text::sanitize(html, options));
  body.html = std::move(clean.html);
  body.in += static_cast<std::int64_t>(clean.characters_in);
  body.added = static_cast<std::int64_t>(clean.characters_added);
  body.stored = static_cast<std::int64_t>(clean.characters_out);
  body.removed.insert(body.removed.end(), std::make_move_iterator(clean.removed.begin()),
                      std::make_move_iterator(clean.removed.end()));
  return body;
}

}  // namespace courant::transfer
