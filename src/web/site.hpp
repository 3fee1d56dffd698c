// The site: what features install themselves into, and the Door that net/ knocks at.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "jobs/jobs.hpp"
#include "journal/journal.hpp"
#include "media/blobs.hpp"
#include "media/pictures.hpp"
#include "store/store.hpp"
#include "web/catalogue.hpp"
#include "web/door.hpp"
#include "web/embedded.hpp"
#include "web/page_cache.hpp"
#include "web/router.hpp"
#include "web/slot.hpp"
#include "web/template.hpp"
#include "web/viewer.hpp"

namespace courant::web {

/// What the operator decided; see docs/operate/configuration.md.
struct Settings {
  std::string url;  ///< "https://news.example", no slash at the end: the only source of absolute addresses
  std::string name = "Courant";
  std::string operator_name;    ///< legal name, in notices and footer
  std::string contact;          ///< e-mail or phone, in the footer
  std::string licence_numbers;  ///< free text, in the footer (ICP and such)
  Language language = Language::zh_hans;
  Zone zone = Zone::utc();
  std::filesystem::path data;  ///< the data directory
  std::int64_t cache_bytes = 64 << 20;
  std::int64_t body_cache_bytes = 32 << 20;
  std::int64_t most_upload_bytes = 20 << 20;
  bool demo = false;
  bool demo_public = false;
};

/// The parts of the ground floor that app/ opened; they outlive the site.
struct Ground {
  Clock const& clock;
  IdSource& ids;
  store::Store& store;
  journal::Journal& journal;
  jobs::Jobs& jobs;
  media::Blobs& blobs;
  media::Pictures& pictures;
  jobs::WorkerPool* pool = nullptr;  ///< compresses hot pages better; null: they stay as they were first compressed
};

class Site final : public Door {
 public:
  /// Loads catalogue and templates from what was embedded at build time. Errors: broken (a bad template or message).
  static Result<std::unique_ptr<Site>> open(Settings settings, Ground ground);
  /// The same with other files than the embedded ones; for tests.
  static Result<std::unique_ptr<Site>> open(Settings settings, Ground ground, std::span<EmbeddedFile const> files);
  ~Site() override;

  // What features use in install():
  [[nodiscard]] Router& routes();
  [[nodiscard]] Slots& slots();
  [[nodiscard]] PageCache& pages();
  [[nodiscard]] Ground& ground();
  [[nodiscard]] Settings const& settings() const;
  [[nodiscard]] Catalogue const& catalogue() const;
  [[nodiscard]] Templates const& templates() const;
  void set_session_source(SessionSource source);

  /// Keeps one T for the site's life (a feature's projection or parts); get<T>() finds it.
  template <class T, class... A>
  T& keep(A&&... a) {
    auto made = std::make_shared<T>(std::forward<A>(a)...);
    kept_[std::type_index(typeid(T))] = made;
    kept_order_.push_back(made);
    return *made;
  }
  template <class T>
  [[nodiscard]] T& get() const {
    return *static_cast<T*>(kept_.at(std::type_index(typeid(T))).get());
  }

  // Door:
  std::variant<Reply, NeedsWorker> answer_now(Request& request) override;
  Reply answer(Request& request) override;
  BodyRules body_rules(Request const& request) override;
  Reply refusal(int status) override;

  struct State;  ///< opaque: site_state.hpp

 private:
  explicit Site(std::unique_ptr<State> state);
  void install_own_routes();
  std::unique_ptr<State> state_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> kept_;
  std::vector<std::shared_ptr<void>> kept_order_;
};

template <class T>
T& PageContext::get() const {
  return site_.get<T>();
}

}  // namespace courant::web
