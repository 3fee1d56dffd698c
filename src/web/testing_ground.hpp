// A ground floor for tests of web itself: a clock that stands still, a journal that can be told to lag, and no
// database.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "web/site.hpp"

namespace courant::web::testing {

/// Refuses everything: web's own routes never touch the database.
class NoStore final : public store::Store {
 public:
  [[nodiscard]] store::Engine engine() const override { return store::Engine::sqlite; }
  Result<int> migrate(std::span<store::Migration const>) override { return no(); }
  Done step_back(std::span<store::Migration const>, std::string_view) override { return no(); }
  Done write(std::function<Done(store::Transaction&)>, store::Priority) override { return no(); }
  void submit(std::function<Done(store::Transaction&)>, std::function<void(Done)> done, store::Priority) override {
    done(no());
  }
  Done read(std::function<Done(store::Connection&)>) override { return no(); }
  Done snapshot(std::function<Done(store::Connection&)>) override { return no(); }
  Result<store::BackupReport> backup(std::filesystem::path const&, std::span<std::string const>) override {
    return no();
  }
  [[nodiscard]] store::Stats stats() const override { return {}; }

 private:
  static Error no() { return unavailable("there is no database in this test"); }
};

class ToldJournal final : public journal::Journal {
 public:
  journal::Position position = 0;            ///< what applied() says
  std::vector<journal::EventId> waited_for;  ///< in order
  Done outcome;                              ///< of wait_applied

  void follow(std::string, journal::Position, std::function<void(journal::Event const&)>) override {}
  void follow_with_rows(std::string, journal::Position, std::function<Done(journal::Event const&)>) override {}
  void consume(std::string, std::function<Done(store::Transaction&, std::span<journal::Event const>)>) override {}
  Done start() override { return {}; }
  void stop() override {}
  void wake() override {}
  Done wait_applied(journal::EventId event, Duration) override {
    waited_for.push_back(event);
    position = std::max<journal::Position>(position, 1);
    return {};
  }
  Done wait_applied(journal::Position, Duration) override { return unavailable("behind"); }
  [[nodiscard]] journal::Position applied() const override { return position; }
  Result<std::int64_t> prune(Duration) override { return std::int64_t{0}; }
  [[nodiscard]] std::vector<journal::ConsumerStats> stats() const override { return {}; }
};

class NoJobs final : public jobs::Jobs {
 public:
  Result<Id<jobs::Job>> enqueue(store::Transaction&, std::string_view, std::string_view, Time) override {
    return Id<jobs::Job>{1};
  }
  void handle(std::string, std::function<Done(std::string_view)>) override {}
  void every(std::string, Duration, std::function<Done()>) override {}
  Done start() override { return {}; }
  void stop() override {}
  void wake() override {}
  [[nodiscard]] jobs::Stats stats() const override { return {}; }
};

/// Web's own embedded files, without those of the features.
inline std::vector<EmbeddedFile> own_files() {
  std::vector<EmbeddedFile> files;
  for (auto const& file : embedded_files())
    if (file.path.starts_with("web/") || file.path.starts_with("assets/") || file.path == "messages.json")
      files.push_back(file);
  return files;
}

class TestGround {
 public:
  TestGround()
      : folder(std::filesystem::temp_directory_path() / ("courant-web-" + crypto::random_token(9))),
        blobs(media::Blobs::open(folder / "media").value()) {}
  ~TestGround() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  [[nodiscard]] Ground ground() { return {clock, ids, store, journal, jobs, blobs, pictures}; }
  [[nodiscard]] Settings settings() const {
    Settings settings;
    settings.url = "http://localhost:8080";
    settings.name = "Example News";
    settings.language = Language::en;
    settings.data = folder;
    return settings;
  }

  std::filesystem::path folder;
  ManualClock clock{Time{1'700'000'000'000'000}};
  IdSource ids{clock, 1};
  NoStore store;
  ToldJournal journal;
  NoJobs jobs;
  media::Blobs blobs;
  media::Pictures pictures{blobs};
};

/// One request as net would hand it over, with the storage that its views point into.
class Ask {
 public:
  Ask(Method method, std::string target) : target_(std::move(target)) {
    request_.method = method;
    request_.target = target_;
    auto const question = target_.find('?');
    request_.path = request_.target.substr(0, question);
    if (question != std::string::npos) request_.query = request_.target.substr(question + 1);
    request_.client = "127.0.0.1";
  }
  Ask(Ask const&) = delete;
  Ask& operator=(Ask const&) = delete;

  Ask& with(std::string name, std::string value) {
    fields_.push_back(std::make_unique<std::pair<std::string, std::string>>(std::move(name), std::move(value)));
    request_.headers.push_back({fields_.back()->first, fields_.back()->second});
    return *this;
  }
  Ask& form(std::string body) {
    request_.body.text = std::move(body);
    return with("Content-Type", "application/x-www-form-urlencoded");
  }
  Ask& from(std::string_view client) {
    request_.client = client;
    return *this;
  }
  /// As one of our own pages would send it.
  Ask& same_origin() { return with("Sec-Fetch-Site", "same-origin"); }

  [[nodiscard]] Request& request() { return request_; }

  /// The whole way, as net goes it: on the I/O thread, and on a worker when that is wanted.
  Reply answer(Site& site) {
    if (request_.method == Method::get || request_.method == Method::head) {
      auto now = site.answer_now(request_);
      if (auto* const reply = std::get_if<Reply>(&now)) return std::move(*reply);
      took_worker = true;
    }
    return site.answer(request_);
  }
  bool took_worker = false;

 private:
  std::string target_;
  std::vector<std::unique_ptr<std::pair<std::string, std::string>>> fields_;
  Request request_;
};

inline std::string body_of(Reply const& reply) { return reply.body ? *reply.body : std::string{}; }

/// The value of one field of a head; empty when absent. The n-th when there are several.
inline std::string field_of(Reply const& reply, std::string_view name, int n = 0) {
  std::string_view rest = *reply.head;
  while (!rest.empty()) {
    auto const end = rest.find("\r\n");
    auto const line = rest.substr(0, end);
    auto const colon = line.find(": ");
    if (colon != std::string_view::npos && same_without_case(line.substr(0, colon), name) && n-- == 0)
      return std::string(line.substr(colon + 2));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace courant::web::testing
