#include "features/accounts/commands.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "features/accounts/events.hpp"
#include "features/accounts/sql.hpp"
#include "features/accounts/world_for_tests.hpp"

namespace courant::accounts {

using store::testing::either_engine;
using store::testing::require;
using testing::kPassword;
using testing::World;

namespace {

std::string complaint_of(Error const& error) {
  return error.complaints.empty() ? error.message : error.complaints[0].message;
}

template <class T>
std::string complaint_of(Result<T> const& result) {
  return result.ok() ? "" : complaint_of(result.error());
}

std::int64_t count_audit(World& world, std::string_view kind) {
  auto const lines = world.audit_lines();
  return std::ranges::count(lines, kind, &audit::Line::kind);
}

}  // namespace

TEST_CASE("who signs up can sign in") {
  auto const database = either_engine();
  World world(*database);
  auto const made = require(sign_up(world.means(), {"小明", "xiaoming", kPassword, "Courant"}));
  REQUIRE(made.made);
  CHECK(made.made->event);
  auto const signed_in = require(sign_in(world.means(), world.limit, " XiaoMing ", kPassword, world.here, nullptr));
  CHECK(signed_in.viewer.account == made.made->account);
  CHECK(signed_in.viewer.name == "小明");
  CHECK(signed_in.viewer.role == web::Role::reader);
  CHECK(count_audit(world, "accounts.joined") == 1);
}

TEST_CASE("all complaints about a sign-up come at once") {
  auto const database = store::testing::sqlite();
  World world(*database);
  auto const refused = sign_up(world.means(), {"", "a@", "short", "Courant"});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::invalid);
  std::vector<std::string> fields;
  for (auto const& complaint : refused.error().complaints) fields.push_back(complaint.field);
  CHECK(fields == std::vector<std::string>{"name", "login", "password"});
}

TEST_CASE("a taken user name is said, a taken e-mail address is not") {
  auto const database = either_engine();
  World world(*database);
  require(sign_up(world.means(), {"A", "alice", kPassword, ""}));
  CHECK(complaint_of(sign_up(world.means(), {"B", "Al1ce", kPassword, ""})) == "");  // 1 is not i
  CHECK(complaint_of(sign_up(world.means(), {"B", "al.ice", kPassword, ""})) == "accounts.user_name_taken");

  CHECK(require(sign_up(world.means(), {"A", "alice@example.org", kPassword, ""})).made);
  CHECK_FALSE(require(sign_up(world.means(), {"B", "Alice@Example.org", "other words than these", ""})).made);
  CHECK(world.audit_lines().front().kind == "accounts.sign_up_repeated");
  CHECK(world.audit_lines().front().subject == "A");
  // The account is still the first one's.
  CHECK(complaint_of(sign_in(world.means(), world.limit, "alice@example.org", "other words than these", world.here,
                             nullptr)) == "accounts.sign_in_refused");
}

TEST_CASE("of two who sign up at once under one name, one gets it") {
  auto const database = either_engine();
  World world(*database);
  std::array<std::string, 4> outcomes;
  std::vector<std::thread> people;
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    people.emplace_back(
        [&, i] { outcomes[i] = complaint_of(sign_up(world.means(), {"Same", "same.name", kPassword, ""})); });
  for (auto& person : people) person.join();
  CHECK(std::ranges::count(outcomes, "") == 1);
  CHECK(std::ranges::count(outcomes, "accounts.user_name_taken") == 3);
  CHECK(require(list_accounts(*world.store, {}, 10)).size() == 1);
}

TEST_CASE("a wrong password, an unknown name and a demo account from outside are told alike") {
  auto const database = either_engine();
  World world(*database);
  world.join("known");
  world.join("show", web::Role::author, AccountOrigin::demo);
  auto outside = world.here;
  outside.demo_allowed = false;
  auto const wrong = sign_in(world.means(), world.limit, "known", "another password", outside, nullptr);
  auto const unknown = sign_in(world.means(), world.limit, "unknown", "another password", outside, nullptr);
  auto const demo = sign_in(world.means(), world.limit, "show", kPassword, outside, nullptr);
  for (auto const* refused : {&wrong, &unknown, &demo}) {
    REQUIRE_FALSE(refused->ok());
    CHECK(refused->error().kind == ErrorKind::invalid);
    CHECK(complaint_of(*refused) == "accounts.sign_in_refused");
    CHECK(refused->error().complaints[0].field.empty());
  }
  CHECK(sign_in(world.means(), world.limit, "show", kPassword, world.here, nullptr).ok());
}

