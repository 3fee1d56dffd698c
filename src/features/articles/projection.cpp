#include "features/articles/projection.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <shared_mutex>
#include <tuple>
#include <unordered_map>

#include "features/articles/sql.hpp"
#include "journal/journal.hpp"
#include "text/excerpt.hpp"
#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::articles {
namespace {

using Slot = std::uint32_t;                   // index into the records
using Slots = std::vector<Slot>;              // ascending by (published_at, id)
constexpr std::size_t kLongestSummary = 100;  // characters kept in memory; the whole one is in the row

/// An article in memory. What lists need of its texts lies in one block: title, slug, summary, cover's blob name, then
/// the numbers of its tags' spellings.
struct Record {
  std::int64_t id = 0;
  std::int64_t author = 0;
  std::int64_t channel = 0;
  std::int64_t version = 0;
  std::int64_t published_at = 0;
  std::int64_t corrected_at = 0;
  std::unique_ptr<char[]> block;
  std::uint16_t title = 0, slug = 0, summary = 0, cover = 0;  // bytes
  std::uint16_t cover_width = 0, cover_height = 0;
  std::uint8_t tags = 0;
  std::uint8_t language = 0;
  State state = State::withdrawn;

  [[nodiscard]] std::size_t block_size() const {
    return std::size_t{title} + slug + summary + cover + std::size_t{tags} * sizeof(Slot);
  }
};

/// Cuts at a character's border so that the length fits a record.
std::string_view fitting(std::string_view text) {
  constexpr std::size_t kMost = 60'000;
  if (text.size() <= kMost) return text;
  return text::first_characters(text, kMost / 4);
}

std::string short_summary(std::string const& summary) {
  if (text::count_characters(summary) <= kLongestSummary) return summary;
  return text::excerpt(summary, kLongestSummary);
}

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

struct Published::State {
  /// A tag as somebody wrote it; all spellings that fold to one text share the topic.
  struct Spelling {
    std::string written;
    std::uint32_t topic = 0;
  };

  mutable std::shared_mutex mutex;
  std::vector<Record> records;
  Slots by_id;  // ascending; the withdrawn too, so that a place in it stays a place. Finds records as well
  Slots latest;
  std::unordered_map<std::int64_t, Slots> by_channel, by_author;
  std::vector<Spelling> spellings;
  std::unordered_map<std::string, std::uint32_t> spelling_numbers;
  std::vector<Slots> topics;
  std::unordered_map<std::string, std::uint32_t> topic_numbers;  // by folded tag
  std::vector<std::string> languages;

  // --- Reading a record
  // -----------------------------------------------------------------------------------------------

  [[nodiscard]] std::uint32_t spelling_of(Record const& record, std::size_t which) const {
    std::uint32_t number;
    std::memcpy(&number, record.block.get() + record.title + record.slug + record.summary + record.cover + which * 4,
                4);
    return number;
  }

  [[nodiscard]] Card card_of(Slot slot) const {
    Record const& record = records[slot];
    Card card;
    card.id = {record.id};
    card.author = {record.author};
    card.channel = {record.channel};
    card.version = record.version;
    card.published_at = {record.published_at};
    card.corrected_at = {record.corrected_at};
    char const* at = record.block.get();
    card.title.assign(at, record.title);
    card.slug.assign(at += record.title, record.slug);
    card.summary.assign(at += record.slug, record.summary);
    card.cover = {std::string(at + record.summary, record.cover), record.cover_width, record.cover_height};
    card.language = languages[record.language];
    card.tags.reserve(record.tags);
    for (std::size_t i = 0; i < record.tags; ++i) card.tags.push_back(spellings[spelling_of(record, i)].written);
    return card;
  }

  [[nodiscard]] Place place_of(Slot slot) const { return {{records[slot].published_at}, {records[slot].id}}; }

  [[nodiscard]] Slots::const_iterator place_of_id(std::int64_t id) const {
    return std::ranges::lower_bound(by_id, id, {}, [this](Slot slot) { return records[slot].id; });
  }

  /// Null when the article is not known. Good until the next change.
  [[nodiscard]] Slot const* find(std::int64_t id) const {
    auto const found = place_of_id(id);
    return found == by_id.end() || records[*found].id != id ? nullptr : &*found;
  }

  [[nodiscard]] Slot const* find_public(std::int64_t id) const {
    Slot const* const slot = find(id);
    return slot && records[*slot].state == articles::State::published ? slot : nullptr;
  }

  [[nodiscard]] Screen screen(Slots const& list, std::optional<Place> before, std::size_t count) const {
    auto end = list.end();
    if (before) {
      end = std::ranges::lower_bound(list, *before, {}, [this](Slot slot) { return place_of(slot); });
    }
    auto const there = static_cast<std::size_t>(end - list.begin());
    Screen screen;
    screen.more = there > count;
    screen.cards.reserve(std::min(there, count));
    for (std::size_t i = 0; i < count && i < there; ++i) screen.cards.push_back(card_of(*--end));
    return screen;
  }

