// The article: its record, what a person may write into it, and the rules. Plain data and functions without I/O.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/pictures.hpp"
#include "text/html.hpp"

namespace courant {

struct Account;
struct Author;
struct Channel;

namespace articles {

/// draft -> published -> withdrawn -> (undo) published. A correction is a newer revision of a published article; the
/// live one stays until the correction is published.
enum class State : std::uint8_t { draft = 0, published = 1, withdrawn = 2 };

/// How the author wrote the body.
enum class Format : std::uint8_t { markdown = 0, html = 1, text = 2 };

[[nodiscard]] std::string_view name_of(State state) noexcept;
[[nodiscard]] std::string_view name_of(Format format) noexcept;
[[nodiscard]] std::optional<Format> format_named(std::string_view name) noexcept;

/// The picture that stands for an article in lists; its JPEG or PNG variant of about 320 pixels.
struct Cover {
  std::string blob;  ///< name; empty: none
  std::int32_t width = 0;
  std::int32_t height = 0;
};

struct Limits {
  static constexpr std::size_t kTitle = 120;  ///< characters
  static constexpr std::size_t kImportedTitle = 500;
  static constexpr std::size_t kSummary = 300;    ///< characters
  static constexpr std::size_t kBody = 1u << 20;  ///< bytes as written
  static constexpr std::size_t kSource = 120;     ///< characters, of the source's name
  static constexpr std::size_t kNote = 500;       ///< characters of a correction note
  static constexpr std::size_t kTags = 10;
  static constexpr std::size_t kTag = 30;  ///< characters
  static constexpr std::size_t kImportedTag = 100;
  static constexpr std::size_t kPictures = 60;
  static constexpr std::size_t kAlt = 300;  ///< characters, of caption and alternative text each
};

}  // namespace articles

/// One row of `articles`: what is true of the article now. While it is a draft that is the newest revision; once it is
/// published, the live one.
struct Article {
  Id<Article> id;
  Id<Author> author;
  Id<Channel> channel;
  articles::State state = articles::State::draft;
  std::int64_t version = 0;          ///< grows by one with each change of the row or of its revisions
  std::int64_t live_revision = 0;    ///< the published one; 0: none, or as imported
  std::int64_t newest_revision = 0;  ///< above live_revision: a correction is being written
  std::string title;
  std::string slug;      ///< not percent-encoded; empty when the title has no letter
  std::string summary;   ///< what lists show
  std::string language;  ///< BCP 47
  std::vector<std::string> tags;
  articles::Cover cover;
  Time created_at, updated_at;
  Time published_at;  ///< 0 while a draft
  Time corrected_at;  ///< 0: never
};

namespace articles {

/// One row of `article_bodies`: what only the article's own page and the feeds show.
struct Body {
  std::string html;             ///< clean; pictures stand in it by picture_reference()
  std::int64_t characters = 0;  ///< of its plain text, white space aside
  std::string source;           ///< who said it first, as shown; empty: the author
  std::string source_address;
  std::string correction_note;  ///< shown publicly; empty: never corrected, or without a word
};

/// What an author writes: everything a revision keeps.
struct Draft {
  std::string title;
  std::string summary;  ///< empty: made from the body
  Id<Channel> channel;
  std::vector<std::string> tags;
  Format format = Format::markdown;
  std::string body;  ///< as written; `![](picture:1)` or <img src="picture:1"> stands for the article's first picture
  std::string source;
  std::string source_address;
  std::int64_t cover = 0;  ///< number of the picture that is the cover; 0: none

  friend bool operator==(Draft const&, Draft const&) = default;
};

/// A picture of an article, numbered from 1 in the order it came.
struct ArticlePicture {
  std::int64_t number = 0;
  bool live = false;  ///< shown by the published version; else only its author and the desk may see it
  std::string alt;
  std::string caption;
  media::Picture picture;
};

/// A body made ready to be shown: what publishing stores.
struct Composed {
  std::string html;  ///< clean; pictures stand in it by picture_reference()
  std::string summary;
  std::string slug;
  std::string language;
  std::int64_t characters = 0;         ///< of plain text, for reading time
  std::vector<std::int64_t> pictures;  ///< the numbers that the body shows
  std::vector<text::Removed> removed;  ///< what cleaning took out, to be told to the author
};

/// "/media/picture/3": how clean HTML names the article's third picture until it is shown.
[[nodiscard]] std::string picture_reference(std::int64_t number);
/// 3 of "/media/picture/3"; 0 for any other address.
[[nodiscard]] std::int64_t referenced_picture(std::string_view address);

/// Makes names presentable and tags unique ("#Go" and "go" are one); what a form sends goes through it before the
/// rules.
[[nodiscard]] Draft tidied(Draft draft);
[[nodiscard]] std::vector<std::string> tidied_tags(std::vector<std::string> const& tags);

enum class Purpose : std::uint8_t { save, publish };
/// Everything wrong with a draft, each tied to its field; saving wants less than publishing.
[[nodiscard]] std::vector<Complaint> complaints_about(Draft const& draft, Purpose purpose);

/// Cleans and measures. `site_url` is this site's own address: links to it become own paths.
/// Errors: invalid, tied to the field "body" (text.html_too_deep and the like, articles.body_empty).
[[nodiscard]] Result<Composed> compose(Draft const& draft, std::string_view site_url);

/// The summary of who writes none: the beginning of the plain text, two lines of a list.
[[nodiscard]] std::string made_summary(std::string_view plain);

/// What the person who asks is to an article.
enum class Relation : std::uint8_t { own, desk, stranger };
[[nodiscard]] bool may_see(State state, Relation relation) noexcept;
/// Error: missing for drafts of others (their existence is nobody's business), forbidden otherwise.
Done may_change(Article const& article, Relation relation);
/// Error: conflict articles.changed_meanwhile.
Done is_current(Article const& article, std::int64_t expected_version);

// Whether a step may be taken from where the article is. Error: conflict articles.not_published and the like.
Done may_publish(Article const& article);
Done may_withdraw(Article const& article);
Done may_undo_withdrawal(Article const& article);
Done may_delete_draft(Article const& article);

/// "/a/17/some-title", percent-encoded; "/a/17" when there is no slug.
[[nodiscard]] std::string path_of(Id<Article> id, std::string_view slug);
/// "/tag/…", percent-encoded.
[[nodiscard]] std::string path_of_tag(std::string_view tag);

}  // namespace articles
}  // namespace courant
