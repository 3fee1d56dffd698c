#include "app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/say.hpp"
#include "base/log.hpp"

namespace courant::app {
namespace {

/// Options that every word understands, and the settings given by --set or by an option of their own.
struct Common {
  std::string file;
  std::vector<std::string> settings;  ///< key=value
  Overrides overrides;

  Result<Config> load() {
    for (auto const& setting : settings) {
      auto const equals = setting.find('=');
      if (equals == std::string::npos)
        return invalid("app.bad_setting", fmt::format("--set wants key=value, not \"{}\".", setting));
      overrides.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
    auto config = TRY(load_config(file, overrides, [](char const* name) -> char const* { return std::getenv(name); }));
    log::set_up(log::level_named(config.log_level), config.log_style == "plain" ? log::Style::plain : log::Style::json);
    return config;
  }
};

void add_common(CLI::App& word, Common& common) {
  word.add_option("--config", common.file, "configuration file (default: DATA/courant.toml when it is there)")
      ->type_name("FILE");
  word.add_option("--set", common.settings, "any setting, as `courant config` names them")->type_name("KEY=VALUE");
  // A few settings deserve options of their own.
  for (auto const& [option, key] : {std::pair{"--data", "data"},
                                    {"--database", "database"},
                                    {"--listen", "net.listen"},
                                    {"--url", "site.url"},
                                    {"--name", "site.name"},
                                    {"--metrics", "net.metrics_listen"}})
    word.add_option_function<std::string>(
        option,
        [&common, key = std::string(key)](std::string const& value) { common.overrides.emplace_back(key, value); },
        fmt::format("the setting {}", key));
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Courant, a self-hosted news platform.", "courant");
  app.require_subcommand(1);
  app.set_version_flag("--version", "courant 0.1.0");
  Common common;
  int status = 0;
  auto const word = [&](CLI::App& under, std::string const& name, std::string const& help,
                        std::function<int(Config const&)> act) {
    auto* const made = under.add_subcommand(name, help);
    add_common(*made, common);
    made->callback([&common, &status, act = std::move(act)] {
      auto config = common.load();
      status = config.ok() ? act(*config) : fail(config.error());
    });
    return made;
  };

  ServeOptions serving;
  auto* const serve_word =
      word(app, "serve", "serve the site", [&](Config const& config) { return serve(config, serving); });
  serve_word->add_option("--demo", serving.demo, "fill an empty site with the demo of this folder")->type_name("DIR");
  serve_word->add_flag("--demo-public", serving.demo_public, "let demo accounts sign in from other machines");

  word(app, "config", "show every setting and where it came from", [](Config const& config) {
    fmt::print("{}", show_config(config));
    return 0;
  });

  UserOptions person;
  auto* const user =
      app.add_subcommand("user", "accounts: add, role, password, suspend, reinstate, list")->require_subcommand(1);
  auto* const add =
      word(*user, "add", "add an account", [&](Config const& config) { return user_add(config, person); });
  auto* const role =
      word(*user, "role", "give an account a role", [&](Config const& config) { return user_role(config, person); });
  auto* const password = word(*user, "password", "set a password (read from standard input, or made)",
                              [&](Config const& config) { return user_password(config, person); });
  auto* const suspend = word(*user, "suspend", "let an account read and nothing else",
                             [&](Config const& config) { return user_suspend(config, person); });
  auto* const reinstate = word(*user, "reinstate", "end a suspension",
                               [&](Config const& config) { return user_reinstate(config, person); });
  word(*user, "list", "list accounts", [](Config const& config) { return user_list(config); });
  for (auto* const each : {add, role, password, suspend, reinstate})
    each->add_option("login", person.login, "e-mail address or user name")->required();
  add->add_option("--display-name", person.name, "name shown to others");
  add->add_option("--role", person.role, "reader, author, reviewer, editor, moderator, administrator")
      ->default_val("reader");
  role->add_option("role", person.role, "reader, author, reviewer, editor, moderator, administrator")->required();

  auto* const audit_word = app.add_subcommand("audit", "the audit log")->require_subcommand(1);
  word(*audit_word, "verify", "check the chain of the audit log",
       [](Config const& config) { return audit_verify(config); });

  ImportOptions importing;
  auto* const import =
      app.add_subcommand("import", "bring articles from elsewhere; safe to run twice")->require_subcommand(1);
  for (auto const& [format, help] : {std::pair{"wxr", "a WordPress export (WXR 1.0 to 1.2)"},
                                     {"jsonl", "one article a line, see docs/operate/import.md"}}) {
    auto* const made = word(*import, format, help, [&importing, format = std::string(format)](Config const& config) {
      importing.format = format;
      return import_file(config, importing);
    });
    made->add_option("file", importing.file, "the file")->required();
    made->add_flag("--dry-run", importing.dry_run, "read and check everything, change nothing");
    made->add_option("--channel", importing.channel, "channel of items that name none")->default_val("news");
    made->add_option("--report", importing.report, "where the report goes (default: DATA/import-TIME.jsonl)")
        ->type_name("FILE");
  }

  std::filesystem::path backup_target;
  word(app, "backup", "copy the live site into a new directory",
       [&](Config const& config) { return backup(config, backup_target); })
      ->add_option("directory", backup_target, "a new directory")
      ->required();
  RestoreOptions restoring;
  auto* const restore_word = word(app, "restore", "put a backup into an empty data directory",
                                  [&](Config const& config) { return restore(config, restoring); });
  restore_word->add_option("directory", restoring.source, "the backup")->required();
  restore_word->add_flag("--verify", restoring.verify_only, "only check that the backup is whole");

  std::string step_back;
  word(app, "migrate", "bring the database's schema up to date",
       [&](Config const& config) { return migrate(config, step_back); })
      ->add_option("--back", step_back, "take back the last step of this feature instead")
      ->type_name("FEATURE");

  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    int const shown = app.exit(error);
    return shown == 0 ? 0 : 2;
  }
  return status;
}

}  // namespace courant::app