  // --- Changing
  // -------------------------------------------------------------------------------------------------------

  std::uint32_t spelling_number(std::string const& written) {
    if (auto const found = spelling_numbers.find(written); found != spelling_numbers.end()) return found->second;
    auto const [topic, is_new] =
        topic_numbers.try_emplace(text::fold(written), static_cast<std::uint32_t>(topics.size()));
    if (is_new) topics.emplace_back();
    auto const number = static_cast<std::uint32_t>(spellings.size());
    spellings.push_back({written, topic->second});
    spelling_numbers.emplace(written, number);
    return number;
  }

  std::uint8_t language_number(std::string const& language) {
    auto const found = std::ranges::find(languages, language);
    if (found != languages.end()) return static_cast<std::uint8_t>(found - languages.begin());
    if (languages.size() == 255) return 0;
    languages.push_back(language);
    return static_cast<std::uint8_t>(languages.size() - 1);
  }

  void fill(Record& record, Article const& article) {
    record.id = article.id.value;
    record.author = article.author.value;
    record.channel = article.channel.value;
    record.version = article.version;
    record.state = article.state;
    record.block.reset();
    record.title = record.slug = record.summary = record.cover = record.tags = 0;
    if (article.state != articles::State::published) return;

    std::string const brief = short_summary(article.summary);
    std::string_view const title = fitting(article.title), slug = fitting(article.slug), summary = fitting(brief);
    record.published_at = article.published_at.microseconds;
    record.corrected_at = article.corrected_at.microseconds;
    record.title = static_cast<std::uint16_t>(title.size());
    record.slug = static_cast<std::uint16_t>(slug.size());
    record.summary = static_cast<std::uint16_t>(summary.size());
    record.cover = static_cast<std::uint16_t>(article.cover.blob.size());
    record.cover_width = static_cast<std::uint16_t>(article.cover.width);
    record.cover_height = static_cast<std::uint16_t>(article.cover.height);
    record.tags = static_cast<std::uint8_t>(std::min<std::size_t>(article.tags.size(), 255));
    record.language = language_number(article.language);
    record.block = std::make_unique_for_overwrite<char[]>(record.block_size());
    char* at = put(put(put(put(record.block.get(), title), slug), summary), article.cover.blob);
    for (std::size_t i = 0; i < record.tags; ++i, at += 4) {
      std::uint32_t const number = spelling_number(article.tags[i]);
      std::memcpy(at, &number, 4);
    }
  }

  /// The lists that a published article stands in; a tag that is there twice counts once.
  template <class F>
  void for_each_list(Record const& record, F const& act) {
    act(latest);
    act(by_channel[record.channel]);
    act(by_author[record.author]);
    for (std::size_t i = 0; i < record.tags; ++i) {
      std::uint32_t const topic = spellings[spelling_of(record, i)].topic;
      bool is_first = true;
      for (std::size_t j = 0; j < i && is_first; ++j) is_first = spellings[spelling_of(record, j)].topic != topic;
      if (is_first) act(topics[topic]);
    }
  }

  void take_out(Slot slot) {
    Place const place = place_of(slot);
    for_each_list(records[slot], [&](Slots& list) {
      auto const at = std::ranges::lower_bound(list, place, {}, [this](Slot other) { return place_of(other); });
      if (at != list.end() && *at == slot) list.erase(at);
    });
  }

  void put_in(Slot slot) {
    Place const place = place_of(slot);
    for_each_list(records[slot], [&](Slots& list) {
      list.insert(std::ranges::lower_bound(list, place, {}, [this](Slot other) { return place_of(other); }), slot);
    });
  }

  /// A new record; the caller puts it into by_id.
  Slot add_record(std::int64_t id) {
    auto const slot = static_cast<Slot>(records.size());
    records.emplace_back().id = id;
    return slot;
  }

