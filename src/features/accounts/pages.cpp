#include "features/accounts/pages.hpp"

#include "base/json.hpp"
#include "features/accounts/commands.hpp"
#include "features/accounts/sign_in_limit.hpp"
#include "features/accounts/sql.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"
#include "web/next.hpp"
#include "web/site.hpp"

namespace courant::accounts::pages {
namespace {

using web::CommandContext;
using web::Model;
using web::PageContext;
using web::Request;
using web::Response;
using web::WorkerContext;

Means means_of(WorkerContext const& page) { return {page.store(), page.ids(), page.site().ground().clock}; }

/// A page about the person who asks: never kept, never indexed.
Result<Response> private_page(PageContext& page, std::string_view template_name, std::string_view title,
                              Model const& model, int status = 200) {
  web::PageHead head;
  head.title = page.text(title);
  auto response = TRY(page.page(head, TRY(page.render(template_name, model))));
  response.caching = web::Caching::none;
  response.depends_on.clear();
  response.status = status;
  return response;
}

/// A form once more with what is wrong in it. Errors about something else than the form go to the site's own pages.
Result<Response> show_again(PageContext& page, Error error, std::string_view template_name, std::string_view title,
                            Model model) {
  if (error.kind != ErrorKind::invalid) return error;
  if (error.complaints.empty()) error.complaints.push_back({"", error.message, error.arguments});
  page.show_complaints(model, error.complaints);
  return private_page(page, template_name, title, model, 422);
}

Visit visit_of(Request const& request, PageContext const& page) {
  bool const demo_allowed = request.loopback_listener || page.site().settings().demo_public;
  return {std::string(request.client), std::string(request.header("user-agent")), demo_allowed};
}

/// The new session's cookie, and on to where the person wanted to go.
Response go_on_with(CommandContext const& context, SignedIn const& signed_in, std::string_view next) {
  auto response = web::see_other(web::safe_next(next));
  response.headers.emplace_back("Set-Cookie", context.session_cookie(signed_in.token, kLongestSession));
  response.after = signed_in.event;
  return response;
}

std::string with_next(std::string_view path, std::string_view next) {
  return std::string(path) + "?next=" + text::percent_encode(web::safe_next(next));
}

// --- Signing up -----------------------------------------------------------------------------------------------------

constexpr std::string_view kSignUpPage = "accounts/sign_up.html";

Model sign_up_model(std::string_view name, std::string_view login, std::string_view next) {
  Model model;
  model.set("NAME", name).set("LOGIN", login).set("NEXT", web::safe_next(next));
  model.set("SIGN_IN_PATH", with_next("/sign-in", next));
  return model;
}

}  // namespace

Result<Response> show_sign_up(Request const& request, WorkerContext& page) {
  auto const next = request.parameter("next").value_or("");
  if (page.viewer()) return web::see_other(web::safe_next(next));
  return private_page(page, kSignUpPage, "accounts.sign_up", sign_up_model("", "", next));
}

Result<Response> sign_up(Request const& request, CommandContext& context) {
  auto const& form = context.form();
  auto const name = form.trimmed("name");
  auto const login = form.trimmed("login");
  auto const next = form.text("next");
  auto const means = means_of(context);
  auto signed_up = accounts::sign_up(means, {std::string(name), std::string(login), std::string(form.text("password")),
                                             context.site().settings().name});
  if (!signed_up.ok())
    return show_again(context, std::move(signed_up).error(), kSignUpPage, "accounts.sign_up",
                      sign_up_model(name, login, next));
  // An e-mail address is nobody else's business: whether it had an account already, the answer is one and the same.
  if (login.find('@') != std::string_view::npos) return web::see_other(with_next("/sign-in", next) + "&new=1");
  auto const signed_in = TRY(accounts::sign_in(means, context.get<SignInLimit>(), login, form.text("password"),
                                               visit_of(request, context), context.viewer()));
  auto response = go_on_with(context, signed_in, next);
  if (signed_up->made) response.after = std::max(response.after, signed_up->made->event);
  return response;
}

// --- Signing in and out ---------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view kSignInPage = "accounts/sign_in.html";

Model sign_in_model(std::string_view login, std::string_view next) {
  Model model;
  model.set("LOGIN", login).set("NEXT", web::safe_next(next));
  model.set("SIGN_UP_PATH", with_next("/sign-up", next));
  return model;
}

}  // namespace

Result<Response> show_sign_in(Request const& request, WorkerContext& page) {
  auto const next = request.parameter("next").value_or("");
  if (page.viewer()) return web::see_other(web::safe_next(next));
  auto model = sign_in_model("", next);
  model.show("NEW", request.parameter("new").has_value());
  return private_page(page, kSignInPage, "accounts.sign_in", model);
}

Result<Response> sign_in(Request const& request, CommandContext& context) {
  auto const& form = context.form();
  auto const login = form.trimmed("login");
  auto signed_in = accounts::sign_in(means_of(context), context.get<SignInLimit>(), login, form.text("password"),
                                     visit_of(request, context), context.viewer());
  if (!signed_in.ok())
    return show_again(context, std::move(signed_in).error(), kSignInPage, "accounts.sign_in",
                      sign_in_model(login, form.text("next")));
  return go_on_with(context, *signed_in, form.text("next"));
}

