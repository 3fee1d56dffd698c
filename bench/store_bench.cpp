// What the store costs: rows loaded, single rows read, durable writes alone and in groups, an import of articles, a
// backup.
//
//     store_bench [URL-OR-DIRECTORY]      default: a new SQLite database in a directory under the current one
//
// Prints one line a measure, with the disk's own fdatasync beside the durable ones.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <latch>
#include <semaphore>
#include <thread>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "store/store.hpp"

using namespace courant;
using namespace courant::store;

namespace {

constexpr int kRows = 100'000;
constexpr int kArticles = 20'000;

std::vector<Migration> steps() {
  return {{"bench", 1, "tables", R"(
    CREATE TABLE narrow (id {id} PRIMARY KEY, b BIGINT NOT NULL, c BIGINT NOT NULL, d BIGINT NOT NULL, e BIGINT NOT NULL,
      f BIGINT NOT NULL, g BIGINT NOT NULL, h BIGINT NOT NULL, i BIGINT NOT NULL, title TEXT NOT NULL, slug TEXT NOT NULL,
      at BIGINT NOT NULL);
    CREATE TABLE articles (id {id} PRIMARY KEY, author BIGINT NOT NULL, title TEXT NOT NULL, slug TEXT NOT NULL, at BIGINT NOT NULL);
    CREATE UNIQUE INDEX articles_by_slug ON articles (slug);
    CREATE TABLE bodies (article_id {id} PRIMARY KEY, html TEXT NOT NULL, version BIGINT NOT NULL);
    CREATE TABLE tags (article_id BIGINT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (article_id, tag));
    CREATE TABLE events (id {id} PRIMARY KEY, kind TEXT NOT NULL, subject BIGINT NOT NULL, at BIGINT NOT NULL);
    CREATE TABLE small (id {id} PRIMARY KEY, value BIGINT NOT NULL);)",
           ""}};
}

using Int = std::int64_t;
using Narrow = std::tuple<Int, Int, Int, Int, Int, Int, Int, Int, Int, std::string, std::string, Time>;
Statement<Narrow> const kAddNarrow{
    "INSERT INTO narrow (id, b, c, d, e, f, g, h, i, title, slug, at)"
    " VALUES (:id, :b, :c, :d, :e, :f, :g, :h, :i, :title, :slug, :at)"};
Statement<std::tuple<>, Narrow> const kNarrow{"SELECT id, b, c, d, e, f, g, h, i, title, slug, at FROM narrow"};
Statement<std::tuple<Int>, std::tuple<std::string, Int>> const kOne{"SELECT title, b FROM narrow WHERE id = :id"};
Statement<std::tuple<Int, Int>> const kAddSmall{"INSERT INTO small (id, value) VALUES (:id, :value)"};
Statement<std::tuple<Int, Int, std::string, std::string, Int>> const kAddArticle{
    "INSERT INTO articles (id, author, title, slug, at) VALUES (:id, :author, :title, :slug, :at)"};
Statement<std::tuple<Int, std::string_view>> const kAddBody{
    "INSERT INTO bodies (article_id, html, version) VALUES (:id, :html, 1)"};
Statement<std::tuple<Int, std::string>> const kAddTag{"INSERT INTO tags (article_id, tag) VALUES (:id, :tag)"};
Statement<std::tuple<Int, Int>> const kAddEvent{
    "INSERT INTO events (id, kind, subject, at) VALUES (:id, 'articles.published', :subject, 1)"};

[[noreturn]] void fail(Error const& error) {
  fmt::print(stderr, "{}\n", describe(error));
  std::exit(1);
}
void must(Done const& done) {
  if (!done.ok()) fail(done.error());
}
template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error());
  return std::move(result).value();
}