  /// After loading: sorts once by time and fills every list in that order, which then needs no sorting of its own.
  void fill_lists() {
    std::vector<std::pair<Place, Slot>> order;
    order.reserve(records.size());
    for (Slot const slot : by_id)
      if (records[slot].state == articles::State::published) order.emplace_back(place_of(slot), slot);
    std::ranges::sort(order, {}, &std::pair<Place, Slot>::first);
    latest.reserve(order.size());
    for (auto const& [place, slot] : order) for_each_list(records[slot], [slot](Slots& list) { list.push_back(slot); });
    auto const id_of = [this](Slot slot) { return records[slot].id; };
    if (!std::ranges::is_sorted(by_id, {}, id_of)) std::ranges::sort(by_id, {}, id_of);
  }
};

// --- Cards and places
// -------------------------------------------------------------------------------------------------

bool operator==(Card const& a, Card const& b) {
  auto const tied = [](Card const& card) {
    return std::tie(card.id, card.author, card.channel, card.version, card.published_at, card.corrected_at, card.title,
                    card.slug, card.summary, card.language, card.tags, card.cover.blob, card.cover.width,
                    card.cover.height);
  };
  return tied(a) == tied(b);
}

std::string Place::str() const { return std::to_string(published_at.microseconds) + "-" + id.str(); }

std::optional<Place> Place::parse(std::string_view text) {
  auto const dash = text.find('-', 1);  // times before 1970 begin with one
  if (dash == std::string_view::npos) return std::nullopt;
  Place place;
  auto const [end, error] = std::from_chars(text.data(), text.data() + dash, place.published_at.microseconds);
  auto const id = Id<Article>::parse(text.substr(dash + 1));
  if (error != std::errc{} || end != text.data() + dash || !id) return std::nullopt;
  place.id = *id;
  return place;
}

// --- The projection
// ---------------------------------------------------------------------------------------------------

Published::Published() : state_(std::make_unique<State>()) {}
Published::~Published() = default;

Result<journal::Position> Published::load(store::Store& store) {
  journal::Position head = 0;
  std::unique_lock lock(state_->mutex);
  TRY(store.snapshot([&](store::Connection& connection) -> Done {
    head = TRY(journal::head(connection));
    return sql::each_public(connection, [this](Article const& article) {
      Slot const slot = state_->add_record(article.id.value);
      state_->fill(state_->records[slot], article);
      state_->by_id.push_back(slot);
    });
  }));
  state_->fill_lists();
  return head;
}

void Published::take(Article const& article) {
  if (article.state == articles::State::draft) return;
  std::unique_lock lock(state_->mutex);
  Slot const* const known = state_->find(article.id.value);
  if (known && state_->records[*known].version >= article.version) return;
  Slot const slot = known ? *known : state_->add_record(article.id.value);
  if (!known)
    state_->by_id.insert(state_->place_of_id(article.id.value), slot);
  else if (state_->records[slot].state == articles::State::published)
    state_->take_out(slot);
  state_->fill(state_->records[slot], article);
  if (article.state == articles::State::published) state_->put_in(slot);
}

void Published::hide(Id<Article> id, std::int64_t version) {
  std::unique_lock lock(state_->mutex);
  Slot const* const slot = state_->find_public(id.value);
  if (!slot || state_->records[*slot].version > version) return;
  state_->take_out(*slot);
  Article hidden;
  Record& record = state_->records[*slot];
  hidden.id = id;
  hidden.author = {record.author};
  hidden.channel = {record.channel};
  hidden.version = version;
  hidden.state = articles::State::withdrawn;
  state_->fill(record, hidden);
}

std::optional<Card> Published::find(Id<Article> id) const {
  std::shared_lock lock(state_->mutex);
  Slot const* const slot = state_->find_public(id.value);
  if (!slot) return std::nullopt;
  return state_->card_of(*slot);
}

std::vector<Card> Published::find_all(std::span<Id<Article> const> ids) const {
  std::vector<Card> cards;
  std::shared_lock lock(state_->mutex);
  for (auto const id : ids)
    if (Slot const* const slot = state_->find_public(id.value)) cards.push_back(state_->card_of(*slot));
  return cards;
}

bool Published::is_withdrawn(Id<Article> id) const {
  std::shared_lock lock(state_->mutex);
  Slot const* const slot = state_->find(id.value);
  return slot && state_->records[*slot].state == articles::State::withdrawn;
}

Screen Published::latest(std::optional<Place> before, std::size_t count) const {
  std::shared_lock lock(state_->mutex);
  return state_->screen(state_->latest, before, count);
}

Screen Published::of_channel(Id<Channel> channel, std::optional<Place> before, std::size_t count) const {
  std::shared_lock lock(state_->mutex);
  auto const found = state_->by_channel.find(channel.value);
  return found == state_->by_channel.end() ? Screen{} : state_->screen(found->second, before, count);
}

Screen Published::of_author(Id<Author> author, std::optional<Place> before, std::size_t count) const {
  std::shared_lock lock(state_->mutex);
  auto const found = state_->by_author.find(author.value);
  return found == state_->by_author.end() ? Screen{} : state_->screen(found->second, before, count);
}

Screen Published::of_tag(std::string_view tag, std::optional<Place> before, std::size_t count) const {
  std::string const folded = text::fold(tag);
  std::shared_lock lock(state_->mutex);
  auto const found = state_->topic_numbers.find(folded);
  return found == state_->topic_numbers.end() ? Screen{} : state_->screen(state_->topics[found->second], before, count);
}

std::optional<std::string> Published::tag_written(std::string_view tag) const {
  std::string const folded = text::fold(tag);
  std::shared_lock lock(state_->mutex);
  auto const found = state_->topic_numbers.find(folded);
  if (found == state_->topic_numbers.end() || state_->topics[found->second].empty()) return std::nullopt;
  Record const& newest = state_->records[state_->topics[found->second].back()];
  for (std::size_t i = 0; i < newest.tags; ++i) {
    auto const& spelling = state_->spellings[state_->spelling_of(newest, i)];
    if (spelling.topic == found->second) return spelling.written;
  }
  return std::nullopt;
}

std::size_t Published::count() const {
  std::shared_lock lock(state_->mutex);
  return state_->latest.size();
}

std::size_t Published::count_of(Id<Author> author) const {
  std::shared_lock lock(state_->mutex);
  auto const found = state_->by_author.find(author.value);
  return found == state_->by_author.end() ? 0 : found->second.size();
}

std::size_t Published::count_of(Id<Channel> channel) const {
  std::shared_lock lock(state_->mutex);
  auto const found = state_->by_channel.find(channel.value);
  return found == state_->by_channel.end() ? 0 : found->second.size();
}

std::size_t Published::places() const {
  std::shared_lock lock(state_->mutex);
  return state_->by_id.size();
}

std::vector<Published::Line> Published::in_order_of_ids(std::size_t first, std::size_t count) const {
  std::vector<Line> lines;
  std::shared_lock lock(state_->mutex);
  for (std::size_t i = first; i < state_->by_id.size() && i < first + count; ++i) {
    Record const& record = state_->records[state_->by_id[i]];
    if (record.state != articles::State::published) continue;
    std::string slug(record.block.get() + record.title, record.slug);
    lines.push_back({{record.id}, std::move(slug), {std::max(record.published_at, record.corrected_at)}});
  }
  return lines;
}

Time Published::newest_change(std::size_t first, std::size_t count) const {
  Time newest;
  std::shared_lock lock(state_->mutex);
  for (std::size_t i = first; i < state_->by_id.size() && i < first + count; ++i) {
    Record const& record = state_->records[state_->by_id[i]];
    if (record.state != articles::State::published) continue;
    newest = std::max(newest, Time{std::max(record.published_at, record.corrected_at)});
  }
  return newest;
}

std::size_t Published::bytes() const {
  std::shared_lock lock(state_->mutex);
  auto const of = [](Slots const& list) { return list.capacity() * sizeof(Slot); };
  std::size_t bytes = state_->records.capacity() * sizeof(Record) + of(state_->latest) + of(state_->by_id);
  for (auto const& record : state_->records) bytes += record.block ? record.block_size() + 16 : 0;
  for (auto const& [id, list] : state_->by_channel) bytes += of(list) + 48;
  for (auto const& [id, list] : state_->by_author) bytes += of(list) + 48;
  for (auto const& list : state_->topics) bytes += of(list) + sizeof(Slots);
  for (auto const& spelling : state_->spellings) bytes += 2 * spelling.written.capacity() + 150;
  return bytes;
}

std::string Published::fingerprint() const {
  std::shared_lock lock(state_->mutex);
  std::string out;
  auto const write_list = [&](std::string const& name, Slots const& list) {
    if (list.empty()) return;
    out += name + ":";
    for (Slot const slot : list) out += " " + std::to_string(state_->records[slot].id);
    out += "\n";
  };
  for (Slot const slot : state_->by_id) {
    Record const& record = state_->records[slot];
    out += std::to_string(record.id) + " v" + std::to_string(record.version) + " " + std::string(name_of(record.state));
    if (record.state == articles::State::published) {
      Card const card = state_->card_of(slot);
      out += " " + std::to_string(card.author.value) + " " + std::to_string(card.channel.value) + " " +
             Place::of(card).str() + " " + std::to_string(card.corrected_at.microseconds) + " " + card.title + "|" +
             card.slug + "|" + card.summary + "|" + card.language + "|" + card.cover.blob + " " +
             std::to_string(card.cover.width) + "x" + std::to_string(card.cover.height);
      for (auto const& tag : card.tags) out += "|" + tag;
    }
    out += "\n";
  }
  write_list("latest", state_->latest);
  std::map<std::string, Slots const*> named;
  for (auto const& [id, list] : state_->by_channel) named["channel " + std::to_string(id)] = &list;
  for (auto const& [id, list] : state_->by_author) named["author " + std::to_string(id)] = &list;
  for (auto const& [tag, topic] : state_->topic_numbers) named["tag " + tag] = &state_->topics[topic];
  for (auto const& [name, list] : named) write_list(name, *list);
  return out;
}

}  // namespace courant::articles