namespace {

Response signed_out(CommandContext const& context, journal::EventId event) {
  auto response = web::see_other("/");
  response.headers.emplace_back("Set-Cookie", context.session_cookie("", Duration{0}));
  response.after = event;
  return response;
}

}  // namespace

Result<Response> sign_out(Request const&, CommandContext& context) {
  if (!context.viewer()) return signed_out(context, {});
  auto const& person = context.person();
  return signed_out(context, TRY(end_session(means_of(context), person.account, person.session)));
}

// --- The account page -----------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view kAccountPage = "accounts/account.html";

void add_session(Model& model, PageContext const& page, sql::Session const& session) {
  auto& row = model.add("SESSION");
  bool const here = session.token_hash == page.viewer()->session;
  row.set("ID", session.token_hash).set("CLIENT", session.client);
  row.set("AGENT", session.agent.empty() ? page.text("accounts.unknown_device") : session.agent);
  row.set("SIGNED_IN_AT", page.show(session.signed_in_at)).set("LAST_SEEN_AT", page.show(session.last_seen_at));
  row.show("HERE", here).show("ELSEWHERE", !here);
}

Result<Model> account_model(WorkerContext const& page) {
  auto const& viewer = *page.viewer();
  auto const account = TRY(account_with_id(page.store(), viewer.account));
  auto const sessions = TRY(store::read_value(
      page.store(), [&](store::Connection& connection) { return sql::sessions_of(connection, viewer.account); }));
  Model model;
  model.set("NAME", account.name).set("LOGIN", account.login).set("SINCE", page.show(account.created_at));
  model.set("ROLE", page.text("accounts.role_" + std::string(web::name_of(account.role))));
  model.show("SUSPENDED", viewer.suspended).show("ACTIVE", !viewer.suspended);
  for (auto const& session : sessions)
    if (!session_over(session.signed_in_at, session.last_seen_at, page.now())) add_session(model, page, session);
  for (auto const& link : page.get<ViewerLinks>().links)
    if (web::may_enter(link.access, &viewer))
      model.add("LINK").set("PATH", link.path).set("TEXT", page.text(link.message));
  return model;
}

}  // namespace

Result<Response> show_account(Request const& request, WorkerContext& page) {
  auto model = TRY(account_model(page));
  model.show("DONE", request.parameter("done").has_value());
  return private_page(page, kAccountPage, "accounts.account", model);
}

Result<Response> rename(Request const&, CommandContext& context) {
  auto changed = accounts::rename(means_of(context), context.person(), context.form().trimmed("name"),
                                  context.site().settings().name);
  if (!changed.ok()) {
    auto model = TRY(account_model(context));
    model.set("NAME", context.form().trimmed("name"));
    return show_again(context, std::move(changed).error(), kAccountPage, "accounts.account", std::move(model));
  }
  auto response = web::see_other("/account?done=1");
  response.after = changed->event;
  return response;
}

Result<Response> end_sessions(Request const&, CommandContext& context) {
  auto const& person = context.person();
  auto const session = context.form().text("session");
  if (session == person.session)
    return signed_out(context, TRY(end_session(means_of(context), person.account, session)));
  auto response = web::see_other("/account?done=1");
  response.after = session.empty() ? TRY(accounts::end_sessions(means_of(context), person.account, person.session))
                                   : TRY(end_session(means_of(context), person.account, session));
  return response;
}

// --- The password ---------------------------------------------------------------------------------------------------

namespace {
constexpr std::string_view kPasswordPath = "/account/password";
constexpr std::string_view kPasswordPage = "accounts/password.html";
constexpr std::string_view kConfirmPage = "accounts/confirm.html";

Model confirm_model(std::string_view next) {
  Model model;
  model.set("NEXT", web::safe_next(next));
  return model;
}

}  // namespace

Result<Response> show_password(Request const&, WorkerContext& page) {
  if (auto asking = ask_for_password(page, kPasswordPath)) return std::move(*asking);
  return private_page(page, kPasswordPage, "accounts.change_password", Model());
}

Result<Response> change_password(Request const& request, CommandContext& context) {
  if (auto asking = ask_for_password(context, kPasswordPath)) return std::move(*asking);
  auto signed_in = accounts::change_password(means_of(context), context.person(), context.form().text("password"),
                                             visit_of(request, context));
  if (!signed_in.ok())
    return show_again(context, std::move(signed_in).error(), kPasswordPage, "accounts.change_password", Model());
  return go_on_with(context, *signed_in, "/account?done=1");
}

Result<Response> show_confirm(Request const& request, WorkerContext& page) {
  return private_page(page, kConfirmPage, "accounts.confirm", confirm_model(request.parameter("next").value_or("")));
}

