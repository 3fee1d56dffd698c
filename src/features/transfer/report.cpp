#include "features/transfer/report.hpp"

#include "base/json.hpp"

namespace courant::transfer {
namespace {

std::string_view name_of(text::Removed::Kind kind) {
  switch (kind) {
    case text::Removed::Kind::element:
      return "element";
    case text::Removed::Kind::attribute:
      return "attribute";
    case text::Removed::Kind::address:
      return "address";
    case text::Removed::Kind::comment:
      return "comment";
    case text::Removed::Kind::character:
      return "character";
  }
  return "element";
}

std::int64_t reported(CleanBody const& body) {
  std::int64_t sum = 0;
  for (auto const& one : body.removed) sum += static_cast<std::int64_t>(one.characters);
  return sum;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::created:
      return "created";
    case Outcome::already_there:
      return "already there";
    case Outcome::would_create:
      return "would be created";
    case Outcome::skipped:
      return "skipped";
    case Outcome::failed:
      return "failed";
  }
  return "failed";
}

std::int64_t Totals::of(Outcome outcome) const {
  auto const found = items.find(outcome);
  return found == items.end() ? 0 : found->second;
}

Result<Report> Report::open(std::filesystem::path const& path, Sentence sentence) {
  Report report(std::move(sentence));
  if (path.empty()) return report;
  report.file_.open(path, std::ios::binary | std::ios::trunc);
  if (!report.file_) return unavailable("the report " + path.string() + " cannot be written");
  std::error_code error;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  report.writes_ = true;
  return report;
}

std::string Report::say(Error const& error) const {
  std::string text = error.message.empty() ? std::string() : sentence_(error.message, error.arguments);
  for (auto const& complaint : error.complaints)
    text += (text.empty() ? "" : "; ") + complaint.field + ": " + sentence_(complaint.message, complaint.arguments);
  if (!error.detail.empty()) text += (text.empty() ? "" : " ") + ("(" + error.detail + ")");
  return text.empty() ? std::string(courant::name_of(error.kind)) : text;
}

void Report::add(Item const& item, Outcome outcome, std::string_view article, Error const* reason,
                 CleanBody const* body) {
  ++totals_.items[outcome];
  if (outcome == Outcome::created && item.is_draft) ++totals_.drafts;
  json::Object line{{"line", item.place},
                    {"id", item.source_id},
                    {"title", item.title.substr(0, 500)},
                    {"outcome", name_of(outcome)}};
  if (!article.empty()) line["article"] = article;
  if (item.is_draft) line["draft"] = true;
  if (reason != nullptr) line["reason"] = say(*reason);
  if (body != nullptr) {
    totals_.characters_in += body->in;
    totals_.characters_added += body->added;
    totals_.characters_stored += body->stored;
    totals_.characters_reported += reported(*body);
    line["characters"] =
        json::Object{{"in", body->in}, {"added", body->added}, {"stored", body->stored}, {"reported", reported(*body)}};
    json::Array removed;
    for (auto const& one : body->removed) {
      json::Object entry{{"kind", name_of(one.kind)},
                         {"name", one.name},
                         {"reason", sentence_(one.reason, {})},
                         {"count", one.count},
                         {"characters", one.characters}};
      if (!one.example.empty()) entry["example"] = one.example;
      removed.emplace_back(std::move(entry));
    }
    if (!removed.empty()) line["removed"] = std::move(removed);
  }
  for (auto const& [what, count] : item.left_behind)
    line["left_behind"].is_null() ? line["left_behind"] = json::Object{{what, count}}
                                  : line["left_behind"].as_object()[what] = count;
  if (writes_) file_ << json::write(line) << '\n';
}

void Report::broken_off(Error const& reason) {
  ++totals_.items[Outcome::failed];
  if (writes_) file_ << json::write(json::Object{{"outcome", "broken off"}, {"reason", say(reason)}}) << '\n';
}

Done Report::finish() {
  if (!writes_) return {};
  json::Object totals;
  for (auto const& [outcome, count] : totals_.items) totals[name_of(outcome)] = count;
  totals["drafts"] = totals_.drafts;
  totals["characters"] = json::Object{{"in", totals_.characters_in},
                                      {"added", totals_.characters_added},
                                      {"stored", totals_.characters_stored},
                                      {"reported", totals_.characters_reported}};
  totals["replaced_characters"] = totals_.replaced_characters;
  file_ << json::write(json::Object{{"totals", std::move(totals)}}) << '\n';
  file_.flush();
  if (!file_) return unavailable("the report could not be written to its end");
  return {};
}

}  // namespace courant::transfer
