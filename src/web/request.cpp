#include "web/request.hpp"

#include <array>

#include "text/query.hpp"

namespace courant::web {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 8> kMethods{{{Method::get, "GET"},
                                                                       {Method::head, "HEAD"},
                                                                       {Method::post, "POST"},
                                                                       {Method::put, "PUT"},
                                                                       {Method::patch, "PATCH"},
                                                                       {Method::del, "DELETE"},
                                                                       {Method::options, "OPTIONS"},
                                                                       {Method::other, "OTHER"}}};

}  // namespace

Method method_named(std::string_view name) noexcept {
  for (auto const& [method, text] : kMethods)
    if (text == name && method != Method::other) return method;
  return Method::other;
}

std::string_view name_of(Method method) noexcept {
  for (auto const& [each, text] : kMethods)
    if (each == method) return text;
  return "OTHER";
}

bool same_without_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

Body::~Body() {
  for (auto const& upload : uploads) {
    std::error_code ignored;
    if (!upload.path.empty()) std::filesystem::remove(upload.path, ignored);
  }
}

std::string_view Request::header(std::string_view name) const noexcept {
  for (auto const& field : headers)
    if (same_without_case(field.name, name)) return field.value;
  return {};
}

std::string_view cookie_in(std::string_view cookies, std::string_view name) noexcept {
  while (!cookies.empty()) {
    auto const end = cookies.find(';');
    auto pair = cookies.substr(0, end);
    while (!pair.empty() && (pair.front() == ' ' || pair.front() == '\t')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
      return pair.substr(name.size() + 1);
    if (end == std::string_view::npos) break;
    cookies.remove_prefix(end + 1);
  }
  return {};
}

std::string_view Request::cookie(std::string_view name) const noexcept {
  for (auto const& field : headers) {
    if (!same_without_case(field.name, "cookie")) continue;
    if (auto const value = cookie_in(field.value, name); value.data() != nullptr) return value;
  }
  return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  if (query.empty()) return std::nullopt;
  auto const fields = text::parse_query(query);
  if (!fields.ok()) return std::nullopt;
  if (auto const found = fields->find(name)) return std::string(*found);
  return std::nullopt;
}

std::string_view Request::part(std::string_view name) const noexcept {
  for (auto const& [each, value] : path_parts)
    if (each == name) return value;
  return {};
}

}  // namespace courant::web
