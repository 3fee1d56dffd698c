// For the tests of articles: a store with the tables of journal and articles, an author, and commands in one line each.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "features/articles/articles.hpp"
#include "features/articles/commands.hpp"
#include "features/articles/sql.hpp"
#include "journal/journal.hpp"
#include "journal/sql.hpp"
#include "media/pictures.hpp"
#include "store/testing.hpp"

namespace courant::articles::testing {

class Desk {
 public:
  explicit Desk(store::testing::Database const& database) : store(database.open(steps())) {}

  static std::vector<store::Migration> steps() {
    auto steps = journal::migrations();
    auto const own = articles::migrations();
    steps.insert(steps.end(), own.begin(), own.end());
    return steps;
  }

  ManualClock clock{Time{1'790'000'000'000'000}};
  IdSource ids{clock, 1};
  Tools tools{ids, clock};
  Actor author{{11}, {12}, false};
  std::unique_ptr<store::Store> store;

  Draft draft(std::string title, std::string body = "第一段。") const {
    Draft draft;
    draft.title = std::move(title);
    draft.body = std::move(body);
    draft.channel = {101};
    draft.tags = {"城市"};
    return draft;
  }

  Import import(std::string title, std::string source_id) const {
    Import import;
    import.source = "test";
    import.source_id = std::move(source_id);
    import.author = {12};
    import.channel = {101};
    import.title = std::move(title);
    import.html = "<p>很久以前。</p>";
    import.published_at = Time{1'500'000'000'000'000};
    return import;
  }

  template <class F>
  auto write(F&& work) {
    return store::write_value(*store, std::forward<F>(work));
  }

  Result<Saved> create(Id<Article> id, Draft const& draft, Actor const& actor) {
    return write([&](auto& transaction) { return create_draft(transaction, tools, actor, id, draft); });
  }
  Result<Saved> create(Id<Article> id, Draft const& draft) { return create(id, draft, author); }

  Result<Saved> revise(Id<Article> id, std::int64_t version, Draft const& draft, Actor const& actor) {
    return write([&](auto& transaction) { return articles::revise(transaction, tools, actor, id, version, draft); });
  }
  Result<Saved> revise(Id<Article> id, std::int64_t version, Draft const& draft) {
    return revise(id, version, draft, author);
  }

  enum class Version : std::uint8_t { given, newest };
  Result<Changed> publish(Id<Article> id, std::int64_t version, Draft const& draft, std::string const& note = {},
                          Version which = Version::given) {
    auto const composed = TRY(compose(draft, "https://news.example"));
    if (which == Version::newest) version = article(id).version;
    return write([&](auto& transaction) {
      return articles::publish(transaction, tools, author, id, version, draft, composed, note);
    });
  }
  Result<Changed> withdraw(Id<Article> id, Actor const& actor) {
    return write([&](auto& transaction) { return articles::withdraw(transaction, tools, actor, id); });
  }
  Result<Changed> withdraw(Id<Article> id) { return withdraw(id, author); }
  Result<Changed> undo(Id<Article> id) {
    return write([&](auto& transaction) { return undo_withdrawal(transaction, tools, author, id); });
  }
  Done remove(Id<Article> id) {
    return store->write([&](store::Transaction& transaction) { return delete_draft(transaction, tools, author, id); });
  }
  Result<std::int64_t> add_picture(Id<Article> id) {
    return write([&](auto& transaction) {
      return articles::add_picture(transaction, tools, author, id, picture(), "一座桥", "河上");
    });
  }
  Result<Imported> import_one(Prepared const& prepared) {
    return write([&](auto& transaction) { return import_article(transaction, tools, prepared); });
  }

  /// The name of the one variant of picture().
  static std::string blob() { return std::string(64, 'a'); }
  static media::Picture picture() {
    media::Picture picture;
    picture.original_sha256 = std::string(64, '0');
    picture.width = 640;
    picture.height = 480;
    picture.dominant_colour = "#102030";
    picture.master = {media::Format::jpeg, 640, 480, false, *media::BlobName::parse(std::string(64, 'b')), 2'000};
    picture.variants = {{media::Format::jpeg, 640, 480, false, *media::BlobName::parse(blob()), 1'000}};
    return picture;
  }

  Article article(Id<Article> id) {
    auto const found = store::testing::require(
        store::read_value(*store, [&](store::Connection& connection) { return sql::find(connection, id); }));
    REQUIRE(found);
    return *found;
  }
  Body body(Id<Article> id) {
    auto const found = store::testing::require(
        store::read_value(*store, [&](store::Connection& connection) { return sql::body(connection, id); }));
    REQUIRE(found);
    return *found;
  }

  /// The kinds of everything told, in the order of commits.
  std::vector<std::string> events() {
    std::vector<std::string> kinds;
    for (auto const& event : events_after(0)) kinds.push_back(event.kind);
    return kinds;
  }

  /// Does what the journal does for a projection; returns the new position.
  journal::Position follow(Published& published, journal::Position position) {
    for (auto const& event : events_after(position)) {
      auto const row = store::testing::require(store::read_value(
          *store, [&](store::Connection& connection) { return sql::find(connection, {event.subject}); }));
      if (row) published.take(*row);
      position = event.position;
    }
    return position;
  }

 private:
  /// On PostgreSQL one elected node numbers events; here that is this test.
  std::vector<journal::Event> events_after(journal::Position position) {
    if (store->engine() == store::Engine::postgresql)
      store::testing::require(store->write([&](store::Transaction& transaction) -> Done {
        auto const head = TRY(journal::head(transaction));
        TRY(journal::sql::number(transaction, head, 100'000));
        return {};
      }));
    return store::testing::require(store::read_value(
        *store, [&](store::Connection& connection) { return journal::sql::after(connection, position, 100'000); }));
  }
};

}  // namespace courant::articles::testing
