#include "stage.hpp"

#include "app/features.hpp"
#include "app/ground.hpp"
#include "features/accounts/audit.hpp"
#include "features/accounts/commands.hpp"

namespace courant::http_tests {
namespace {

constexpr auto kPassword = "correct horse battery staple";

class Opened final : public WholeSite {
 public:
  ~Opened() override {
    if (floor_) floor_->stop();
  }

  Done open(std::string const& database_url) {
    app::Config config;
    config.data = folder_.path();
    config.database = database_url;
    config.site_url = "http://localhost:8080";
    config.site_language = "en";
    config.site_name = "Example News";
    config.workers = 2;
    floor_ = TRY(app::GroundFloor::open(config, app::Process::server));
    TRY(add_accounts());
    site_ = TRY(web::Site::open(TRY(app::site_settings(config)), floor_->ground()));
    TRY(app::install_features(*site_));
    TRY(floor_->journal->start());
    return floor_->jobs->start();
  }

  web::Site& site() override { return *site_; }
  web::testing::Stage stage() override { return {.door = *site_, .variables = variables_, .advance = {}}; }

 private:
  store::testing::ScratchDirectory folder_;
  std::unique_ptr<app::GroundFloor> floor_;
  std::unique_ptr<web::Site> site_;
  web::testing::Variables variables_{{"password", kPassword}};

  Done add_accounts() {
    struct Person {
      char const* variable;
      char const* login;
      web::Role role;
    };
    for (auto const& person :
         {Person{"admin", "admin@example.org", web::Role::administrator},
          Person{"editor", "editor@example.org", web::Role::editor},
          Person{"author", "ann@example.org", web::Role::author}, Person{"other", "bob@example.org", web::Role::author},
          Person{"reader", "rob@example.org", web::Role::reader}}) {
      accounts::Means const means{*floor_->store, *floor_->ids, floor_->clock};
      TRY(accounts::add_account(means, {person.variable, person.login, kPassword, person.role},
                                audit::by_command_line()));
      variables_[person.variable] = person.login;
    }
    return {};
  }
};

}  // namespace

Result<std::unique_ptr<WholeSite>> open_site(store::testing::Database const& database) {
  auto opened = std::make_unique<Opened>();
  TRY(opened->open(database.url()));
  return std::unique_ptr<WholeSite>(std::move(opened));
}

}  // namespace courant::http_tests
