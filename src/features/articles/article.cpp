#include "features/articles/article.hpp"

#include <algorithm>
#include <charconv>

#include "text/excerpt.hpp"
#include "text/fold.hpp"
#include "text/language.hpp"
#include "text/markdown.hpp"
#include "text/plain.hpp"
#include "text/query.hpp"
#include "text/slug.hpp"
#include "text/url.hpp"
#include "text/utf8.hpp"

namespace courant::articles {
namespace {

constexpr std::string_view kReference = "/media/picture/";
constexpr std::size_t kMadeSummary = 90;  // characters

std::string limit_text(std::size_t limit) { return std::to_string(limit); }

void want_at_most(std::vector<Complaint>& complaints, std::string_view field, std::string_view text, std::size_t limit,
                  std::string_view message) {
  if (text::count_characters(text) <= limit) return;
  complaints.push_back({std::string(field), std::string(message), {{"limit", limit_text(limit)}}});
}

void complain_about_tags(std::vector<Complaint>& complaints, std::vector<std::string> const& tags) {
  if (tags.size() > Limits::kTags)
    complaints.push_back({"tags", "articles.too_many_tags", {{"limit", limit_text(Limits::kTags)}}});
  for (auto const& tag : tags) {
    if (text::count_characters(tag) <= Limits::kTag) continue;
    complaints.push_back({"tags", "articles.tag_too_long", {{"tag", tag}, {"limit", limit_text(Limits::kTag)}}});
  }
}

void complain_about_source(std::vector<Complaint>& complaints, Draft const& draft) {
  want_at_most(complaints, "source", draft.source, Limits::kSource, "articles.source_too_long");
  if (draft.source_address.empty()) return;
  auto const address = text::Url::parse(draft.source_address);
  if (!address.ok() || !address->is_web())
    complaints.push_back({"source_address", "articles.source_address_wrong", {}});
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether what stands before "picture:1" makes it an address: "](" of Markdown or "src=" of HTML.
bool names_an_address(std::string_view before, Format format) {
  if (format != Format::html && before.ends_with("](")) return true;
  if (format == Format::text) return false;
  if (before.ends_with('"') || before.ends_with('\'')) before.remove_suffix(1);
  return before.ends_with("src=");
}

/// The author's `picture:1` as the own path that cleaning lets through.
std::string with_references(std::string_view body, Format format) {
  constexpr std::string_view kShort = "picture:";
  std::string out;
  out.reserve(body.size());
  std::size_t done = 0;
  for (auto at = body.find(kShort); at != std::string_view::npos; at = body.find(kShort, at + 1)) {
    auto const number = at + kShort.size();
    if (number >= body.size() || !is_digit(body[number]) || !names_an_address(body.substr(0, at), format)) continue;
    out += body.substr(done, at - done);
    out += kReference;
    done = number;
  }
  out += body.substr(done);
  return out;
}

/// In plain text a picture is a line of its own, written as in Markdown: "![words](/media/picture/1)".
std::string with_picture_lines(std::string html) {
  constexpr std::string_view kBegin = "<p>![", kEnd = ")</p>";
  std::string out;
  std::size_t done = 0;
  for (auto at = html.find(kBegin); at != std::string::npos; at = html.find(kBegin, at + 1)) {
    auto const end = html.find(kEnd, at);
    if (end == std::string::npos) break;
    std::string_view const inside = std::string_view(html).substr(at + kBegin.size(), end - at - kBegin.size());
    auto const middle = inside.find("](");
    if (middle == std::string_view::npos || referenced_picture(inside.substr(middle + 2)) == 0) continue;
    std::string alt(inside.substr(0, middle));
    for (auto quote = alt.find('"'); quote != std::string::npos; quote = alt.find('"', quote))
      alt.replace(quote, 1, "&quot;");
    out.append(html, done, at - done);
    out += "<p><img src=\"" + std::string(inside.substr(middle + 2)) + "\" alt=\"" + alt + "\"></p>";
    done = end + kEnd.size();
  }
  out.append(html, done);
  return out;
}

Result<std::string> html_of(Draft const& draft) {
  std::string const body = with_references(draft.body, draft.format);
  switch (draft.format) {
    case Format::markdown:
      return text::markdown_to_html(body);
    case Format::html:
      return body;
    case Format::text:
      return with_picture_lines(text::plain_to_html(body));
  }
  return body;
}

text::SanitizeOptions how_to_clean(std::string_view site_url) {
  text::SanitizeOptions options;
  if (auto url = text::Url::parse(site_url); url.ok()) options.site_url = std::move(url).value();
  // Our pages load nothing from other sites, so a picture elsewhere would stay blank: a link is honest.
  options.outside_pictures = text::SanitizeOptions::Outside::link;
  return options;
}

/// An error of the text module, tied to the field it is about.
Error about_body(Error error) {
  if (error.kind != ErrorKind::invalid) return error;
  return invalid({Complaint{"body", error.message, error.arguments}});
}

std::vector<std::int64_t> numbers_of(std::vector<text::Picture> const& pictures) {
  std::vector<std::int64_t> numbers;
  for (auto const& picture : pictures)
    if (auto const number = referenced_picture(picture.address)) numbers.push_back(number);
  return numbers;
}

}  // namespace

std::string_view name_of(State state) noexcept {
  switch (state) {
    case State::draft:
      return "draft";
    case State::published:
      return "published";
    case State::withdrawn:
      return "withdrawn";
  }
  return "draft";
}

std::string_view name_of(Format format) noexcept {
  switch (format) {
    case Format::markdown:
      return "markdown";
    case Format::html:
      return "html";
    case Format::text:
      return "text";
  }
  return "markdown";
}

std::optional<Format> format_named(std::string_view name) noexcept {
  for (auto const format : {Format::markdown, Format::html, Format::text})
    if (name_of(format) == name) return format;
  return std::nullopt;
}

std::string picture_reference(std::int64_t number) { return std::string(kReference) + std::to_string(number); }

std::int64_t referenced_picture(std::string_view address) {
  if (!address.starts_with(kReference)) return 0;
  address.remove_prefix(kReference.size());
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(address.data(), address.data() + address.size(), number);
  bool const whole = error == std::errc{} && end == address.data() + address.size();
  return whole && number > 0 ? number : 0;
}

std::vector<std::string> tidied_tags(std::vector<std::string> const& tags) {
  std::vector<std::string> tidy;
  std::vector<std::string> folded;
  for (auto const& tag : tags) {
    std::string clean = text::clean_name(tag);
    while (clean.starts_with('#')) clean = text::trim(std::string_view(clean).substr(1));
    std::string key = text::fold(clean);
    if (key.empty() || std::ranges::find(folded, key) != folded.end()) continue;
    tidy.push_back(std::move(clean));
    folded.push_back(std::move(key));
  }
  return tidy;
}

Draft tidied(Draft draft) {
  draft.title = text::clean_name(draft.title);
  draft.summary = text::clean_name(draft.summary);
  draft.source = text::clean_name(draft.source);
  draft.source_address = text::trim(draft.source_address);
  draft.tags = tidied_tags(draft.tags);
  return draft;
}

std::vector<Complaint> complaints_about(Draft const& draft, Purpose purpose) {
  std::vector<Complaint> complaints;
  if (draft.title.empty()) complaints.push_back({"title", "articles.title_empty", {}});
  want_at_most(complaints, "title", draft.title, Limits::kTitle, "articles.title_too_long");
  want_at_most(complaints, "summary", draft.summary, Limits::kSummary, "articles.summary_too_long");
  complain_about_tags(complaints, draft.tags);
  complain_about_source(complaints, draft);
  if (draft.body.size() > Limits::kBody)
    complaints.push_back({"body", "articles.body_too_long", {{"limit", limit_text(Limits::kBody / 1024)}}});
  if (purpose == Purpose::save) return complaints;
  if (text::trim(draft.body).empty()) complaints.push_back({"body", "articles.body_empty", {}});
  if (!draft.channel) complaints.push_back({"channel", "articles.channel_missing", {}});
  return complaints;
}

Result<Composed> compose(Draft const& draft, std::string_view site_url) {
  auto html = html_of(draft);
  if (!html.ok()) return about_body(std::move(html).error());
  auto clean = text::sanitize(*html, how_to_clean(site_url));
  if (!clean.ok()) return about_body(std::move(clean).error());

  std::string const plain = text::html_to_plain(clean->html);
  Composed composed;
  composed.pictures = numbers_of(clean->pictures);
  composed.characters = static_cast<std::int64_t>(text::count_text_characters(plain));
  if (composed.characters == 0 && clean->pictures.empty())
    return invalid({Complaint{"body", "articles.body_nothing_left", {}}});
  composed.summary = draft.summary.empty() ? made_summary(plain) : draft.summary;
  composed.slug = text::slug(draft.title);
  composed.language = text::guess_language(draft.title + "\n" + plain);
  composed.html = std::move(clean->html);
  composed.removed = std::move(clean->removed);
  return composed;
}

std::string made_summary(std::string_view plain) {
  // White space may go, so somewhat more than is wanted is looked at; never the whole of a long text.
  return text::excerpt(text::first_characters(plain, 4 * kMadeSummary), kMadeSummary);
}

bool may_see(State state, Relation relation) noexcept {
  return state == State::published || relation != Relation::stranger;
}

Done may_change(Article const& article, Relation relation) {
  if (relation != Relation::stranger) return {};
  if (!may_see(article.state, relation)) return missing("articles.no_such_article");
  return forbidden("articles.not_yours");
}

Done is_current(Article const& article, std::int64_t expected_version) {
  if (article.version == expected_version) return {};
  return conflict("articles.changed_meanwhile");
}

Done may_publish(Article const& article) {
  if (article.state == State::withdrawn) return conflict("articles.is_withdrawn");
  return {};
}

Done may_withdraw(Article const& article) {
  if (article.state != State::published) return conflict("articles.not_published");
  return {};
}

Done may_undo_withdrawal(Article const& article) {
  if (article.state != State::withdrawn) return conflict("articles.not_withdrawn");
  return {};
}

Done may_delete_draft(Article const& article) {
  if (article.state != State::draft) return conflict("articles.not_a_draft");
  return {};
}

std::string path_of(Id<Article> id, std::string_view slug) {
  std::string path = "/a/" + id.str();
  if (!slug.empty()) path += "/" + text::percent_encode(slug);
  return path;
}

std::string path_of_tag(std::string_view tag) { return "/tag/" + text::percent_encode(tag); }

}  // namespace courant::articles
