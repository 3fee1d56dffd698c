#include "features/transfer/import.hpp"

#include <algorithm>
#include <deque>
#include <future>

#include "features/articles/commands.hpp"
#include "features/authors/commands.hpp"
#include "features/channels/commands.hpp"
#include "features/channels/projection.hpp"
#include "features/transfer/sql.hpp"
#include "text/excerpt.hpp"

namespace courant::transfer {
namespace {

constexpr std::size_t kGroupItems = 64;        // written in one go
constexpr std::size_t kGroupBytes = 2u << 20;  // … or fewer, when they are long
constexpr std::size_t kGroupsUnderWay = 4;     // read on meanwhile; bounds the memory
constexpr std::size_t kMadeTitle = 40;         // characters, for items without a title
constexpr std::size_t kMostCategoryTags = 20;

/// An item that is ready to be written.
struct Ready {
  Item item;
  CleanBody body;
  articles::Prepared article;
};

struct Group {
  std::vector<Ready> items;
  std::size_t bytes = 0;
  std::vector<articles::Imported> results;  // of the last run of the transaction
  std::promise<Done> promise;
  std::future<Done> done;
};

class Import {
 public:
  Import(Reader& reader, ImportTools tools, ImportPlan const& plan, Report& report)
      : reader_(reader), tools_(tools), plan_(plan), report_(report) {}

  Done run() {
    TRY(channels_.load(tools_.store));
    TRY(check_default_channel());
    auto const read = read_all();
    auto const written = flush_all();
    report_.set_replaced(reader_.replaced_characters());
    if (!read.ok()) report_.broken_off(read.error());
    TRY(report_.finish());
    if (!written.ok()) return Error(written.error());
    if (!read.ok()) return Error(read.error());
    return {};
  }

 private:
  /// A slip in --channel must not become an entry of everybody's masthead.
  [[nodiscard]] Done check_default_channel() const {
    auto const all = channels_.all();
    bool const there = std::any_of(all->begin(), all->end(), [&](Channel const& channel) {
      return plan_.default_channel == channel.slug || plan_.default_channel == channel.name_zh ||
             plan_.default_channel == channel.name_en;
    });
    if (there || all->empty()) return {};
    Error error = invalid("transfer.no_such_channel");
    error.arguments = {{"channel", plan_.default_channel}};
    return error;
  }

  Done read_all() {
    for (;;) {
      auto reading = TRY(reader_.next());
      if (!reading) return {};
      if (reading->error)
        report_.add(reading->item, Outcome::failed, {}, &*reading->error, nullptr);
      else
        TRY(take(std::move(reading->item)));
      tell_progress();
    }
  }

  Done take(Item item) {
    if (!item.skip.empty()) {
      Error const reason = invalid(item.skip);
      report_.add(item, Outcome::skipped, {}, &reason, nullptr);
      return {};
    }
    auto body = clean_body(item);
    if (!body.ok()) return report_.add(item, Outcome::failed, {}, &body.error(), nullptr), Done();
    fill_gaps(item, *body);
    if (item.title.empty() && body->html.empty()) {
      Error const reason = invalid("transfer.skip_empty");
      report_.add(item, Outcome::skipped, {}, &reason, &*body);
      return {};
    }
    auto article = articles::prepare(import_of(item, *body));
    if (!article.ok()) return report_.add(item, Outcome::failed, {}, &article.error(), nullptr), Done();
    if (plan_.run == Run::dry) return report_dry(item, *body);
    auto const author = TRY(author_of(item));
    auto const channel = channel_of(item);
    // A channel's name that cannot be is the item's mistake; a database that is away is everybody's.
    if (!channel.ok() && channel.error().kind == ErrorKind::invalid)
      return report_.add(item, Outcome::failed, {}, &channel.error(), nullptr), Done();
    article->article.author = author;
    if (!channel.ok()) return Error(channel.error());
    article->article.channel = *channel;
    return queue({std::move(item), std::move(*body), std::move(*article)});
  }

  Done report_dry(Item const& item, CleanBody const& body) {
    report_.add(item, Outcome::would_create, {}, nullptr, &body);
    return {};
  }

  void fill_gaps(Item& item, CleanBody const& body) const {
    if (item.title.find_first_not_of(" \t\r\n") == std::string::npos)
      item.title = text::html_excerpt(body.html, kMadeTitle);
    if (item.title.empty() && !body.html.empty()) item.title = item.source_id;
    if (item.author_login.empty())
      item.author_login = item.author_name =
          plan_.default_author.empty() ? item.source.substr(item.source.find(':') + 1) : plan_.default_author;
    if (item.author_name.empty()) item.author_name = item.author_login;
    if (item.author_name.empty()) item.author_name = item.author_login = "imported";
    if (!item.published_at) item.published_at = tools_.clock.now();
  }

