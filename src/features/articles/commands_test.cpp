#include "features/articles/commands.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "features/articles/events.hpp"
#include "features/articles/projection.hpp"
#include "features/articles/sql.hpp"
#include "features/articles/test_store.hpp"

namespace courant::articles {
namespace {

using store::testing::require;
using testing::Desk;

TEST_CASE("a draft is saved, revised, published, corrected, withdrawn and restored") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();

  auto const saved = require(desk.create(id, desk.draft("第一稿")));
  CHECK(saved.version == 1);
  CHECK(desk.article(id).state == State::draft);
  CHECK(desk.events().empty());

  auto const revised = require(desk.revise(id, saved.version, desk.draft("第二稿")));
  CHECK(revised.version == 2);
  CHECK(desk.article(id).title == "第二稿");

  auto const published = require(desk.publish(id, revised.version, desk.draft("定稿")));
  CHECK(published.event);
  CHECK(desk.article(id).state == State::published);
  CHECK(desk.article(id).published_at == desk.clock.now());

  desk.clock.advance(1h);
  auto const correcting = require(desk.revise(id, published.version, desk.draft("更正稿")));
  CHECK(desk.article(id).title == "定稿");  // what is live stays while the correction is written
  CHECK(desk.article(id).newest_revision > desk.article(id).live_revision);
  require(desk.publish(id, correcting.version, desk.draft("更正稿"), "改了日期"));
  CHECK(desk.article(id).title == "更正稿");
  CHECK(desk.article(id).corrected_at == desk.clock.now());
  CHECK(desk.body(id).correction_note == "改了日期");

  require(desk.withdraw(id));
  CHECK(desk.article(id).state == State::withdrawn);
  require(desk.undo(id));
  CHECK(desk.article(id).state == State::published);
  CHECK(desk.article(id).published_at == desk.clock.now() - 1h);

  CHECK(desk.events() == std::vector<std::string>{std::string(kPublished), std::string(kCorrected),
                                                  std::string(kWithdrawn), std::string(kRestored)});
}

TEST_CASE("a change on top of a version that is not the newest is a conflict and changes nothing") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  auto const saved = require(desk.create(id, desk.draft("甲")));
  require(desk.revise(id, saved.version, desk.draft("乙")));

  auto const late = desk.revise(id, saved.version, desk.draft("丙"));
  REQUIRE(!late.ok());
  CHECK(late.error().kind == ErrorKind::conflict);
  auto const late_publication = desk.publish(id, saved.version, desk.draft("丙"));
  REQUIRE(!late_publication.ok());
  CHECK(late_publication.error().kind == ErrorKind::conflict);
  CHECK(desk.article(id).title == "乙");
  CHECK(desk.article(id).state == State::draft);
}

TEST_CASE("sending the same thing twice does it once") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  auto const first = require(desk.create(id, desk.draft("甲")));
  auto const second = require(desk.create(id, desk.draft("甲")));
  CHECK(second.article == id);
  CHECK(second.version == first.version);

  auto const revised = require(desk.revise(id, first.version, desk.draft("乙")));
  CHECK(require(desk.revise(id, first.version, desk.draft("乙"))).version == revised.version);

  auto const published = require(desk.publish(id, revised.version, desk.draft("乙")));
  auto const again = require(desk.publish(id, revised.version, desk.draft("乙")));
  CHECK(again.version == published.version);
  CHECK(!again.event);

  require(desk.withdraw(id));
  CHECK(!require(desk.withdraw(id)).event);
  require(desk.undo(id));
  CHECK(!require(desk.undo(id)).event);
  CHECK(desk.events().size() == 3);
}

TEST_CASE("somebody else's draft is missing, somebody else's article is forbidden, the desk may change both") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  require(desk.create(id, desk.draft("甲")));
  Actor const stranger{{91}, {92}, false};
  Actor const editor{{93}, {}, true};

  CHECK(desk.revise(id, 1, desk.draft("乙"), stranger).error().kind == ErrorKind::missing);
  CHECK(desk.create(id, desk.draft("乙"), stranger).error().kind == ErrorKind::conflict);
  require(desk.publish(id, 1, desk.draft("甲")));
  CHECK(desk.withdraw(id, stranger).error().kind == ErrorKind::forbidden);
  require(desk.withdraw(id, editor));
}

TEST_CASE("a draft is deleted with all of its rows, a published article is not") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  require(desk.create(id, desk.draft("甲")));
  require(desk.add_picture(id));
  require(desk.remove(id));
  require(desk.store->read([&](store::Connection& connection) -> Done {
    CHECK(!TRY(sql::find(connection, id)));
    CHECK(!TRY(sql::revision(connection, id, 1)));
    CHECK(TRY(sql::pictures(connection, id)).empty());
    CHECK(TRY(sql::claims_on(connection, desk.blob())).empty());
    return {};
  }));

  auto const other = desk.ids.next<Article>();
  require(desk.create(other, desk.draft("乙")));
  require(desk.publish(other, 1, desk.draft("乙")));
  CHECK(desk.remove(other).error().kind == ErrorKind::conflict);
}

