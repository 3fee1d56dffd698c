#include "app/demo.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/say.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "features/accounts/commands.hpp"
#include "features/articles/commands.hpp"
#include "features/authors/commands.hpp"
#include "features/channels/commands.hpp"

namespace courant::app {
namespace {

struct DemoArticle {
  std::string name;  ///< of the file: its identity, so that nothing is filled in twice
  std::map<std::string, std::string> head;
  std::string body;

  [[nodiscard]] std::string const& value(std::string const& key) const {
    static std::string const kNone;
    auto const found = head.find(key);
    return found == head.end() ? kNone : found->second;
  }
};

Result<std::string> read_file(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid("app.demo_file_unreadable", path.string());
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto const end = text.find(separator);
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

Result<DemoArticle> read_article(std::filesystem::path const& path) {
  std::string const text = TRY(read_file(path));
  auto const end = text.find("\n\n");
  if (end == std::string::npos)
    return invalid("app.demo_file_malformed", path.string() + ": no empty line after the head");
  DemoArticle article{path.stem().string(), {}, text.substr(end + 2)};
  for (auto const& line : split(std::string_view(text).substr(0, end), '\n')) {
    auto const colon = line.find(':');
    if (colon == std::string::npos)
      return invalid("app.demo_file_malformed", path.string() + ": \"" + line + "\" is no name: value line");
    article.head[line.substr(0, colon)] = trimmed(std::string_view(line).substr(colon + 1));
  }
  for (auto const* needed : {"title", "author", "channel", "age"})
    if (article.value(needed).empty())
      return invalid("app.demo_file_malformed", path.string() + ": " + needed + " is missing");
  return article;
}

Result<std::vector<DemoArticle>> read_articles(std::filesystem::path const& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (auto const& entry : std::filesystem::directory_iterator(folder / "articles", error))
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  if (error) return invalid("app.demo_file_unreadable", (folder / "articles").string());
  std::sort(files.begin(), files.end());
  std::vector<DemoArticle> articles;
  for (auto const& file : files) articles.push_back(TRY(read_article(file)));
  return articles;
}

/// "3h", "2d", "40m".
Duration age_of(DemoArticle const& article) {
  auto const& text = article.value("age");
  auto const number = std::strtol(text.c_str(), nullptr, 10);
  switch (text.empty() ? 'h' : text.back()) {
    case 'm':
      return std::chrono::minutes(number);
    case 'd':
      return std::chrono::hours(24 * number);
    default:
      return std::chrono::hours(number);
  }
}

/// Fills one site; a class only to keep what every step needs.
class Filling {
 public:
  Filling(GroundFloor& floor, web::Settings const& settings, std::filesystem::path const& folder)
      : floor_(floor),
        settings_(settings),
        folder_(folder),
        means_{*floor.store, *floor.ids, floor.clock},
        now_(floor.clock.now()) {}

  Done add_account(std::string const& login, std::string const& name, web::Role role) {
    auto const password = crypto::random_token(9);
    auto const made =
        TRY(accounts::add_account(means_, {name, login, password, role, AccountOrigin::demo}, audit::by_system()));
    ids_[login] = made.account;
    accounts_.push_back({login, password, std::string(web::name_of(role))});
    return {};
  }

  Done add_author(json::Object const& object) {
    auto const text = [&](std::string_view key) { return std::string(json::string_or_empty(object, key)); };
    auto const handle = text("handle");
    TRY(add_account(handle, text("name"), web::Role::author));
    authors::Profile profile{handle,      text("name"),
                             text("bio"), text("field"),
                             {},          authors::kind_named(text("kind")).value_or(AuthorKind::individual)};
    authors_[handle] = TRY(authors::join(means_, ids_[handle], profile, settings_.name)).author;
    return {};
  }

  Done add_article(DemoArticle const& article) {
    auto const author = authors_.find(article.value("author"));
    if (author == authors_.end()) return invalid("app.demo_file_malformed", article.name + ": no such author");
    articles::Import import;
    import.source = "demo";
    import.source_id = article.name;
    import.author = author->second;
    import.title = article.value("title");
    import.summary = article.value("summary");
    import.language = article.value("language");
    import.tags = split(article.value("tags"), ',');
    import.published_at = now_ - age_of(article);
    auto body = article.body;
    if (auto const picture = split(article.value("picture"), '|'); picture.size() == 4) {
      auto taken = TRY(floor_.pictures->take_in(folder_ / "pictures" / picture[0]));
      import.pictures.push_back({std::move(taken), picture[1], picture[2] + " · " + picture[3]});
      import.cover = 1;
      body = "![](picture:1)\n\n" + body;
    }
    articles::Draft draft;
    draft.title = import.title;
    draft.body = body;
    import.html = TRY(articles::compose(draft, settings_.url)).html;
    return floor_.store->write([&](store::Transaction& transaction) -> Done {
      auto channel =
          TRY(channels::ensure_channel(transaction, {*floor_.ids, floor_.clock}, {}, article.value("channel")));
      auto placed = import;
      placed.channel = channel.channel;
      TRY(articles::import_article(transaction, {*floor_.ids, floor_.clock},
                                   TRY(articles::prepare(std::move(placed)))));
      return {};
    });
  }

  [[nodiscard]] std::vector<DemoAccount> const& accounts() const { return accounts_; }

 private:
  GroundFloor& floor_;
  web::Settings const& settings_;
  std::filesystem::path const& folder_;
  accounts::Means means_;
  Time now_;
  std::map<std::string, Id<Account>> ids_;
  std::map<std::string, Id<Author>> authors_;
  std::vector<DemoAccount> accounts_;
};

Done keep_passwords(std::filesystem::path const& path, std::vector<DemoAccount> const& accounts) {
  int const descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return unavailable("cannot write " + path.string());
  std::string text;
  for (auto const& account : accounts)
    text += fmt::format("{}\t{}\t{}\n", account.login, account.password, account.role);
  bool const written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(descriptor);
  if (!written) return unavailable("cannot write " + path.string());
  return {};
}

Result<bool> is_empty(GroundFloor& floor) { return TRY(accounts::list_accounts(*floor.store, {}, 1)).empty(); }

}  // namespace

Result<Demo> fill_with_demo(GroundFloor& floor, web::Settings const& settings, std::filesystem::path const& folder) {
  Demo demo;
  demo.passwords = settings.data / "demo-passwords.txt";
  if (!TRY(is_empty(floor))) return demo;
  auto const articles = TRY(read_articles(folder));
  auto const authors = TRY(json::parse(TRY(read_file(folder / "authors.json"))));
  if (!authors.is_array()) return invalid("app.demo_file_malformed", "authors.json is no list");

  Filling filling(floor, settings, folder);
  TRY(filling.add_account("demo-admin", "示范站长", web::Role::administrator));
  TRY(filling.add_account("demo-reader", "示范读者", web::Role::reader));
  for (auto const& author : authors.get_array()) {
    if (!author.is_object()) return invalid("app.demo_file_malformed", "authors.json: an author is no object");
    TRY(filling.add_author(author.get_object()));
  }
  std::size_t done = 0;
  for (auto const& article : articles) {
    fmt::print("filling the demo: article {} of {}\n", ++done, articles.size());
    std::fflush(stdout);
    TRY(filling.add_article(article));
  }
  TRY(keep_passwords(demo.passwords, filling.accounts()));
  demo.filled = true;
  demo.accounts = filling.accounts();
  return demo;
}

}  // namespace courant::app