  [[nodiscard]] static articles::Import import_of(Item const& item, CleanBody const& body) {
    articles::Import import;
    import.source = item.source;
    import.source_id = item.source_id;
    import.state = item.is_draft ? articles::State::draft : articles::State::published;
    import.title = item.title;
    import.slug = item.slug;
    import.summary = item.summary;
    import.language = item.language;
    import.html = body.html;
    import.tags = item.tags;
    for (auto const& category : item.categories)
      if (import.tags.size() < kMostCategoryTags) import.tags.push_back(category);
    import.source_name = item.source_name;
    import.source_address = item.source_address;
    import.published_at = *item.published_at;
    import.old_paths = item.old_paths;
    return import;
  }

  // --- Groups -------------------------------------------------------------------------------------------------------

  Done queue(Ready ready) {
    if (!filling_) filling_ = std::make_shared<Group>();
    filling_->bytes += ready.article.article.html.size();
    filling_->items.push_back(std::move(ready));
    if (filling_->items.size() >= kGroupItems || filling_->bytes >= kGroupBytes) TRY(send());
    return {};
  }

  Done send() {
    if (!filling_) return {};
    auto group = std::exchange(filling_, nullptr);
    group->done = group->promise.get_future();
    tools_.store.submit([this, group](store::Transaction& transaction) { return write(transaction, *group); },
                        [group](Done done) { group->promise.set_value(std::move(done)); }, store::Priority::bulk);
    under_way_.push_back(std::move(group));
    while (under_way_.size() >= kGroupsUnderWay) TRY(wait_for_oldest());
    return {};
  }

  Done flush_all() {
    auto result = send();
    while (!under_way_.empty()) {
      auto done = wait_for_oldest();
      if (result.ok() && !done.ok()) result = std::move(done);
    }
    return result;
  }

  Done wait_for_oldest() {
    auto const group = under_way_.front();
    under_way_.pop_front();
    auto done = group->done.get();
    for (std::size_t i = 0; i < group->items.size(); ++i) {
      auto const& ready = group->items[i];
      if (!done.ok())
        report_.add(ready.item, Outcome::failed, {}, &done.error(), &ready.body);
      else if (auto const& result = group->results[i]; result.outcome == articles::Imported::Outcome::created)
        report_.add(ready.item, Outcome::created, result.article.str(), nullptr, &ready.body);
      else
        report_.add(ready.item, Outcome::already_there, result.article.str(), nullptr, &ready.body);
    }
    return done;
  }

  Done write(store::Transaction& transaction, Group& group) const {
    group.results.clear();  // it may run again
    for (auto const& ready : group.items)
      group.results.push_back(TRY(articles::import_article(transaction, {tools_.ids, tools_.clock}, ready.article)));
    return {};
  }

  // --- Whose and where: few, so each new one is a small transaction of its own ---------------------------------------

  Result<Id<Author>> author_of(Item const& item) {
    auto const key = item.source + "\n" + item.author_login;
    if (auto const known = known_authors_.find(key); known != known_authors_.end()) return known->second;
    auto const author =
        TRY(store::write_value(tools_.store, [&](store::Transaction& transaction) -> Result<Id<Author>> {
          if (auto const kept = TRY(sql::imported_author(transaction, item.source, item.author_login))) return *kept;
          auto const made = TRY(authors::add_imported(transaction, tools_.ids, tools_.clock, item.author_name,
                                                      item.author_login, tools_.clock.now()));
          TRY(sql::keep_imported_author(transaction, item.source, item.author_login, made));
          return made;
        }));
    return known_authors_[key] = author;
  }

  /// The channel that the item names, or one of its categories does, or the default one.
  [[nodiscard]] std::string channel_name_of(Item const& item) const {
    if (!item.channel.empty()) return item.channel;
    for (auto const& category : item.categories)
      for (auto const& channel : *channels_.all())
        if (category == channel.slug || category == channel.name_zh || category == channel.name_en) return channel.slug;
    return plan_.default_channel;
  }

  Result<Id<Channel>> channel_of(Item const& item) {
    auto const name = channel_name_of(item);
    if (auto const known = known_channels_.find(name); known != known_channels_.end()) return known->second;
    auto const channel =
        TRY(store::write_value(tools_.store, [&](store::Transaction& transaction) -> Result<Id<Channel>> {
          return TRY(channels::ensure_channel(transaction, {tools_.ids, tools_.clock}, {}, name)).channel;
        }));
    return known_channels_[name] = channel;
  }

  void tell_progress() {
    if (plan_.progress && ++told_ % 32 == 0) plan_.progress(reader_.bytes_read(), report_.totals());
  }

  Reader& reader_;
  ImportTools tools_;
  ImportPlan const& plan_;
  Report& report_;
  std::shared_ptr<Group> filling_;
  std::deque<std::shared_ptr<Group>> under_way_;
  channels::ChannelList channels_;  // as they were when the import began
  std::unordered_map<std::string, Id<Author>> known_authors_;
  std::unordered_map<std::string, Id<Channel>> known_channels_;
  std::uint64_t told_ = 0;
};

}  // namespace

Done import_items(Reader& reader, ImportTools tools, ImportPlan const& plan, Report& report) {
  return Import(reader, tools, plan, report).run();
}

}  // namespace courant::transfer
