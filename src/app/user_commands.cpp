// courant user add | role | password | list, and courant audit verify. Each is written to the audit log as done from
// the command line.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "app/commands.hpp"
#include "app/ground.hpp"
#include "app/say.hpp"
#include "base/crypto.hpp"
#include "features/accounts/audit.hpp"
#include "features/accounts/commands.hpp"

namespace courant::app {
namespace {

/// The password and whether the person must be told it because nobody typed it.
struct Password {
  std::string text;
  bool made = false;
};

Password ask_for_password(std::string const& given) {
  if (!given.empty()) return {given};
  if (::isatty(STDIN_FILENO) == 0) {
    std::string line;
    std::getline(std::cin, line);
    if (!line.empty()) return {line};
  }
  return {crypto::random_token(12), true};
}

void show_made(Password const& password) {
  if (password.made) fmt::print("password: {}\n", password.text);
}

enum class NeedsSite : std::uint8_t { no, yes };

template <class F>
int with_accounts(Config const& config, NeedsSite need, F&& act) {
  auto const act_all = [&]() -> Done {
    if (need == NeedsSite::yes) TRY(site_is_there(config));
    auto const floor = TRY(GroundFloor::open(config, Process::command));
    return act(accounts::Means{*floor->store, *floor->ids, floor->clock});
  };
  if (auto const done = act_all(); !done.ok()) return fail(done.error());
  return 0;
}

Result<web::Role> role_of(std::string const& name) {
  if (auto const role = web::role_named(name)) return *role;
  return invalid(
      "app.no_such_role",
      fmt::format("\"{}\" is no role. Roles: reader, author, reviewer, editor, moderator, administrator.", name));
}

}  // namespace

int user_add(Config const& config, UserOptions const& options) {
  return with_accounts(config, NeedsSite::no, [&](accounts::Means means) -> Done {
    auto const role = TRY(role_of(options.role));
    auto const password = ask_for_password(options.password);
    TRY(accounts::add_account(means,
                              {options.name.empty() ? options.login : options.name, options.login, password.text, role},
                              audit::by_command_line()));
    fmt::print("added: {} ({})\n", options.login, web::name_of(role));
    show_made(password);
    return {};
  });
}

int user_role(Config const& config, UserOptions const& options) {
  return with_accounts(config, NeedsSite::yes, [&](accounts::Means means) -> Done {
    auto const role = TRY(role_of(options.role));
    auto const account = TRY(accounts::account_with_login(means.store, options.login));
    TRY(accounts::set_role(means, account.id, role, audit::by_command_line()));
    fmt::print("{} is {} now; all sessions of the account have ended\n", options.login, web::name_of(role));
    return {};
  });
}

int user_password(Config const& config, UserOptions const& options) {
  return with_accounts(config, NeedsSite::yes, [&](accounts::Means means) -> Done {
    auto const account = TRY(accounts::account_with_login(means.store, options.login));
    auto const password = ask_for_password(options.password);
    TRY(accounts::set_password(means, account.id, password.text, audit::by_command_line()));
    fmt::print("{} has a new password; all sessions of the account have ended\n", options.login);
    show_made(password);
    return {};
  });
}

namespace {

int set_state(Config const& config, UserOptions const& options, AccountState state) {
  return with_accounts(config, NeedsSite::yes, [&](accounts::Means means) -> Done {
    auto const account = TRY(accounts::account_with_login(means.store, options.login));
    TRY(accounts::set_state(means, account.id, state, audit::by_command_line()));
    fmt::print("{} is {} now\n", options.login, accounts::name_of(state));
    return {};
  });
}

}  // namespace

int user_suspend(Config const& config, UserOptions const& options) {
  return set_state(config, options, AccountState::suspended);
}

int user_reinstate(Config const& config, UserOptions const& options) {
  return set_state(config, options, AccountState::active);
}

int user_list(Config const& config) {
  return with_accounts(config, NeedsSite::yes, [&](accounts::Means means) -> Done {
    constexpr int kPage = 500;
    fmt::print("{:<20} {:<30} {:<14} {:<10} {}\n", "id", "login", "role", "state", "name");
    for (Id<Account> after{};;) {
      auto const page = TRY(accounts::list_accounts(means.store, after, kPage));
      for (auto const& account : page)
        fmt::print("{:<20} {:<30} {:<14} {:<10} {}\n", account.id.value, account.login, web::name_of(account.role),
                   accounts::name_of(account.state), account.name);
      if (page.size() < kPage) return {};
      after = page.back().id;
    }
  });
}

int audit_verify(Config const& config) {
  return with_accounts(config, NeedsSite::yes, [&](accounts::Means means) -> Done {
    auto const report = TRY(audit::verify_chain(means.store));
    if (report.first_bad != 0)
      return broken(fmt::format("the audit log is damaged: entry {} of {} does not fit the chain", report.first_bad,
                                report.entries));
    fmt::print("the audit log is whole: {} entries, head {}\n", report.entries,
               report.head.empty() ? "-" : report.head);
    return {};
  });
}

}  // namespace courant::app
