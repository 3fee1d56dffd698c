// The table of all doors of the house. Patterns: "/a/{id}/{slug}", a last "{rest...}" takes what is left. Trailing
// slashes redirect. HEAD is answered by GET routes; a known path with another method is 405 with Allow.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "web/context.hpp"
#include "web/rate_limits.hpp"
#include "web/request.hpp"
#include "web/response.hpp"
#include "web/viewer.hpp"

namespace courant::web {

using PageHandler = std::function<Result<Response>(Request const&, PageContext&)>;
using WorkerHandler = std::function<Result<Response>(Request const&, WorkerContext&)>;
using CommandHandler = std::function<Result<Response>(Request const&, CommandContext&)>;

enum class RouteKind : std::uint8_t { page, worker, command };

struct Route {
  Method method;
  std::string pattern;
  RouteKind kind;
  Access access = Access::anyone;
  PageHandler page;
  WorkerHandler worker;
  CommandHandler command;
  std::vector<std::string> query;  ///< the query parameters that the page reads: part of its cache key
  RateLimit limit;
  std::int64_t most_body_bytes = 64 * 1024;
  std::int64_t most_upload_bytes = 0;  ///< above 0: multipart uploads allowed
};

class Router {
 public:
  /// Each returns the route for further settings, valid until the next one is added:
  /// `routes.page("/latest", show_latest).query = {"before"};`
  Route& page(std::string pattern, PageHandler handler);
  Route& worker(std::string pattern, Access access, WorkerHandler handler);
  Route& command(Method method, std::string pattern, Access access, CommandHandler handler);

  struct Match {
    Route const* route = nullptr;  ///< null: no such path, or not for this method
    std::vector<std::pair<std::string_view, std::string>> parts;
    std::string allow;     ///< methods of the path when only the method was wrong
    std::string redirect;  ///< the path without its trailing slash, when that one exists
  };
  /// Only after compile(). A literal piece goes before {name}, {name} before {rest...}, from left to right.
  [[nodiscard]] Match find(Method method, std::string_view path) const;
  [[nodiscard]] std::vector<Route> const& all() const { return routes_; }

  /// Once all routes are there and before the first find(); Site does it when the first request comes.
  void compile();

 private:
  struct Compiled {
    std::size_t route;
    std::string specificity;
    std::vector<std::string_view> segments;  ///< into the route's pattern
  };

  std::vector<Route> routes_;
  std::vector<Compiled> compiled_;

  Route& add(Route route);
  void find_exact(Method method, std::string_view path, Match& match) const;
};

}  // namespace courant::web