Result<Response> confirm(Request const& request, CommandContext& context) {
  auto const& form = context.form();
  auto signed_in = confirm_password(means_of(context), context.get<SignInLimit>(), context.person(),
                                    form.text("password"), visit_of(request, context));
  if (!signed_in.ok())
    return show_again(context, std::move(signed_in).error(), kConfirmPage, "accounts.confirm",
                      confirm_model(form.text("next")));
  return go_on_with(context, *signed_in, form.text("next"));
}

// --- Who is asking --------------------------------------------------------------------------------------------------

namespace {

constexpr std::array kAccesses{web::Access::signed_in, web::Access::author, web::Access::reviewer, web::Access::editor,
                               web::Access::administrator};

json::Array rights_of(web::Viewer const& viewer) {
  json::Array rights;
  for (auto const access : kAccesses)
    if (web::may_enter(access, &viewer)) rights.emplace_back(web::name_of(access));
  return rights;
}

json::Array links_of(PageContext const& page, web::Viewer const& viewer) {
  json::Array links;
  for (auto const& link : page.get<ViewerLinks>().links)
    if (web::may_enter(link.access, &viewer))
      links.push_back(json::Object{{"path", link.path}, {"text", page.text(link.message)}});
  links.push_back(json::Object{{"path", "/account"}, {"text", page.text("accounts.account")}});
  return links;
}

json::Object describe(PageContext const& page, web::Viewer const& viewer) {
  return {{"signed_in", true},
          {"name", viewer.name},
          {"role", web::name_of(viewer.role)},
          {"suspended", viewer.suspended},
          {"csrf_token", viewer.csrf_token},
          {"rights", rights_of(viewer)},
          {"links", links_of(page, viewer)}};
}

}  // namespace

Result<Response> show_viewer(Request const&, WorkerContext& page) {
  auto response =
      web::json(json::write(page.viewer() ? describe(page, *page.viewer()) : json::Object{{"signed_in", false}}));
  response.caching = web::Caching::none;
  return response;
}

// A cached page holds both faces and every link, hidden; the script shows what is the person's. A page made for a
// signed-in person shows the right ones by itself.
Result<web::TrustedHtml> masthead(web::Frame const&, PageContext& page) {
  auto const* viewer = page.viewer();
  Model model;
  model.show("SIGNED_IN", viewer != nullptr).show("SIGNED_OUT", viewer == nullptr);
  model.set("NAME", viewer ? viewer->name : page.text("accounts.account"));
  for (auto const& link : page.get<ViewerLinks>().links) {
    auto& item = model.add("LINK");
    item.set("PATH", link.path).set("TEXT", page.text(link.message)).set("ACCESS", web::name_of(link.access));
    item.show("HIDDEN", !viewer || !web::may_enter(link.access, viewer));
  }
  return page.render("accounts/masthead.html", model);
}

// --- The audit log --------------------------------------------------------------------------------------------------

namespace {

constexpr int kLinesAPage = 50;

/// "accounts.role_changed" is told by the text accounts.audit_role_changed.
std::string text_of(PageContext const& page, std::string const& kind) {
  auto const dot = kind.find('.');
  auto const key = kind.substr(0, dot) + ".audit_" + (dot == std::string::npos ? "" : kind.substr(dot + 1));
  return page.site().catalogue().find(page.language(), key) ? page.text(key) : kind;
}

std::string name_of(PageContext const& page, audit::Line const& line) {
  if (line.actor_kind == audit::ActorKind::system) return page.text("accounts.audit_by_system");
  if (line.actor_kind == audit::ActorKind::command_line) return page.text("accounts.audit_by_command_line");
  return line.actor.empty() ? page.text("accounts.audit_erased_person") : line.actor;
}

void add_line(Model& model, PageContext const& page, audit::Line const& line) {
  auto& row = model.add("LINE");
  row.set("POSITION", line.position).set("AT", page.show(line.at)).set("WHAT", text_of(page, line.kind));
  row.set("ACTOR", name_of(page, line)).set("SUBJECT", line.subject);
  row.set("DETAILS", line.details == "{}" ? "" : line.details).set("HASH", line.hash.substr(0, 16));
}

std::int64_t position_in(std::optional<std::string> const& text) {
  std::int64_t position = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), position);
  return std::max<std::int64_t>(position, 0);
}

}  // namespace

Result<Response> show_audit(Request const& request, WorkerContext& page) {
  auto const before = position_in(request.parameter("before"));
  auto const lines = TRY(store::read_value(page.store(), [&](store::Connection& connection) {
    return audit::lines_before(connection, before, kLinesAPage);
  }));
  Model model;
  for (auto const& line : lines) add_line(model, page, line);
  model.show("EMPTY", lines.empty()).show("TABLE", !lines.empty());
  if (lines.size() == kLinesAPage && lines.back().position > 1) model.add("OLDER").set("BEFORE", lines.back().position);
  if (before > 0) model.show("NEWEST");
  return private_page(page, "accounts/audit.html", "accounts.audit", model);
}

}  // namespace courant::accounts::pages
