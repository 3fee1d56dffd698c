#include "media/blobs.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "media/folder_for_test.hpp"

using namespace courant;
using namespace courant::media;
namespace fs = std::filesystem;

namespace {
std::string content_of(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
std::size_t files_in(fs::path const& directory) {
  std::size_t count = 0;
  for (auto const& entry : fs::recursive_directory_iterator(directory)) count += entry.is_regular_file();
  return count;
}
}  // namespace

TEST_CASE("a blob is kept under the hash of its bytes and comes back whole, also after reopening") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path() / "blobs").value();
  auto const name = blobs.put("abc").value();
  CHECK(name.str() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4 example
  CHECK(blobs.path(name) == folder.path() / "blobs" / "ba" / "78" / name.str());

  auto const again = Blobs::open(folder.path() / "blobs").value();
  CHECK(again.read(name).value() == "abc");
  CHECK(again.find(name).value().bytes == 3);
  CHECK(again.contains(name));
  CHECK(again.verify(name).ok());
}

TEST_CASE("an empty blob and a blob of several buffers are kept") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path()).value();
  std::string const large = crypto::random_bytes(1'000'003);
  CHECK(blobs.read(blobs.put("").value()).value().empty());
  CHECK(blobs.read(blobs.put(large).value()).value() == large);
}

TEST_CASE("the same bytes put twice are one file") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path()).value();
  auto const name = blobs.put("same").value();
  std::ofstream(folder.path() / "copy") << "same";
  CHECK(blobs.put("same").value() == name);
  CHECK(blobs.put_file(folder.path() / "copy").value() == name);
  fs::remove(folder.path() / "copy");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("pieces of one file become blobs in their order") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path() / "blobs").value();
  std::ofstream(folder.path() / "source") << "onetwothree";
  Descriptor const source(::open((folder.path() / "source").c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<Piece> const pieces = {{source.get(), 6, 5}, {source.get(), 0, 3}, {source.get(), 3, 3}};
  auto const names = blobs.put_all(pieces).value();
  REQUIRE(names.size() == 3);
  CHECK(blobs.read(names[0]).value() == "three");
  CHECK(blobs.read(names[1]).value() == "one");
  CHECK(blobs.read(names[2]).value() == "two");
}

TEST_CASE("a piece that is shorter than it says keeps nothing") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path() / "blobs").value();
  std::ofstream(folder.path() / "source") << "short";
  Descriptor const source(::open((folder.path() / "source").c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<Piece> const pieces = {{source.get(), 0, 5}, {source.get(), 3, 3}};
  CHECK(blobs.put_all(pieces).error().kind == ErrorKind::broken);
  CHECK(files_in(folder.path() / "blobs") == 0);
}

TEST_CASE("only 64 lower-case hexadecimal digits are a blob's name") {
  std::string const good(64, 'a');
  CHECK(BlobName::parse(good));
  for (auto const& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'),
                          std::string(64, 'g'), "../" + std::string(61, 'a'), std::string(64, '\0')})
    CHECK_FALSE(BlobName::parse(bad));
}

TEST_CASE("an absent blob is missing, and removing is idempotent") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path()).value();
  auto const name = blobs.put("gone soon").value();
  auto const open_before = blobs.find(name).value();
  CHECK(blobs.remove(name).ok());
  CHECK(blobs.remove(name).ok());
  CHECK_FALSE(blobs.contains(name));
  CHECK(blobs.find(name).error().kind == ErrorKind::missing);
  CHECK(blobs.find(BlobName()).error().kind == ErrorKind::missing);
  CHECK_FALSE(blobs.contains(BlobName()));
  CHECK(blobs.verify(name).error().kind == ErrorKind::missing);
  char first = 0;
  CHECK(::pread(open_before.descriptor.get(), &first, 1, 0) == 1);  // a reader in the middle goes on
  CHECK(first == 'g');
}

TEST_CASE("verify notices a changed byte, and a blob that lost its tail is written anew by the next put") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path()).value();
  auto const name = blobs.put("precious").value();
  std::fstream(blobs.path(name), std::ios::in | std::ios::out).write("P", 1);
  CHECK(blobs.verify(name).error().kind == ErrorKind::broken);
  fs::resize_file(blobs.path(name), 3);
  CHECK(blobs.put("precious").value() == name);
  CHECK(blobs.verify(name).ok());
  CHECK(content_of(blobs.path(name)) == "precious");
}

TEST_CASE("each visits every blob in order of name and nothing else") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path()).value();
  std::set<std::string> expected;
  for (int i = 0; i < 40; ++i) expected.insert(blobs.put("blob " + std::to_string(i)).value().str());
  std::ofstream(folder.path() / "tmp" / "half written") << "x";
  fs::create_directories(folder.path() / "zz" / "not hex");
  std::vector<std::string> seen;
  CHECK(blobs
            .each([&](BlobName const& name, std::int64_t bytes) -> Done {
              CHECK(bytes >= 6);
              seen.push_back(name.str());
              return {};
            })
            .ok());
  CHECK(seen == std::vector<std::string>(expected.begin(), expected.end()));
  int visits = 0;
  auto const stopped = blobs.each([&](BlobName const&, std::int64_t) -> Done { return ++visits, conflict(); });
  CHECK(stopped.error().kind == ErrorKind::conflict);
  CHECK(visits == 1);
}

TEST_CASE("opening clears what a crash left behind a day ago, and only that") {
  FolderForTest folder;
  CHECK(Blobs::open(folder.path()).ok());
  std::ofstream(folder.path() / "tmp" / "old") << "x";
  std::ofstream(folder.path() / "tmp" / "new") << "x";
  fs::last_write_time(folder.path() / "tmp" / "old", fs::file_time_type::clock::now() - std::chrono::hours(25));
  CHECK(Blobs::open(folder.path()).ok());
  CHECK_FALSE(fs::exists(folder.path() / "tmp" / "old"));
  CHECK(fs::exists(folder.path() / "tmp" / "new"));
}

TEST_CASE("a directory that cannot be made is broken, and a failing put says unavailable and leaves nothing") {
  FolderForTest folder;
  std::ofstream(folder.path() / "file") << "x";
  CHECK(Blobs::open(folder.path() / "file" / "blobs").error().kind == ErrorKind::broken);

  auto blobs = Blobs::open(folder.path() / "blobs").value();
  auto const name = BlobName::of(crypto::sha256("blocked"));
  std::ofstream(folder.path() / "blobs" / name.str().substr(0, 2)) << "a file where a directory should be";
  CHECK(blobs.put("blocked").error().kind == ErrorKind::unavailable);
  CHECK(fs::is_empty(folder.path() / "blobs" / "tmp"));
}

TEST_CASE("several threads put the same and different blobs at once") {
  FolderForTest folder;
  auto blobs = Blobs::open(folder.path()).value();
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) failed += !blobs.put("shared " + std::to_string(i)).ok();
    });
  for (auto& thread : threads) thread.join();
  CHECK(failed == 0);
  CHECK(files_in(folder.path()) == 20);
}