TEST_CASE("ten wrong passwords close the door for a quarter of an hour, for names that nobody has too") {
  auto const database = either_engine();
  World world(*database);
  auto const account = world.join("guessed");
  for (auto const* login : {"guessed", "nobody"}) {
    for (int i = 0; i < SignInLimit::kMostTries; ++i)
      CHECK(complaint_of(sign_in(world.means(), world.limit, login, "wrong words here", world.here, nullptr)) ==
            "accounts.sign_in_refused");
    auto const closed = sign_in(world.means(), world.limit, login, kPassword, world.here, nullptr);
    REQUIRE_FALSE(closed.ok());
    CHECK(closed.error().kind == ErrorKind::too_many);
  }
  CHECK(count_audit(world, "accounts.sign_ins_failed") == 2);
  CHECK(world.audit_lines()[1].subject == "guessed");
  world.clock.advance(SignInLimit::kWindow);
  CHECK(world.enter("guessed").viewer.account == account);
}

TEST_CASE("signing in makes a new session and ends the one that was there") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const first = world.enter("reader");
  REQUIRE(world.viewer(first.token));
  auto const second = world.enter("reader", &first.viewer);
  CHECK(second.token != first.token);
  CHECK(second.event);
  world.tell_cache(first.viewer.account, kSessionsEnded);
  CHECK_FALSE(world.viewer(first.token));
  CHECK(world.viewer(second.token));
}

TEST_CASE("signing in as somebody else ends the former person's session too") {
  auto const database = either_engine();
  World world(*database);
  world.join("one");
  world.join("two");
  auto const one = world.enter("one");
  auto const two = world.enter("two", &one.viewer);
  CHECK_FALSE(world.viewer(one.token));
  CHECK(world.viewer(two.token));
}

TEST_CASE("a token made up by a visitor opens nothing and stays made up") {
  auto const database = store::testing::sqlite();
  World world(*database);
  world.join("reader");
  auto const planted = new_token();
  CHECK_FALSE(world.viewer(planted));
  auto const signed_in = world.enter("reader");
  CHECK(signed_in.token != planted);
  CHECK_FALSE(world.viewer(planted));
  // What the database holds opens nothing either.
  CHECK_FALSE(world.viewer(signed_in.viewer.session));
  CHECK_FALSE(world.viewer(signed_in.viewer.session.substr(0, 43)));
}

TEST_CASE("signing out ends one session, signing out everywhere the others") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const phone = world.enter("reader");
  auto const desk = world.enter("reader");
  auto const tablet = world.enter("reader");
  require(end_session(world.means(), phone.viewer.account, phone.viewer.session));
  CHECK_FALSE(world.viewer(phone.token));
  CHECK(world.viewer(tablet.token));
  require(end_sessions(world.means(), desk.viewer.account, desk.viewer.session));
  world.tell_cache(desk.viewer.account, kSessionsEnded);
  CHECK_FALSE(world.viewer(tablet.token));
  CHECK(world.viewer(desk.token));
  CHECK(require(end_session(world.means(), phone.viewer.account, phone.viewer.session)) == journal::EventId{});
}

TEST_CASE("nobody ends another's session") {
  auto const database = store::testing::sqlite();
  World world(*database);
  auto const mallory = world.join("mallory");
  world.join("victim");
  auto const victim = world.enter("victim");
  require(end_session(world.means(), mallory, victim.viewer.session));
  CHECK(world.viewer(victim.token));
}

TEST_CASE("a new password ends every session but a fresh one here") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const old = world.enter("reader");
  auto const other = world.enter("reader");
  auto const fresh = require(change_password(world.means(), old.viewer, "ferry lamp orchard", world.here));
  CHECK_FALSE(world.viewer(old.token));
  CHECK_FALSE(world.viewer(other.token));
  CHECK(world.viewer(fresh.token));
  CHECK(complaint_of(sign_in(world.means(), world.limit, "reader", kPassword, world.here, nullptr)) ==
        "accounts.sign_in_refused");
  CHECK(sign_in(world.means(), world.limit, "reader", "ferry lamp orchard", world.here, nullptr).ok());
  CHECK(count_audit(world, "accounts.password_changed") == 1);
}

