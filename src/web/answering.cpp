#include "web/answering.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "text/query.hpp"
#include "web/finish.hpp"
#include "web/next.hpp"
#include "web/problem.hpp"
#include "web/same_origin.hpp"

namespace courant::web {
namespace {

constexpr Duration kPatienceWithJournal{200'000};  // a reader's wait for a node that is behind
constexpr Duration kPatienceAfterCommand{2'000'000};
constexpr int kPositionSeconds = 60;  // by then every node has caught up or has left

std::string encoded_rest(std::string_view rest) {
  std::string out;
  while (true) {
    auto const slash = rest.find('/');
    out += text::percent_encode(rest.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    rest.remove_prefix(slash + 1);
  }
}

/// The one spelling of a page's address: the pattern with its parts encoded anew, and the declared parameters in their
/// order. What else a visitor wrote is left out, so nobody can fill the cache with spellings of one page.
Result<std::string> canonical_address(Route const& route, Router::Match const& match, std::string_view query) {
  std::string address;
  std::string_view pattern = route.pattern;
  std::size_t part = 0;
  while (!pattern.empty()) {
    auto const open = pattern.find('{');
    address += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    auto const close = pattern.find('}', open);
    bool const is_rest = pattern.substr(0, close).ends_with("...");
    auto const& value = match.parts[part++].second;
    address += is_rest ? encoded_rest(value) : text::percent_encode(value);
    pattern.remove_prefix(close + 1);
  }
  if (query.empty() || route.query.empty()) return address;
  auto const fields = TRY(text::parse_query(query));
  char separator = '?';
  for (auto const& name : route.query)
    if (auto const value = fields.find(name); value && !value->empty()) {
      address += fmt::format("{}{}={}", separator, name, text::percent_encode(*value));
      separator = '&';
    }
  return address;
}

/// All that a page function sees of a request: its address. Neither headers nor undeclared parameters can reach a kept
/// page.
Request only_address(Request const& request, Router::Match const& match, std::string const& address) {
  Request narrow;
  narrow.target = address;
  narrow.path = narrow.target.substr(0, narrow.target.find('?'));
  if (narrow.path.size() < narrow.target.size()) narrow.query = narrow.target.substr(narrow.path.size() + 1);
  narrow.arrived = request.arrived;
  narrow.path_parts = match.parts;
  return narrow;
}

/// It may be over by the next try, so an older page serves better than an apology.
bool is_passing(Error const& error) { return error.kind == ErrorKind::broken || error.kind == ErrorKind::unavailable; }

bool is_https(Request const& request, Settings const& settings) {
  return request.https || settings.url.starts_with("https://");
}

}  // namespace

Answering::Answering(Site& site, Site::State& state, Request& request)
    : site_(site),
      state_(state),
      request_(request),
      https_(is_https(request, state.settings)),
      asked_(read_head(request, https_, state.settings.language)) {
  visit_.https = https_;
}

bool Answering::is_behind() const { return asked_.position > 0 && asked_.position > state_.ground.journal.applied(); }

// ---- on an I/O thread
// -----------------------------------------------------------------------------------------------------

std::variant<Reply, NeedsWorker> Answering::now() {
  if (!reads()) return NeedsWorker{};
  if (request_.path.starts_with("/assets/"))
    if (auto asset = state_.assets.find(request_.path, asked_.encoding, asked_.conditions))
      return without_body_for_head(std::move(*asset));
  if (is_personal() || is_behind()) return NeedsWorker{};
  // Kept pages have canonical addresses, so whatever is found by the address as sent is the right one.
  std::optional<Reply> old;
  if (request_.query.empty()) {
    if (auto found = state_.pages.find({request_.path, asked_.language}, asked_.encoding, asked_.conditions)) {
      if (!found->stale) return without_body_for_head(std::move(found->reply));
      old = std::move(found->reply);
    }
  }
  auto match = state_.routes().find(request_.method, request_.path);
  if (match.route == nullptr) return no_route(match, nullptr);
  if (match.route->kind != RouteKind::page) return NeedsWorker{};
  return page_now(std::move(match), std::move(old));
}

std::variant<Reply, NeedsWorker> Answering::page_now(Router::Match match, std::optional<Reply> old) {
  auto const address = canonical_address(*match.route, match, request_.query);
  if (!address.ok()) return error_reply(address.error(), nullptr);
  if (!old && *address != request_.target) {
    if (auto found = state_.pages.find({*address, asked_.language}, asked_.encoding, asked_.conditions)) {
      if (!found->stale) return without_body_for_head(std::move(found->reply));
      old = std::move(found->reply);
    }
  }
  auto const moment = state_.pages.moment();
  auto page = make_page(*match.route, match, *address, nullptr, /*may_load=*/false);
  if (page.ok()) return keep(*address, std::move(*page), moment);
  if (page.error().kind == ErrorKind::not_in_memory) {
    request_.rebuild = old.has_value();
    // Whoever rebuilds does it alone: the others have the old page.
    return NeedsWorker{old ? std::string{} : fmt::format("{}\n{}", *address, tag_of(asked_.language))};
  }
  if (old && is_passing(page.error())) {
    log::warn("an older page is shown: {}", describe(page.error()));
    return without_body_for_head(std::move(*old));
  }
  return error_reply(page.error(), nullptr);
}

Result<Response> Answering::make_page(Route const& route, Router::Match const& match, std::string const& address,
                                      Viewer const* viewer, bool may_load) {
  visit_.path = address;
  visit_.kept = viewer == nullptr;
  auto const narrow = only_address(request_, match, address);
  PageContext context(site_, asked_.language, viewer, may_load);
  context.belongs_to(visit_);
  return route.page(narrow, context);
}

Reply Answering::keep(std::string const& address, Response response, std::uint64_t moment) {
  return without_body_for_head(
      state_.pages.put({address, asked_.language}, asked_.encoding, asked_.conditions, std::move(response), moment));
}

// ---- on a worker
// ----------------------------------------------------------------------------------------------------------

Reply Answering::on_worker() {
  if (is_behind()) {
    // A node that stays behind reads what it has: worker routes read rows, which are always new.
    (void)state_.ground.journal.wait_applied(journal::Position{asked_.position}, kPatienceWithJournal).ok();
  }
  auto match = state_.routes().find(request_.method, request_.path);
  bool const wants_viewer = is_personal() || match.route == nullptr || match.route->kind != RouteKind::page;
  std::optional<Viewer> viewer;
  if (wants_viewer && !asked_.session.empty()) {
    auto found = find_viewer();
    // Reading goes on without a name when sessions cannot be read just now.
    if (!found.ok() && !(reads() && match.route != nullptr && match.route->kind == RouteKind::page))
      return error_reply(found.error(), nullptr);
    if (found.ok()) viewer = std::move(*found);
  }
  auto const* const who = viewer ? &*viewer : nullptr;
  if (match.route == nullptr) return no_route(match, who);
  switch (match.route->kind) {
    case RouteKind::page:
      return page_on_worker(std::move(match), who);
    case RouteKind::worker:
      return worker_reply(std::move(match), who);
    case RouteKind::command:
      return command_reply(std::move(match), who);
  }
  return error_reply(broken("a route of no kind"), who);
}

Result<std::optional<Viewer>> Answering::find_viewer() {
  if (!state_.sessions) return std::optional<Viewer>{};
  return state_.sessions(asked_.session);
}

Reply Answering::page_on_worker(Router::Match match, Viewer const* viewer) {
  auto const address = canonical_address(*match.route, match, request_.query);
  if (!address.ok()) return error_reply(address.error(), viewer);
  if (viewer == nullptr && !request_.rebuild)
    if (auto kept = kept_page(*address)) return std::move(*kept);
  auto const moment = state_.pages.moment();
  auto page = make_page(*match.route, match, *address, viewer, /*may_load=*/true);
  if (page.ok())
    return viewer == nullptr ? keep(*address, std::move(*page), moment) : personal_reply(std::move(*page), viewer);
  if (request_.rebuild && is_passing(page.error()))
    if (auto old = kept_page(*address)) {
      log::warn("an older page is shown: {}", describe(page.error()));
      return std::move(*old);
    }
  return error_reply(page.error(), viewer);
}

std::optional<Reply> Answering::kept_page(std::string const& address) {
  auto found = state_.pages.find({address, asked_.language}, asked_.encoding, asked_.conditions);
  if (!found) return std::nullopt;
  return without_body_for_head(std::move(found->reply));
}

Done Answering::check_access(Route const& route, Viewer const* viewer) {
  if (may_enter(route.access, viewer)) return {};
  return viewer == nullptr ? unauthorized() : forbidden();
}

Done Answering::check_rate(Route const& route, Viewer const* viewer) {
  auto wait = state_.limits.take(
      fmt::format("{} {} {}", name_of(route.method), route.pattern, client_network(request_.client)), route.limit);
  if (!wait && viewer != nullptr)
    wait = state_.limits.take(fmt::format("{} {} @{}", name_of(route.method), route.pattern, viewer->account.value),
                              route.limit);
  if (!wait) return {};
  auto error = too_many();
  error.arguments = {{"seconds", std::to_string((wait->count() + 999'999) / 1'000'000)}};
  return error;
}

Reply Answering::worker_reply(Router::Match match, Viewer const* viewer) {
  auto const& route = *match.route;
  if (auto const allowed = check_access(route, viewer); !allowed.ok()) return error_reply(allowed.error(), viewer);
  if (auto const allowed = check_rate(route, viewer); !allowed.ok()) return error_reply(allowed.error(), viewer);
  request_.path_parts = std::move(match.parts);
  visit_.kept = false;
  visit_.path = is_own_path(request_.target) ? std::string(request_.target) : "/";
  visit_.form_key = asked_.form_key;
  WorkerContext context(site_, asked_.language, viewer, /*may_load=*/true);
  context.belongs_to(visit_);
  auto response = route.worker(request_, context);
  if (!response.ok()) return error_reply(response.error(), viewer);
  return personal_reply(std::move(*response), viewer);
}

namespace {

/// What makes two requests with one idempotency key the same.
std::string fingerprint_of(Request const& request) {
  return fmt::format("{} {} {}", name_of(request.method), request.target,
                     crypto::hex(crypto::sha256(request.body.text)));
}

}  // namespace

Reply Answering::command_reply(Router::Match match, Viewer const* viewer) {
  auto const key = request_.path.starts_with("/api/") ? request_.header("idempotency-key") : std::string_view{};
  if (key.empty()) return run_command(std::move(match), viewer);
  constexpr std::size_t kLongestKey = 255;
  if (key.size() > kLongestKey) return error_reply(invalid("web.idempotency_key_too_long"), viewer);
  auto const owner = viewer != nullptr ? viewer->account.str() : client_network(request_.client);
  auto const full = fmt::format("{} {}", owner, key);
  auto kept = state_.idempotency.begin(full, fingerprint_of(request_));
  if (!kept.ok()) return error_reply(kept.error(), viewer);
  if (*kept) return **kept;
  auto reply = run_command(std::move(match), viewer);
  // What was refused before or undone as a whole may be tried again; what was done is answered once and for all.
  if (reply.status < 400)
    state_.idempotency.finish(full, reply);
  else
    state_.idempotency.abandon(full);
  return reply;
}

Reply Answering::run_command(Router::Match match, Viewer const* viewer) {
  auto response = command(std::move(match), viewer);
  if (!response.ok()) return error_reply(response.error(), viewer);
  tell_position(*response);
  response->caching = Caching::none;
  return personal_reply(std::move(*response), viewer);
}

Result<Response> Answering::command(Router::Match match, Viewer const* viewer) {
  auto const& route = *match.route;
  auto form = Form::read(request_);
  auto const expected = viewer != nullptr         ? viewer->csrf_token
                        : asked_.form_key.empty() ? std::string{}
                                                  : form_token(asked_.form_key);
  auto const sent = form.ok() && !form->text("csrf").empty() ? form->text("csrf") : request_.header("x-csrf-token");
  TRY(check_same_origin(request_, {state_.settings.url, https_}, expected, sent));
  TRY(check_access(route, viewer));
  TRY(check_rate(route, viewer));
  if (!form.ok()) return form.error();
  request_.path_parts = std::move(match.parts);
  visit_.kept = false;
  visit_.path = is_own_path(request_.path) ? std::string(request_.path) : "/";
  visit_.form_key = asked_.form_key;
  CommandContext context(site_, asked_.language, viewer, std::move(*form), request_.client);
  context.belongs_to(visit_);
  return route.command(request_, context);
}

/// The answer waits until this node has applied the event, so that one always reads one's own writes; the cookie tells
/// other nodes.
void Answering::tell_position(Response& response) {
  if (!response.after) return;
  auto& journal = state_.ground.journal;
  if (auto const applied = journal.wait_applied(response.after, kPatienceAfterCommand); !applied.ok())
    log::warn("a command's event is not applied yet: {}", describe(applied.error()));
  response.headers.emplace_back(
      "Set-Cookie", fmt::format("position={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={}{}", journal.applied(),
                                kPositionSeconds, https_ ? "; Secure" : ""));
}

// ---- endings
// ----------------------------------------------------------------------------------------------------------------

Reply Answering::no_route(Router::Match const& match, Viewer const* viewer) {
  if (!match.redirect.empty()) {
    auto target = match.redirect;
    if (!request_.query.empty()) target += fmt::format("?{}", request_.query);
    return without_body_for_head(finish(moved(std::move(target)), state_.transport, Encoding::identity, {}));
  }
  if (!match.allow.empty() && request_.method == Method::options) {
    Response response;
    response.status = 204;
    response.content_type.clear();
    response.headers.emplace_back("Allow", match.allow);
    return finish(std::move(response), state_.transport, Encoding::identity, {});
  }
  if (!match.allow.empty())
    return problem_reply(method_problem(), invalid("web.error_method_text"), viewer, match.allow);
  return error_reply(missing(), viewer);
}

/// An answer that is for this visitor alone.
Reply Answering::personal_reply(Response response, Viewer const* viewer) {
  if (response.caching == Caching::page) response.caching = Caching::none;
  add_cookies(response);
  bool const has_secret = viewer != nullptr || visit_.token_given;
  auto const encoding = has_secret ? Encoding::identity : asked_.encoding;
  return without_body_for_head(finish(std::move(response), state_.transport, encoding, asked_.conditions));
}

/// The pre-session cookie when a form was given a token of it, and beside a session cookie one that scripts can read.
void Answering::add_cookies(Response& response) {
  auto const secure = https_ ? "; Secure" : "";
  auto const session = fmt::format("{}=", session_cookie_name(https_));
  std::string member;
  for (auto const& [name, value] : response.headers) {
    if (!same_without_case(name, "Set-Cookie") || !value.starts_with(session)) continue;
    auto const age = value.find("Max-Age=");
    auto const seconds = age == std::string::npos ? "" : value.substr(age, value.find(';', age) - age);
    member = fmt::format("member=1; SameSite=Lax; Path=/{}{}{}", seconds.empty() ? "" : "; ", seconds, secure);
  }
  if (!member.empty()) response.headers.emplace_back("Set-Cookie", std::move(member));
  if (visit_.form_key_is_new)
    response.headers.emplace_back("Set-Cookie", fmt::format("{}={}; HttpOnly; SameSite=Lax; Path=/{}",
                                                            form_cookie_name(https_), visit_.form_key, secure));
}

namespace {

void note(Error const& error) {
  if (error.kind == ErrorKind::broken || error.kind == ErrorKind::not_in_memory) log::error("{}", describe(error));
  if (error.kind == ErrorKind::unavailable) log::warn("{}", describe(error));
}

std::string argument(Error const& error, std::string_view name) {
  for (auto const& [each, value] : error.arguments)
    if (each == name) return value;
  return {};
}

}  // namespace

Reply Answering::error_reply(Error const& error, Viewer const* viewer) {
  note(error);
  bool const may_sign_in = error.kind == ErrorKind::unauthorized && reads() && !asked_.prefers_json;
  if (may_sign_in) {
    auto const next = is_own_path(request_.target) ? request_.target : std::string_view("/");
    return finish(see_other(fmt::format("/sign-in?next={}", text::percent_encode(next))), state_.transport,
                  Encoding::identity, {});
  }
  return problem_reply(problem_of(error), error, viewer);
}

namespace {

Result<Response> problem_page(ProblemKind const& kind, Error const& error, PageContext& context) {
  Model model;
  auto const title = context.text(kind.title);
  model.set("ERROR_TITLE", title);
  model.set("ERROR_TEXT",
            error.message.empty() ? context.text(kind.text) : context.text(error.message, error.arguments));
  model.set("NEXT", "/");
  model.show("SIGN_IN", kind.status == 401);
  context.show_complaints(model, error.complaints);
  auto response = TRY(context.page({.title = title}, TRY(context.render("web/error.html", model))));
  response.status = kind.status;
  return response;
}

}  // namespace

Reply Answering::problem_reply(ProblemKind const& kind, Error const& error, Viewer const* viewer,
                               std::string_view allow) {
  Response response;
  if (asked_.prefers_json) {
    response = problem_json(kind, error, state_.catalogue, asked_.language);
  } else {
    visit_.kept = viewer == nullptr;
    PageContext context(site_, asked_.language, viewer, /*may_load=*/false);
    context.belongs_to(visit_);
    auto page = problem_page(kind, error, context);
    if (!page.ok()) log::error("the error page cannot be made: {}", describe(page.error()));
    response =
        page.ok() ? std::move(*page) : plain(state_.catalogue.text(asked_.language, kind.title) + "\n", kind.status);
  }
  response.caching = Caching::none;
  if (!allow.empty()) response.headers.emplace_back("Allow", allow);
  if (kind.status == 429)
    response.headers.emplace_back("Retry-After",
                                  argument(error, "seconds").empty() ? "60" : argument(error, "seconds"));
  if (kind.status == 503) response.headers.emplace_back("Retry-After", "5");
  if (kind.status == 401) response.headers.emplace_back("WWW-Authenticate", "Session realm=\"courant\"");
  return without_body_for_head(
      finish(std::move(response), state_.transport, viewer == nullptr ? asked_.encoding : Encoding::identity, {}));
}

Reply Answering::after_exception(std::string_view what) {
  log::error("an exception ended a request for {}: {}", request_.path, what);
  Error const error = broken("an exception");
  return without_body_for_head(finish(problem_json(problem_of(error), error, state_.catalogue, asked_.language),
                                      state_.transport, Encoding::identity, {}));
}

Reply Answering::without_body_for_head(Reply reply) const {
  if (request_.method == Method::head) reply.body = nullptr;
  return reply;
}

}  // namespace courant::web
