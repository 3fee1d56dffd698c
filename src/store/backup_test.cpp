#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "store/testing_things.hpp"

namespace courant::store {
namespace {

using namespace testing;
namespace fs = std::filesystem;

Statement<std::tuple<std::int64_t, std::string>> const kAddSecret{"INSERT INTO secrets (id, secret) VALUES (:id, :s)"};
Statement<std::tuple<>, std::tuple<std::int64_t>> const kCountSecrets{"SELECT COUNT(*) FROM secrets"};
std::vector<std::string> const kLeaveOut{"secrets"};

std::string content(fs::path const& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void fill(Store& store) {
  require(store.write([](Transaction& transaction) -> Done {
    TRY(kInsertThing.run(transaction,
                         {{1}, "tab\tnew\nline\\", 0.5, std::string("\x00\xff\n", 3), Time{5}, Mood::calm}));
    for (int id = 2; id <= 3'000; ++id) TRY(kAddThing.run(transaction, {id, fmt::format("thing {}", id)}));
    TRY(kAddPart.run(transaction, {1, 1}));
    TRY(kAddSecret.run(transaction, {1, "hunter2hunter2"}));
    return {};
  }));
}

std::vector<ThingRow> all_things(Store& store) {
  return require(read_value(store, [](Connection& connection) { return kAllThings.all(connection, {}); }));
}

TEST_CASE("a backup restores to the same rows, without what was left out") {
  auto const database = either_engine();
  auto const store = database->open(things());
  fill(*store);
  ScratchDirectory const scratch;
  auto const directory = scratch.path() / "deep" / "backup";
  auto const report = require(store->backup(directory, kLeaveOut));
  CHECK(report.rows == 3'002);  // things, a part, the schema's step
  CHECK(report.bytes > 1'000);
  CHECK(require(verify_backup(directory)).sha256 == report.sha256);

  auto const target = fresh(database->engine());
  CHECK(require(restore_backup(directory, target->url())).rows == report.rows);
  auto const restored = target->open(things());
  CHECK(all_things(*restored) == all_things(*store));
  CHECK(std::get<0>(*require(
            read_value(*restored, [](Connection& connection) { return kCountSecrets.first(connection, {}); }))) == 0);
  require(restored->write(adding(5'000, "it goes on")));
  CHECK(restore_backup(directory, target->url()).error().kind == ErrorKind::conflict);
}

TEST_CASE("what a vanished database left behind is not mixed into a restored one") {
  auto const database = sqlite();
  auto const store = database->open(things());
  fill(*store);
  ScratchDirectory const scratch;
  require(store->backup(scratch.path() / "backup", {}));
  auto const path = scratch.path() / "courant.db";
  {
    auto const lost = require(Store::open({.url = "sqlite:" + path.string()}));
    require(lost->migrate(things()));
    require(lost->write(adding(1, "of the lost one")));
    fs::copy_file(path.string() + "-wal", scratch.path() / "wal");
  }
  fs::remove(path);
  fs::rename(scratch.path() / "wal", path.string() + "-wal");
  require(restore_backup(scratch.path() / "backup", "sqlite:" + path.string()));
  CHECK(all_things(*require(Store::open({.url = "sqlite:" + path.string()}))) == all_things(*store));
}

TEST_CASE("a backup is private and holds no trace of what was left out") {
  auto const database = either_engine();
  auto const store = database->open(things());
  fill(*store);
  ScratchDirectory const scratch;
  auto const directory = scratch.path() / "backup";
  require(store->backup(directory, kLeaveOut));
  CHECK((fs::status(directory).permissions() & fs::perms::all) == fs::perms::owner_all);
  for (auto const& file : fs::directory_iterator(directory)) {
    CHECK((file.status().permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(content(file.path()).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a backup is of one moment while others write") {
  auto const database = either_engine();
  auto const store = database->open(things());
  fill(*store);
  // Each command writes a thing and its part, so a backup of one moment has as many of both.
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (int id = 10'000; !stop; ++id) {
      require(store->write([&](Transaction& transaction) -> Done {
        TRY(kAddThing.run(transaction, {id, std::to_string(id)}));
        TRY(kAddPart.run(transaction, {id, 1}));
        return {};
      }));
      ++written;
      written.notify_all();
    }
  });
  written.wait(0);
  ScratchDirectory const scratch;
  auto report = store->backup(scratch.path() / "backup", kLeaveOut);
  auto const while_it_ran = written.load();
  written.wait(while_it_ran);  // writers go on
  stop = true;
  writer.join();
  require(std::move(report));

  auto const target = fresh(database->engine());
  require(restore_backup(scratch.path() / "backup", target->url()));
  auto const restored = target->open(things());
  Statement<std::tuple<>, std::tuple<std::int64_t>> const kParts{"SELECT COUNT(*) FROM parts WHERE thing_id >= 10000"};
  Statement<std::tuple<>, std::tuple<std::int64_t>> const kNew{"SELECT COUNT(*) FROM things WHERE id >= 10000"};
  require(restored->read([&](Connection& connection) -> Done {
    CHECK(*TRY(kParts.first(connection, {})) == *TRY(kNew.first(connection, {})));
    CHECK(std::get<0>(*TRY(kNew.first(connection, {}))) >= 1);
    return {};
  }));
}

TEST_CASE("a backup goes into an empty directory and leaves out only what is there") {
  auto const database = either_engine();
  auto const store = database->open(things());
  ScratchDirectory const scratch;
  std::ofstream(scratch.path() / "something") << "here";
  CHECK(store->backup(scratch.path(), {}).error().kind == ErrorKind::invalid);
  std::vector<std::string> const misspelt{"secrtes"};
  CHECK(store->backup(scratch.path() / "backup", misspelt).error().kind == ErrorKind::invalid);
}

TEST_CASE("a damaged or unfinished backup is refused") {
  auto const database = either_engine();
  auto const store = database->open(things());
  fill(*store);
  ScratchDirectory const scratch;
  auto const directory = scratch.path() / "backup";
  require(store->backup(directory, {}));
  auto const damage = [&](fs::path const& path) {
    auto bytes = content(path);
    bytes[bytes.size() / 2] ^= 1;
    std::ofstream(path, std::ios::binary) << bytes;
  };
  std::vector<fs::path> files;
  for (auto const& file : fs::directory_iterator(directory))
    if (file.path().filename() != "MANIFEST") files.push_back(file.path());
  REQUIRE_FALSE(files.empty());
  for (auto const& file : files) {
    damage(file);
    CHECK(verify_backup(directory).error().kind == ErrorKind::invalid);
    damage(file);  // and back
    require(verify_backup(directory));
    fs::rename(file, file.string() + ".gone");
    CHECK(verify_backup(directory).error().kind == ErrorKind::invalid);
    fs::rename(file.string() + ".gone", file);
  }
  auto const manifest = content(directory / "MANIFEST");
  for (std::size_t length : {std::size_t{0}, manifest.size() / 2, manifest.size() - 10}) {
    std::ofstream(directory / "MANIFEST") << manifest.substr(0, length);
    CHECK(verify_backup(directory).error().kind == ErrorKind::invalid);
  }
  std::ofstream(directory / "MANIFEST")
      << R"({"format":1,"engine":"sqlite","files":[{"name":"../x","bytes":0,"sha256":""}],)"
      << R"("tables":[],"sequences":[],"schema":[]})";
  CHECK(verify_backup(directory).error().kind == ErrorKind::invalid);
  fs::remove(directory / "MANIFEST");
  CHECK(verify_backup(directory).error().kind == ErrorKind::invalid);
  auto const target = fresh(database->engine());
  CHECK(restore_backup(directory, target->url()).error().kind == ErrorKind::invalid);
}

TEST_CASE("a backup of one engine is not put into the other") {
  auto const here = sqlite();
  auto const there = postgresql();
  auto const store = here->open(things());
  ScratchDirectory const scratch;
  require(store->backup(scratch.path() / "backup", {}));
  CHECK(restore_backup(scratch.path() / "backup", there->url()).error().kind == ErrorKind::invalid);
}

}  // namespace
}  // namespace courant::store
