// The form that articles are written in: as it was sent, and as it is shown.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "features/articles/article.hpp"
#include "web/context.hpp"
#include "web/request.hpp"

namespace courant::articles {

/// The button that was pressed.
enum class Act : std::uint8_t { save, preview, publish };

/// A new file with its words.
struct SentPicture {
  web::Upload const* upload = nullptr;
  std::string field;  ///< "picture-1": where complaints about it belong
  std::string alt;
  std::string caption;
};

/// New words for a picture that is there.
struct SentWords {
  std::int64_t number = 0;
  std::string alt;
  std::string caption;
};

/// What came from the form.
struct Sent {
  Act act = Act::save;
  std::int64_t version = 0;  ///< that the author began from; 0: a new draft
  Draft draft;               ///< tidied
  std::string note;          ///< of a correction
  std::vector<SentPicture> pictures;
  std::vector<SentWords> words;
  bool append_pictures = false;  ///< new pictures go to the end of the text
};
[[nodiscard]] Sent read_sent(web::Form const& form);

/// What is wrong with it by the rules and by what is known of channels and pictures.
[[nodiscard]] std::vector<Complaint> complaints_about(web::PageContext& page, Sent const& sent,
                                                      std::vector<ArticlePicture> const& pictures);

/// How a picture is named in a text of that format, to be put at its end.
[[nodiscard]] std::string placeholder(Format format, std::int64_t number);

/// What the form shows.
struct WritingForm {
  Id<Article> id;
  std::optional<Article> article;  ///< nothing: a new draft
  std::int64_t version = 0;
  Draft draft;
  std::string note;
  bool append_pictures = true;
  std::vector<ArticlePicture> pictures;
  std::vector<Complaint> complaints;
  std::vector<text::Removed> removed;  ///< what cleaning the text takes out
  std::optional<Draft> theirs;         ///< what somebody else saved meanwhile
  std::string done;                    ///< what has just been done: "saved", "published", "restored"
};

/// The whole page, in its frame.
Result<web::Response> show_form(web::PageContext& page, WritingForm const& form);

}  // namespace courant::articles
