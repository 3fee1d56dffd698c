// One request on its way to its answer. The order of the members is the order of the way.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "web/asked.hpp"
#include "web/problem.hpp"
#include "web/site_state.hpp"

namespace courant::web {

class Answering {
 public:
  Answering(Site& site, Site::State& state, Request& request);

  /// On an I/O thread: what the cache or a page function can answer from memory.
  std::variant<Reply, NeedsWorker> now();
  /// On a worker: everything.
  Reply on_worker();
  /// For a bug that ended the way: the page of ErrorKind::broken.
  Reply after_exception(std::string_view what);

 private:
  Site& site_;
  Site::State& state_;
  Request& request_;
  bool https_;
  Asked asked_;
  Visit visit_;

  // What kind of request it is.
  [[nodiscard]] bool reads() const { return request_.method == Method::get || request_.method == Method::head; }
  [[nodiscard]] bool is_personal() const { return !asked_.session.empty() && !asked_.script; }
  [[nodiscard]] bool is_behind() const;

  // Pages.
  std::variant<Reply, NeedsWorker> page_now(Router::Match match, std::optional<Reply> old);
  Reply page_on_worker(Router::Match match, Viewer const* viewer);
  Result<Response> make_page(Route const& route, Router::Match const& match, std::string const& address,
                             Viewer const* viewer, bool may_load);
  std::optional<Reply> kept_page(std::string const& address);
  Reply keep(std::string const& address, Response response, std::uint64_t moment);

  // Worker routes and commands.
  Result<std::optional<Viewer>> find_viewer();
  Done check_rate(Route const& route, Viewer const* viewer);
  Done check_access(Route const& route, Viewer const* viewer);
  Reply worker_reply(Router::Match match, Viewer const* viewer);
  Reply command_reply(Router::Match match, Viewer const* viewer);
  Reply run_command(Router::Match match, Viewer const* viewer);
  Result<Response> command(Router::Match match, Viewer const* viewer);
  void tell_position(Response& response);

  // Endings.
  Reply no_route(Router::Match const& match, Viewer const* viewer);
  Reply personal_reply(Response response, Viewer const* viewer);
  void add_cookies(Response& response);
  Reply error_reply(Error const& error, Viewer const* viewer);
  Reply problem_reply(ProblemKind const& kind, Error const& error, Viewer const* viewer, std::string_view allow = {});
  Reply without_body_for_head(Reply reply) const;
};

}  // namespace courant::web
