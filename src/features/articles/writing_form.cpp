#include "features/articles/writing_form.hpp"

#include <algorithm>
#include <charconv>

#include "features/articles/parts.hpp"
#include "features/articles/show.hpp"
#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::articles {
namespace {

constexpr int kNewPictures = 3;  // rows for new files on one form

// --- Reading --------------------------------------------------------------------------------------------------------

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0 ? number : 0;
}

Act act_named(std::string_view name) {
  if (name == "publish") return Act::publish;
  return name == "preview" ? Act::preview : Act::save;
}

/// Tags are parted by commas of any script, "、", ";" and ends of lines.
std::vector<std::string> tags_in(std::string_view line) {
  constexpr std::string_view kSeparators[] = {",", "，", "、", ";", "；", "\n"};
  std::vector<std::string> tags(1);
  while (!line.empty()) {
    std::string_view const* separator = nullptr;
    for (auto const& one : kSeparators)
      if (line.starts_with(one)) separator = &one;
    if (separator) {
      tags.emplace_back();
      line.remove_prefix(separator->size());
    } else {
      tags.back() += line.front();
      line.remove_prefix(1);
    }
  }
  return tags;
}

Draft draft_in(web::Form const& form) {
  Draft draft;
  draft.title = form.text("title");
  draft.summary = form.text("summary");
  draft.channel = {number_in(form.trimmed("channel"))};
  draft.tags = tags_in(form.text("tags"));
  draft.format = format_named(form.text("format")).value_or(Format::markdown);
  draft.body = form.text("body");
  draft.source = form.text("source");
  draft.source_address = form.text("source_address");
  draft.cover = number_in(form.trimmed("cover"));
  return tidied(std::move(draft));
}

std::vector<SentPicture> pictures_in(web::Form const& form) {
  std::vector<SentPicture> pictures;
  for (int row = 1; row <= kNewPictures; ++row) {
    std::string const field = "picture-" + std::to_string(row);
    std::string const alt = text::clean_name(form.text("new-alt-" + std::to_string(row)));
    std::string const caption = text::clean_name(form.text("new-caption-" + std::to_string(row)));
    for (auto const* upload : form.uploads(field))
      if (upload->bytes > 0) pictures.push_back({upload, field, alt, caption});
  }
  return pictures;
}

std::vector<SentWords> words_in(web::Form const& form) {
  std::vector<SentWords> words;
  for (auto const text : form.all("described")) {
    auto const number = number_in(text);
    if (number == 0) continue;
    std::string const which = std::to_string(number);
    words.push_back(
        {number, text::clean_name(form.text("alt-" + which)), text::clean_name(form.text("caption-" + which))});
  }
  return words;
}

bool is_too_long(std::string const& words) { return text::count_characters(words) > Limits::kAlt; }

// --- Showing --------------------------------------------------------------------------------------------------------

std::string joined(std::vector<std::string> const& tags) {
  std::string line;
  for (auto const& tag : tags) line += (line.empty() ? "" : ", ") + tag;
  return line;
}

void add_fields(web::Model& model, Draft const& draft) {
  model.set("TITLE", draft.title).set("SUMMARY", draft.summary).set("TAGS", joined(draft.tags));
  model.set("BODY_TEXT", draft.body).set("SOURCE", draft.source).set("SOURCE_ADDRESS", draft.source_address);
}

void add_choices(web::Model& model, web::PageContext& page, WritingForm const& form) {
  for (auto const& channel : all_channels(page)) {
    auto& choice = model.add("CHANNEL");
    choice.set("ID", channel.id.str()).set("NAME", channel.name).show("CHOSEN", channel.id == form.draft.channel);
  }
  for (auto const format : {Format::markdown, Format::html, Format::text}) {
    auto& choice = model.add("FORMAT");
    choice.set("ID", name_of(format)).set("NAME", page.text("articles.format_" + std::string(name_of(format))));
    choice.show("CHOSEN", format == form.draft.format);
  }
  model.show("NO_COVER", form.draft.cover == 0);
}

void add_pictures(web::Model& model, WritingForm const& form) {
  for (auto const& picture : form.pictures) {
    auto& item = model.add("PICTURE");
    item.set("NUMBER", picture.number).set("ALT", picture.alt).set("CAPTION", picture.caption);
    item.set("PLACEHOLDER", placeholder(form.draft.format, picture.number));
    item.show("CHOSEN", picture.number == form.draft.cover);
    if (auto const* variant = plain_variant(picture.picture, 320))
      item.add("SHOWN")
          .set("SRC", media_path(variant->blob.str()))
          .set("WIDTH", std::int64_t{variant->width})
          .set("HEIGHT", std::int64_t{variant->height});
  }
  model.show("PICTURES", !form.pictures.empty());
  for (int row = 1; row <= kNewPictures; ++row) model.add("NEW_PICTURE").set("ROW", std::int64_t{row});
  model.show("APPEND", form.append_pictures);
}

