// What articles cost: importing them, starting with them, making a page that is not in the cache, and how soon what is
// published is seen.
//
//     articles_bench [DIRECTORY [ARTICLES]]      default: a new directory under the current one, 100,000 articles
//
// All of it in this process, without the wire. Prints one line a measure.
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "app/features.hpp"
#include "app/ground.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "features/articles/articles.hpp"
#include "features/articles/bodies.hpp"
#include "features/articles/commands.hpp"
#include "features/authors/commands.hpp"
#include "web/site.hpp"

using namespace courant;

namespace {

constexpr std::size_t kBatch = 256;
constexpr int kPages = 3'000;
constexpr int kPublications = 200;
constexpr int kAuthors = 300;

[[noreturn]] void fail(Error const& error) {
  fmt::print(stderr, "{}\n", describe(error));
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

double wall() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double cpu_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double resident_megabytes() {
  long size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// The values at the middle and at 99 %.
std::pair<double, double> median_and_p99(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values[values.size() * 99 / 100]};
}

std::string body(std::mt19937& random) {
  constexpr std::string_view kWords[] = {"城市", "河流", "桥梁", "工程", "记者", "表示", "今年", "项目", "完成", "的",
                                         "了",   "在",   "和",   "数据", "增长", "发展", "研究", "人员", "认为", "，"};
  std::string html;
  while (html.size() < 6'000) {
    html += "<p>";
    for (int i = 0; i < 60; ++i) html += kWords[random() % std::size(kWords)];
    html += "。</p>\n";
  }
  return html;
}

struct Fill {
  double prepare = 0, write = 0, wall = 0;
};

Fill fill(app::GroundFloor& floor, int count) {
  std::mt19937 random(1);
  Fill spent;
  std::vector<Id<Author>> authors;
  must(floor.store->write([&](store::Transaction& transaction) -> Done {
    authors.clear();
    for (int i = 0; i < kAuthors; ++i)
      authors.push_back(TRY(authors::add_imported(transaction, *floor.ids, floor.clock, fmt::format("作者{}", i),
                                                  fmt::format("author-{}", i), floor.clock.now())));
    return {};
  }));
  articles::Tools const tools{*floor.ids, floor.clock};
  for (int done = 0; done < count;) {
    std::vector<articles::Import> raw;
    for (; raw.size() < kBatch && done < count; ++done) {
      articles::Import& import = raw.emplace_back();
      import.source = "bench";
      import.source_id = std::to_string(done);
      import.author = authors[random() % authors.size()];
      import.channel = {static_cast<std::int64_t>(101 + random() % 11)};
      import.title = fmt::format("城市里的第 {} 座桥今年完成", done);
      import.html = body(random);
      import.tags = {fmt::format("标签{}", random() % 500), "工程"};
      import.published_at = {1'600'000'000'000'000 + std::int64_t{done} * 1'000'000};
      import.old_paths = {fmt::format("/old/{}.html", done)};
    }
    double const begin = wall(), cpu = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<articles::Prepared> prepared;
    for (auto& import : raw) prepared.push_back(must(articles::prepare(std::move(import))));
    double const middle = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
    must(floor.store->write(
        [&](store::Transaction& transaction) -> Done {
          for (auto const& one : prepared) TRY(articles::import_article(transaction, tools, one));
          return {};
        },
        store::Priority::bulk));
    spent.prepare += middle - cpu;
    spent.write += cpu_of(CLOCK_PROCESS_CPUTIME_ID) - middle;
    spent.wall += wall() - begin;
  }
  return spent;
}

/// One GET, as net hands it over; on the I/O thread and then, when that is wanted, as on a worker.
web::Reply get(web::Site& site, std::string const& path) {
  web::Request request;
  request.target = path;
  request.path = path;
  request.client = "127.0.0.1";
  request.headers.push_back({"Accept-Encoding", "gzip"});
  auto now = site.answer_now(request);
  if (auto* const reply = std::get_if<web::Reply>(&now)) return std::move(*reply);
  return site.answer(request);
}

std::string path_without_cache(articles::Published const& published, Id<Article> id) {
  auto const card = published.find(id);
  return card ? card->path() : std::string("/");
}

void measure_pages(web::Site& site, std::vector<articles::Card> const& cards) {
  auto& published = site.get<articles::Published>();
  std::mt19937 random(2);
  std::vector<double> spent;
  std::size_t bytes = 0;
  for (int i = 0; i < kPages; ++i) {
    auto const path = path_without_cache(published, cards[random() % cards.size()].id);
    site.pages().clear();
    double const begin = cpu_of(CLOCK_THREAD_CPUTIME_ID);
    auto const reply = get(site, path);
    spent.push_back((cpu_of(CLOCK_THREAD_CPUTIME_ID) - begin) * 1e3);
    if (reply.status != 200) fail(broken(fmt::format("{} answered {}", path, reply.status)));
    bytes += reply.body ? reply.body->size() : 0;
  }
  auto const [median, p99] = median_and_p99(spent);
  fmt::print("article page not in the cache: {:.3f} ms median, {:.3f} ms p99 of CPU ({} bytes on the wire)\n", median,
             p99, bytes / kPages);
}

void measure_publishing(app::GroundFloor& floor, web::Site& site, Id<Author> author) {
  articles::Tools const tools{*floor.ids, floor.clock};
  articles::Actor const actor{{1}, author, false};
  std::vector<double> commits, visible;
  for (int i = 0; i < kPublications; ++i) {
    articles::Draft draft;
    draft.title = fmt::format("刚刚发布 {}", i);
    draft.body = "第一段。\n\n第二段。";
    draft.channel = {101};
    auto const composed = must(articles::compose(draft, site.settings().url));
    auto const id = floor.ids->next<Article>();
    double const begin = wall();
    auto const changed =
        must(store::write_value(*floor.store, [&](store::Transaction& transaction) -> Result<articles::Changed> {
          auto const saved = TRY(articles::create_draft(transaction, tools, actor, id, draft));
          return articles::publish(transaction, tools, actor, id, saved.version, draft, composed, {});
        }));
    double const committed = wall();
    must(floor.journal->wait_applied(changed.event, 5s));
    std::string const sign = "/a/" + id.str();
    for (auto const* const path : {"/", "/channel/news", "/feed.rss", "/feed.atom"})
      if (get(site, path).status != 200) fail(broken(path));
    if (get(site, path_without_cache(site.get<articles::Published>(), id)).status != 200) fail(broken(sign));
    commits.push_back((committed - begin) * 1e3);
    visible.push_back((wall() - committed) * 1e3);
  }
  auto const [commit, commit_p99] = median_and_p99(commits);
  auto const [seen, seen_p99] = median_and_p99(visible);
  fmt::print(
      "publish: commit {:.2f} ms median, {:.2f} ms p99; then visible on article, front page, channel and both feeds "
      "after {:.2f} ms median, {:.2f} ms p99\n",
      commit, commit_p99, seen, seen_p99);
}

}  // namespace

int main(int argc, char** argv) {
  if (!crypto::set_up()) return 1;
  log::set_up(log::Level::error, log::Style::plain);
  app::Config config;
  config.data = argc > 1 ? argv[1] : fmt::format("articles_bench.{}", ::getpid());
  int const count = argc > 2 ? std::atoi(argv[2]) : 100'000;
  config.site_url = "http://localhost:8080";
  bool const is_new = !std::filesystem::exists(config.data / "courant.db");
  if (is_new) {
    auto const floor = must(app::GroundFloor::open(config, app::Process::server));
    auto const spent = fill(*floor, count);
    fmt::print("import of {} articles of 6 KB: {:.0f} µs of CPU each to prepare, {:.0f} µs to write; {:.0f} a second\n",
               count, spent.prepare * 1e6 / count, spent.write * 1e6 / count, count / spent.wall);
    floor->stop();
  }

  double const before = resident_megabytes(), begin = wall(), cpu = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
  auto const floor = must(app::GroundFloor::open(config, app::Process::server));
  double const opened = wall();
  auto const site = must(web::Site::open(must(app::site_settings(config)), floor->ground()));
  double const made = wall();
  must(app::install_features(*site));
  must(floor->journal->start());
  auto const& published = site->get<articles::Published>();
  fmt::print(
      "start with {} articles: {:.0f} ms, {:.0f} ms of CPU (ground {:.0f}, site {:.0f}, features {:.0f}); resident "
      "{:.0f} MB before, "
      "{:.0f} MB after; projection {} bytes an article\n",
      published.count(), (wall() - begin) * 1e3, (cpu_of(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e3, (opened - begin) * 1e3,
      (made - opened) * 1e3, (wall() - made) * 1e3, before, resident_megabytes(),
      published.bytes() / std::max<std::size_t>(1, published.count()));
  measure_pages(*site, published.latest(std::nullopt, 100'000).cards);
  auto const some = published.latest(std::nullopt, 1);
  measure_publishing(*floor, *site, some.cards.front().author);
  floor->stop();
  if (is_new && argc < 2) std::filesystem::remove_all(config.data);
}