double wall() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto const seconds = [](timeval const& time) { return static_cast<double>(time.tv_sec) + time.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

struct Span {
  double wall_start = wall();
  double cpu_start = cpu();
  [[nodiscard]] double seconds() const { return wall() - wall_start; }
  [[nodiscard]] double cpu_microseconds(int count) const { return (cpu() - cpu_start) * 1e6 / count; }
};

void load_and_read(Store& store) {
  for (int first = 1; first <= kRows; first += 1'000)
    must(store.write([&](Transaction& transaction) -> Done {
      for (Int id = first; id < first + 1'000; ++id)
        TRY(kAddNarrow.run(transaction, {id, id, id, id, id, id, id, id, id, "A title of some forty bytes or so, here",
                                         "a-title-of-some", Time{1'700'000'000'000'000 + id}}));
      return {};
    }));
  double best = 1e9;
  double best_cpu = 1e9;
  Int sum = 0;
  for (int round = 0; round < 5; ++round) {
    Span const span;
    must(store.snapshot([&](Connection& connection) {
      return kNarrow.each(connection, {}, [&](Narrow row) { sum += std::get<1>(row); });
    }));
    best = std::min(best, span.seconds());
    best_cpu = std::min(best_cpu, span.cpu_microseconds(kRows));
  }
  fmt::print("load {} rows of 12 columns, best of 5   {:8.3f} s      {:9.2f} us CPU a row\n", kRows, best, best_cpu);

  best = best_cpu = 1e9;
  for (int round = 0; round < 5; ++round) {
    Span const span;
    must(store.read([&](Connection& connection) -> Done {
      for (Int n = 0; n < kRows; ++n) sum += std::get<1>(*TRY(kOne.first(connection, {n * 7'919 % kRows + 1})));
      return {};
    }));
    best = std::min(best, span.seconds());
    best_cpu = std::min(best_cpu, span.cpu_microseconds(kRows));
  }
  fmt::print("single-row reads, one read()            {:8.0f} /s     {:9.2f} us CPU each\n", kRows / best, best_cpu);

  Span const span;
  for (Int n = 0; n < kRows; ++n)
    must(store.read([&](Connection& connection) -> Done {
      sum += std::get<1>(*TRY(kOne.first(connection, {n * 7'919 % kRows + 1})));
      return {};
    }));
  fmt::print("single-row reads, a read() each         {:8.0f} /s     {:9.2f} us CPU each ({})\n",
             kRows / span.seconds(), span.cpu_microseconds(kRows), sum % 10);
}

void write_durably(Store& store) {
  static std::atomic<Int> next = 0;
  auto const write = [&] {
    must(store.write([id = ++next](Transaction& transaction) -> Done {
      TRY(kAddSmall.run(transaction, {id, id}));
      return {};
    }));
  };
  for (int const people : {1, 4, 16, 64}) {
    int const each = people == 1 ? 1'000 : 8'000 / people;
    auto const commits = store.stats().commits;
    Span const span;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < people; ++i)
        threads.emplace_back([&] {
          for (int n = 0; n < each; ++n) write();
        });
    }
    int const count = people * each;
    fmt::print("durable writes, {:2} people               {:8.0f} /s     {:9.1f} us CPU each, {:.1f} a commit\n",
               people, count / span.seconds(), span.cpu_microseconds(count),
               static_cast<double>(count) / static_cast<double>(store.stats().commits - commits));
  }
}

void import_articles(Store& store) {
  std::string const html(6'000, 'x');
  Span const span;
  std::counting_semaphore<256> in_flight(256);
  std::latch answered(kArticles);
  for (Int id = 1; id <= kArticles; ++id) {
    in_flight.acquire();
    store.submit(
        [id, &html](Transaction& transaction) -> Done {
          TRY(kAddArticle.run(transaction, {id, id % 50, "A title of an article", fmt::format("article-{}", id), id}));
          TRY(kAddBody.run(transaction, {id, html}));
          TRY(kAddTag.run(transaction, {id, "politics"}));
          TRY(kAddTag.run(transaction, {id, "city"}));
          TRY(kAddEvent.run(transaction, {id, id}));
          return {};
        },
        [&](Done done) {
          must(done);
          in_flight.release();
          answered.count_down();
        },
        Priority::bulk);
  }
  answered.wait();
  fmt::print("import of 6 KB articles, 5 INSERTs each {:8.0f} /s     {:9.1f} us CPU each\n", kArticles / span.seconds(),
             span.cpu_microseconds(kArticles));
}

void back_up(Store& store, std::filesystem::path const& directory) {
  auto const before = peak_kib();
  Span const span;
  auto const report = must(store.backup(directory, {}));
  fmt::print("backup of {} MB, {} rows            {:8.2f} s      peak memory +{} KiB\n", report.bytes / 1'000'000,
             report.rows, span.seconds(), peak_kib() - before);
}

void time_disk(std::filesystem::path const& directory) {
  auto const path = directory / "fdatasync";
  int const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  std::string const block(4'096, 'x');
  std::vector<double> times;
  for (int n = 0; n < 500; ++n) {
    if (::pwrite(file, block.data(), block.size(), n * 4'096) < 0) break;
    double const start = wall();
    ::fdatasync(file);
    times.push_back((wall() - start) * 1e6);
  }
  ::close(file);
  std::sort(times.begin(), times.end());
  fmt::print("fdatasync of the disk                   {:8.0f} us p50 {:9.0f} us p99\n", times[times.size() / 2],
             times[times.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  must(crypto::set_up());
  log::set_up(log::Level::error, log::Style::plain);
  std::string const given = argc > 1 ? argv[1] : "store_bench.tmp";
  bool const is_url = given.starts_with("postgres");
  std::filesystem::path const directory = is_url ? "store_bench.tmp" : given;
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  auto const store = must(Store::open({.url = is_url ? given : "sqlite:" + (directory / "bench.db").string()}));
  must(store->migrate(steps()));
  time_disk(directory);
  load_and_read(*store);
  write_durably(*store);
  import_articles(*store);
  back_up(*store, directory / "backup");
  std::filesystem::remove_all(directory);
}
