// The part of an import that needs no database: it runs outside of transactions, where time is cheap.
#include "features/articles/commands.hpp"
#include "text/excerpt.hpp"
#include "text/fold.hpp"
#include "text/language.hpp"
#include "text/slug.hpp"
#include "text/url.hpp"
#include "text/utf8.hpp"

namespace courant::articles {
namespace {

constexpr std::size_t kLongestHtml = 4u << 20;  // bytes
constexpr std::size_t kGuessFrom = 1'500;       // bytes of text that tell the language
constexpr std::size_t kLongestPath = 2'000;     // bytes

std::vector<Complaint> complaints_about(Import const& article) {
  std::vector<Complaint> complaints;
  if (article.title.empty()) complaints.push_back({"title", "articles.title_empty", {}});
  if (text::count_characters(article.title) > Limits::kImportedTitle)
    complaints.push_back({"title", "articles.title_too_long", {{"limit", std::to_string(Limits::kImportedTitle)}}});
  if (article.html.size() > kLongestHtml)
    complaints.push_back({"body", "articles.body_too_long", {{"limit", std::to_string(kLongestHtml / 1024)}}});
  for (auto const& tag : article.tags) {
    if (text::count_characters(tag) <= Limits::kImportedTag) continue;
    std::string const limit = std::to_string(Limits::kImportedTag);
    complaints.push_back({"tags", "articles.tag_too_long", {{"tag", tag}, {"limit", limit}}});
  }
  return complaints;
}

bool is_web_address(std::string_view address) {
  auto const url = text::Url::parse(address);
  return url.ok() && url->is_web();
}

}  // namespace

Result<Prepared> prepare(Import article) {
  article.title = text::clean_name(article.title);
  article.source_name = text::clean_name(article.source_name);
  article.tags = tidied_tags(article.tags);
  if (auto complaints = complaints_about(article); !complaints.empty()) return invalid(std::move(complaints));

  std::string const plain = text::html_to_plain(article.html);
  article.slug = text::slug(article.slug.empty() ? article.title : article.slug);
  article.summary = article.summary.empty() ? made_summary(plain)
                                            : text::excerpt(text::clean_name(article.summary), Limits::kSummary);
  if (article.language.empty())
    article.language = text::guess_language(article.title + "\n" + plain.substr(0, kGuessFrom));
  if (!is_web_address(article.source_address)) article.source_address.clear();
  std::erase_if(article.old_paths, [](std::string const& path) { return path.empty() || path.size() > kLongestPath; });

  Prepared prepared;
  prepared.characters = static_cast<std::int64_t>(text::count_text_characters(plain));
  prepared.article = std::move(article);
  return prepared;
}

}  // namespace courant::articles