TEST_CASE("an old sign-in is not enough to change the password, entering it again is") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const old = world.enter("reader");
  world.clock.advance(kRecentSignIn);
  auto const refused = change_password(world.means(), old.viewer, "ferry lamp orchard", world.here);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::forbidden);
  CHECK_FALSE(confirm_password(world.means(), world.limit, old.viewer, "wrong words here", world.here).ok());
  auto const again = require(confirm_password(world.means(), world.limit, old.viewer, kPassword, world.here));
  CHECK_FALSE(world.viewer(old.token));
  CHECK(change_password(world.means(), again.viewer, "ferry lamp orchard", world.here).ok());
}

TEST_CASE("an ended session cannot change the password any more") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const stolen = world.enter("reader");
  require(end_sessions(world.means(), stolen.viewer.account, ""));
  auto const refused = change_password(world.means(), stolen.viewer, "ferry lamp orchard", world.here);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::unauthorized);
  CHECK(world.enter("reader").viewer.account == stolen.viewer.account);
}

TEST_CASE("a new role ends all sessions and is written down") {
  auto const database = either_engine();
  World world(*database);
  auto const account = world.join("reader");
  auto const session = world.enter("reader");
  require(set_role(world.means(), account, web::Role::editor, audit::by_command_line()));
  CHECK_FALSE(world.viewer(session.token));
  CHECK(world.enter("reader").viewer.role == web::Role::editor);
  auto const line = world.audit_lines().front();
  CHECK(line.kind == "accounts.role_changed");
  CHECK(line.actor_kind == audit::ActorKind::command_line);
  CHECK(line.subject == "reader");
  CHECK(line.details == R"({"from":"reader","to":"editor"})");
}

TEST_CASE("a suspended person is known as one and may not rename themselves") {
  auto const database = either_engine();
  World world(*database);
  auto const account = world.join("reader", web::Role::author);
  auto const before = world.enter("reader");
  REQUIRE(world.viewer(before.token));
  require(set_state(world.means(), account, AccountState::suspended, audit::by_command_line()));
  world.tell_cache(account, kAccountChanged);
  auto const viewer = world.viewer(before.token);
  REQUIRE(viewer);
  CHECK(viewer->suspended);
  CHECK_FALSE(web::may_enter(web::Access::author, &*viewer));
  CHECK(complaint_of(rename(world.means(), *viewer, "Other", "")) == "accounts.suspended");
}

TEST_CASE("a display name is changed as it will be shown") {
  auto const database = either_engine();
  World world(*database);
  world.join("reader");
  auto const viewer = world.enter("reader").viewer;
  CHECK(complaint_of(rename(world.means(), viewer, "Courant 官方", "Courant")) == "accounts.name_reserved");
  auto const changed = require(rename(world.means(), viewer, "  New\u202E  Name ", "Courant"));
  auto const account = require(account_with_id(*world.store, changed.account));
  CHECK(account.name == "New Name");
  CHECK(account.version == 2);
}

TEST_CASE("the command line hears of a taken login and of nobody") {
  auto const database = either_engine();
  World world(*database);
  world.join("admin", web::Role::administrator);  // the operator may, strangers may not
  auto const taken = add_account(world.means(), {"X", "Admin", kPassword, web::Role::reader}, audit::by_command_line());
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().kind == ErrorKind::conflict);
  CHECK(taken.error().message == "accounts.login_taken");
  CHECK(complaint_of(account_with_login(*world.store, "nobody")) == "accounts.no_such_account");
  CHECK(require(account_with_login(*world.store, "admin")).role == web::Role::administrator);
}

TEST_CASE("one person has at most fifty sessions") {
  auto const database = store::testing::sqlite();
  World world(*database);
  auto const account = world.join("reader");
  auto const first = world.enter("reader");
  auto const signed_in = require(store::read_value(
      *world.store, [&](store::Connection& connection) { return sql::credentials_with_id(connection, account); }));
  REQUIRE(signed_in);
  // Sessions written as sign_in writes them, without the price of fifty passwords.
  require(world.store->write([&](store::Transaction& transaction) -> Done {
    for (int i = 0; i < 50; ++i) {
      world.clock.advance(1s);
      auto const now = world.clock.now();
      TRY(sql::insert_session(transaction, {token_hash(new_token()), account, now, now, "192.0.2.1", "test"}));
    }
    return {};
  }));
  world.clock.advance(1s);
  auto const last = world.enter("reader");
  CHECK_FALSE(world.viewer(first.token));
  CHECK(world.viewer(last.token));
  auto const sessions = require(store::read_value(
      *world.store, [&](store::Connection& connection) { return sql::sessions_of(connection, account); }));
  CHECK(sessions.size() == 50);
}

}  // namespace courant::accounts