void add_removed(web::Model& model, web::PageContext& page, WritingForm const& form) {
  if (form.removed.empty()) return;
  auto& removed = model.add("REMOVED");
  for (auto const& one : form.removed) {
    auto& item = removed.add("ITEM");
    item.set("NAME", one.name).set("COUNT", static_cast<std::int64_t>(one.count)).set("REASON", page.text(one.reason));
    if (one.characters != 0) item.add("LOST").set("CHARACTERS", static_cast<std::int64_t>(one.characters));
    if (!one.example.empty()) item.add("EXAMPLE").set("TEXT", one.example);
  }
}

void add_state(web::Model& model, web::PageContext& page, WritingForm const& form) {
  auto const& article = form.article;
  State const state = article ? article->state : State::draft;
  model.show("IS_NEW", !article).show("IS_DRAFT", article && state == State::draft);
  model.show("IS_PUBLISHED", state == State::published).show("IS_WITHDRAWN", state == State::withdrawn);
  model.show("MAY_PUBLISH", state == State::draft).show("MAY_CORRECT", state == State::published);
  model.show("IS_CORRECTING",
             article && state == State::published && article->newest_revision > article->live_revision);
  model.set("PUBLIC_PATH", article ? path_of(article->id, article->slug) : std::string());
  if (!form.done.empty()) model.add("DONE").set("TEXT", page.text("articles.done_" + form.done));
  if (!form.theirs) return;
  auto& theirs = model.add("THEIRS");
  theirs.set("THEIR_TITLE", form.theirs->title).set("THEIR_BODY", form.theirs->body);
}

}  // namespace

Sent read_sent(web::Form const& form) {
  Sent sent;
  sent.act = act_named(form.text("act"));
  sent.version = number_in(form.trimmed("version"));
  sent.draft = draft_in(form);
  sent.note = text::clean_name(form.text("note"));
  sent.pictures = pictures_in(form);
  sent.words = words_in(form);
  sent.append_pictures = form.checked("append");
  return sent;
}

std::vector<Complaint> complaints_about(web::PageContext& page, Sent const& sent,
                                        std::vector<ArticlePicture> const& pictures) {
  auto complaints = complaints_about(sent.draft, sent.act == Act::publish ? Purpose::publish : Purpose::save);
  if (sent.draft.channel && !channel_of(page, sent.draft.channel))
    complaints.push_back({"channel", "articles.no_such_channel", {}});
  if (text::count_characters(sent.note) > Limits::kNote)
    complaints.push_back({"note", "articles.note_too_long", {{"limit", std::to_string(Limits::kNote)}}});
  bool const has_cover =
      sent.draft.cover == 0 || std::ranges::find(pictures, sent.draft.cover, &ArticlePicture::number) != pictures.end();
  if (!has_cover)
    complaints.push_back({"cover", "articles.no_such_picture", {{"number", std::to_string(sent.draft.cover)}}});
  MessageArguments const limit{{"limit", std::to_string(Limits::kAlt)}};
  for (auto const& picture : sent.pictures)
    if (is_too_long(picture.alt) || is_too_long(picture.caption))
      complaints.push_back({picture.field, "articles.picture_words_too_long", limit});
  for (auto const& words : sent.words)
    if (is_too_long(words.alt) || is_too_long(words.caption))
      complaints.push_back({"alt-" + std::to_string(words.number), "articles.picture_words_too_long", limit});
  return complaints;
}

std::string placeholder(Format format, std::int64_t number) {
  std::string const name = "picture:" + std::to_string(number);
  if (format == Format::html) return "<p><img src=\"" + name + "\" alt=\"\"></p>";
  return "![](" + name + ")";
}

Result<web::Response> show_form(web::PageContext& page, WritingForm const& form) {
  web::Model model;
  model.set("ID", form.id.str()).set("VERSION", form.version).set("NOTE", form.note);
  add_fields(model, form.draft);
  add_choices(model, page, form);
  add_pictures(model, form);
  add_removed(model, page, form);
  add_state(model, page, form);
  page.show_complaints(model, form.complaints);

  web::PageHead head;
  head.title = form.article ? page.text("articles.edit_title") : page.text("articles.write_title");
  auto response = TRY(page.page(head, TRY(page.render("articles/write.html", model))));
  response.caching = web::Caching::none;
  if (form.theirs)
    response.status = 409;
  else if (!form.complaints.empty())
    response.status = 422;
  return response;
}

}  // namespace courant::articles
