// For the tests of pages: a whole site with accounts (and what is put on top), on either engine, asked in process as
// net would ask it.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "features/accounts/world_for_tests.hpp"
#include "jobs/jobs.hpp"
#include "web/site.hpp"
#include "web/testing_ground.hpp"

namespace courant::accounts::testing {

/// What a feature above accounts adds to the site under test.
struct Addition {
  std::vector<store::Migration> steps;
  std::function<Done(web::Site&)> install;
};

class SiteWorld {
 public:
  explicit SiteWorld(store::testing::Database const& database, Addition const& addition = {},
                     std::function<void(web::Settings&)> const& adjust = {})
      : world(database, with_jobs(addition.steps)),
        blobs(store::testing::require(media::Blobs::open(folder.path() / "media"))) {
    journal = store::testing::require(journal::Journal::open(*world.store, world.clock, {}));
    jobs = store::testing::require(jobs::Jobs::open(*world.store, world.clock, world.ids, pool));
    web::Settings settings;
    settings.url = "http://localhost:8080";
    settings.name = "Example News";
    settings.language = web::Language::en;
    settings.data = folder.path();
    if (adjust) adjust(settings);
    site = store::testing::require(
        web::Site::open(settings, {world.clock, world.ids, *world.store, *journal, *jobs, blobs, pictures}));
    store::testing::require(install(*site));
    if (addition.install) store::testing::require(addition.install(*site));
    store::testing::require(journal->start());
  }
  ~SiteWorld() { journal->stop(); }

  /// The worker that media's own tests use; it lies beside this test program.
  static media::PictureOptions picture_options() {
    media::PictureOptions options;
    options.program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "media_test_program";
    return options;
  }

  static std::vector<store::Migration> with_jobs(std::vector<store::Migration> more) {
    auto all = jobs::migrations();
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return all;
  }

  World world;
  store::testing::ScratchDirectory folder;
  media::Blobs blobs;
  media::Pictures pictures{blobs, picture_options()};
  jobs::WorkerPool pool{1};
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<jobs::Jobs> jobs;
  std::unique_ptr<web::Site> site;
};

/// Somebody with a browser: keeps cookies, sends what a browser sends.
class Browser {
 public:
  explicit Browser(SiteWorld& world, std::string client = "192.0.2.7") : world_(world), client_(std::move(client)) {}

  web::Reply get(std::string const& target) { return send(web::Method::get, target, nullptr); }
  /// `fields` is urlencoded.
  web::Reply post(std::string const& target, std::string const& fields) {
    return send(web::Method::post, target, &fields);
  }

  web::Reply sign_in(std::string const& login, std::string const& password = kPassword) {
    return post("/sign-in", "login=" + login + "&password=" + password + "&next=%2Faccount");
  }

  std::map<std::string, std::string> cookies;
  std::string agent = "Test Browser";
  bool loopback_listener = true;
  bool https = false;
  bool fetch_metadata = true;  ///< whether it sends Sec-Fetch-Site

 private:
  web::Reply send(web::Method method, std::string const& target, std::string const* fields) {
    web::testing::Ask ask(method, target);
    ask.from(client_).with("User-Agent", agent);
    ask.request().loopback_listener = loopback_listener;
    ask.request().https = https;
    std::string all;
    for (auto const& [name, value] : cookies) all += (all.empty() ? "" : "; ") + name + "=" + value;
    if (!all.empty()) ask.with("Cookie", all);
    if (fetch_metadata) ask.same_origin();
    if (fields) ask.form(*fields);
    auto reply = ask.answer(*world_.site);
    take_cookies(reply);
    return reply;
  }

  void take_cookies(web::Reply const& reply) {
    for (int n = 0;; ++n) {
      auto const cookie = web::testing::field_of(reply, "Set-Cookie", n);
      if (cookie.empty()) return;
      auto const equals = cookie.find('=');
      auto const name = cookie.substr(0, equals);
      if (cookie.find("Max-Age=0") != std::string::npos)
        cookies.erase(name);
      else
        cookies[name] = cookie.substr(equals + 1, cookie.find(';') - equals - 1);
    }
  }

  SiteWorld& world_;
  std::string client_;
};

}  // namespace courant::accounts::testing
