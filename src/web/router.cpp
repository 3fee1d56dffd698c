#include "web/router.hpp"

#include <algorithm>

#include "text/query.hpp"
#include "text/utf8.hpp"

namespace courant::web {
namespace {

/// The pieces between the slashes; "/a/1" has two, "/" has one that is empty.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  while (true) {
    auto const slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

enum class Kind : std::uint8_t { literal, part, rest };

Kind kind_of(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{') return Kind::literal;
  return segment.ends_with("...}") ? Kind::rest : Kind::part;
}

/// "{id}" is id, "{rest...}" is rest.
std::string_view name_in(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(segment.ends_with("...}") ? 4 : 1);
  return segment;
}

/// "/a/new" goes before "/a/{id}", that before "/{rest...}": the kinds from left to right as a text that sorts.
std::string specificity(std::string_view pattern) {
  std::string out;
  for (auto const segment : segments_of(pattern)) out += static_cast<char>('0' + static_cast<int>(kind_of(segment)));
  return out;
}

std::optional<std::string> decoded(std::string_view segment) {
  auto text = text::percent_decode(segment);
  if (!text.ok() || !text::is_utf8(*text)) return std::nullopt;
  return std::move(*text);
}

using Parts = std::vector<std::pair<std::string_view, std::string>>;

/// Whether the path fits, and what its named parts are.
bool fits(std::vector<std::string_view> const& pattern, std::vector<std::string_view> const& path,
          std::string_view whole, Parts& parts) {
  parts.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i >= path.size()) return false;
    auto const kind = kind_of(pattern[i]);
    if (kind == Kind::rest) {
      auto const from = static_cast<std::size_t>(path[i].data() - whole.data());
      auto rest = decoded(whole.substr(from));
      if (!rest) return false;
      parts.emplace_back(name_in(pattern[i]), std::move(*rest));
      return true;
    }
    if (kind == Kind::literal && path[i] != pattern[i]) return false;
    if (kind == Kind::literal) continue;
    if (path[i].empty() || path[i] == "." || path[i] == "..") return false;
    auto part = decoded(path[i]);
    if (!part) return false;
    parts.emplace_back(name_in(pattern[i]), std::move(*part));
  }
  return pattern.size() == path.size();
}

}  // namespace

Route& Router::add(Route route) {
  routes_.push_back(std::move(route));
  compiled_.clear();
  return routes_.back();
}

Route& Router::page(std::string pattern, PageHandler handler) {
  return add(
      {.method = Method::get, .pattern = std::move(pattern), .kind = RouteKind::page, .page = std::move(handler)});
}

Route& Router::worker(std::string pattern, Access access, WorkerHandler handler) {
  return add({.method = Method::get,
              .pattern = std::move(pattern),
              .kind = RouteKind::worker,
              .access = access,
              .worker = std::move(handler)});
}

Route& Router::command(Method method, std::string pattern, Access access, CommandHandler handler) {
  return add({.method = method,
              .pattern = std::move(pattern),
              .kind = RouteKind::command,
              .access = access,
              .command = std::move(handler)});
}

void Router::compile() {
  compiled_.clear();
  for (std::size_t i = 0; i < routes_.size(); ++i)
    compiled_.push_back({i, specificity(routes_[i].pattern), segments_of(routes_[i].pattern)});
  std::ranges::stable_sort(compiled_, {}, &Compiled::specificity);
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  if (path.empty() || path[0] != '/') return match;
  auto const wanted = method == Method::head ? Method::get : method;
  find_exact(wanted, path, match);
  bool const slash_too_many = match.route == nullptr && match.allow.empty() && path.size() > 1 && path.back() == '/';
  if (!slash_too_many || wanted != Method::get) return match;
  Match without;
  find_exact(wanted, path.substr(0, path.size() - 1), without);
  if (without.route != nullptr) match.redirect = path.substr(0, path.size() - 1);
  return match;
}

void Router::find_exact(Method method, std::string_view path, Match& match) const {
  auto const segments = segments_of(path);
  Parts parts;
  std::string_view
      best;  // of the first that fits: a more general pattern must not answer a method the special one lacks
  for (auto const& each : compiled_) {
    auto const& route = routes_[each.route];
    if (!fits(each.segments, segments, path, parts)) continue;
    if (!best.empty() && each.specificity != best) break;
    best = each.specificity;
    if (route.method == method) {
      match.route = &route;
      match.parts = std::move(parts);
      match.allow.clear();
      return;
    }
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == Method::get ? "GET, HEAD" : name_of(route.method);
  }
}

}  // namespace courant::web