TEST_CASE("a picture is public exactly while a published version shows it") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  auto const saved = require(desk.create(id, desk.draft("甲")));
  CHECK(require(desk.add_picture(id)) == 1);
  auto const is_public = [&] {
    bool shown = false;
    require(desk.store->read([&](store::Connection& connection) -> Done {
      for (auto const& claim : TRY(sql::claims_on(connection, desk.blob())))
        shown = shown || (claim.state == State::published && claim.live);
      return {};
    }));
    return shown;
  };
  CHECK(!is_public());
  Draft const with_picture = desk.draft("甲", "看\n\n![桥](picture:1)");
  auto const published = require(desk.publish(id, saved.version, with_picture));
  CHECK(is_public());
  require(desk.withdraw(id));
  CHECK(!is_public());
  require(desk.undo(id));
  CHECK(is_public());
  require(desk.publish(id, published.version + 2, desk.draft("甲", "没有图"), "去掉了图"));
  CHECK(!is_public());
}

TEST_CASE("a text that shows a picture which is not there cannot be published") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const id = desk.ids.next<Article>();
  auto const saved = require(desk.create(id, desk.draft("甲")));
  Draft draft = desk.draft("甲", "看\n\n![桥](picture:4)");
  draft.cover = 5;
  auto const published = desk.publish(id, saved.version, draft);
  REQUIRE(!published.ok());
  CHECK(published.error().kind == ErrorKind::invalid);
  CHECK(published.error().complaints.size() == 2);
}

TEST_CASE("importing twice makes one article, and its old address leads to it") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  Import import = desk.import("旧文章", "17");
  import.old_paths = {"/2019/05/hello/", "/?p=17"};
  auto const prepared = require(prepare(import));
  auto const first = require(desk.import_one(prepared));
  CHECK(first.outcome == Imported::Outcome::created);
  CHECK(first.event);
  auto const second = require(desk.import_one(prepared));
  CHECK(second.outcome == Imported::Outcome::already_there);
  CHECK(second.article == first.article);
  CHECK(desk.events().size() == 1);
  CHECK(desk.article(first.article).published_at == import.published_at);
  CHECK(desk.article(first.article).language == "zh-Hans");
}

TEST_CASE("correcting an imported article keeps what was imported as its first revision") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  auto const imported = require(desk.import_one(require(prepare(desk.import("旧文章", "17")))));
  auto const id = imported.article;
  auto const saved = require(desk.revise(id, 1, desk.draft("新写的")));
  CHECK(desk.article(id).live_revision == 1);
  CHECK(desk.article(id).title == "旧文章");
  require(desk.publish(id, saved.version, desk.draft("新写的"), "重写"));
  require(desk.store->read([&](store::Connection& connection) -> Done {
    auto const first = TRY(sql::revision(connection, id, 1));
    REQUIRE(first);
    CHECK(first->kind == sql::RevisionKind::imported);
    CHECK(first->draft.title == "旧文章");
    CHECK(first->draft.body == "<p>很久以前。</p>");
    return {};
  }));
}

TEST_CASE("an import says everything that is wrong with an item") {
  Import import;
  import.source = "test";
  import.source_id = "1";
  import.html = "<p>x</p>";
  import.tags = {std::string(Limits::kImportedTag + 1, 'x')};
  auto const prepared = prepare(import);
  REQUIRE(!prepared.ok());
  CHECK(prepared.error().complaints.size() == 2);
}

TEST_CASE("a projection that was loaded equals one that followed, after any sequence of commands") {
  auto const database = store::testing::either_engine();
  Desk desk(*database);
  Published followed;
  journal::Position position = require(followed.load(*desk.store));
  std::mt19937 random(20'261'122);
  std::vector<Id<Article>> all;
  auto const any = [&] { return all[random() % all.size()]; };
  auto const varied = [&] {
    Draft draft = desk.draft("题目 " + std::to_string(random() % 50));
    draft.channel = {static_cast<std::int64_t>(100 + random() % 3)};
    draft.tags = {random() % 2 ? "Go" : "go", "桥" + std::to_string(random() % 4)};
    return draft;
  };
  for (int step = 0; step < 300; ++step) {
    desk.clock.advance(Duration(random() % 3));
    switch (all.empty() ? 0 : random() % 6) {
      case 0: {
        auto const id = desk.ids.next<Article>();
        require(desk.create(id, varied()));
        all.push_back(id);
        break;
      }
      case 1:
      case 2:
        (void)desk.publish(any(), 0, varied(), "", Desk::Version::newest);
        break;
      case 3:
        (void)desk.withdraw(any());
        break;
      case 4:
        (void)desk.undo(any());
        break;
      case 5: {
        Import import = desk.import("旧 " + std::to_string(step), std::to_string(step));
        import.published_at = Time{static_cast<std::int64_t>(random() % 1'000'000)};
        all.push_back(require(desk.import_one(require(prepare(import)))).article);
        break;
      }
    }
    if (random() % 4 == 0) position = desk.follow(followed, position);
  }
  desk.follow(followed, position);
  Published loaded;
  require(loaded.load(*desk.store));
  CHECK(loaded.fingerprint() == followed.fingerprint());
  CHECK(loaded.count() > 20);
}

}  // namespace
}  // namespace courant::articles
