#include "features/authors/author.hpp"

#include <array>

#include "text/confusable.hpp"
#include "text/fold.hpp"
#include "text/query.hpp"
#include "text/slug.hpp"
#include "text/utf8.hpp"

namespace courant::authors {
namespace {

constexpr std::array<std::string_view, 5> kKindNames{"individual", "media", "company", "institution", "government"};

/// What text::handle says about a handle, in a form that goes with its field.
void check_handle(std::string_view handle, std::string_view site_name, std::vector<Complaint>& complaints) {
  auto const canonical = text::handle(handle);
  if (!canonical.ok())
    complaints.push_back({"handle", canonical.error().message, canonical.error().arguments});
  else if (accounts::poses_as_official(*canonical, site_name))
    complaints.push_back({"handle", "text.handle_reserved", {}});
}

void check_name(std::string_view name, std::string_view site_name, std::vector<Complaint>& complaints) {
  for (auto& complaint : accounts::complaints_about_name(name, site_name)) complaints.push_back(std::move(complaint));
}

void check_length(std::string_view field, std::string_view text, std::size_t limit,
                  std::vector<Complaint>& complaints) {
  if (text::count_characters(text) > limit)
    complaints.push_back({std::string(field), "authors.too_long", {{"limit", std::to_string(limit)}}});
}

}  // namespace

std::string handle_key(std::string_view handle) { return text::look_alike_key(handle); }

std::string handle_from(std::string_view name) {
  std::string const folded = text::fold(name);
  std::string handle;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < folded.size() && characters < kLongestHandle;) {
    auto const decoded = text::decode(folded, at);
    auto const c = decoded.character;
    bool const letter = (c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || text::is_han(c);
    if (letter || (!handle.empty() && handle.back() != '-')) {
      handle += letter ? std::string_view(folded).substr(at, decoded.bytes) : "-";
      ++characters;
    }
    at += decoded.bytes;
  }
  while (handle.ends_with('-')) handle.pop_back();
  return text::handle(handle).ok() ? handle : "author";
}

std::vector<Complaint> complaints_about(Profile const& profile, std::string_view site_name) {
  std::vector<Complaint> complaints;
  check_handle(profile.handle, site_name, complaints);
  check_name(profile.name, site_name, complaints);
  check_length("bio", profile.bio, kLongestBio, complaints);
  check_length("field", profile.field, kLongestField, complaints);
  check_length("region", profile.region, kLongestRegion, complaints);
  return complaints;
}

Profile profile_of(Author const& author) {
  return {author.handle, author.name, author.bio, author.field, author.region, author.kind};
}

std::string_view name_of(AuthorKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::optional<AuthorKind> kind_named(std::string_view name) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i)
    if (kKindNames[i] == name) return static_cast<AuthorKind>(i);
  return std::nullopt;
}

std::string path_of(Author const& author) { return "/author/" + text::percent_encode(author.handle); }

}  // namespace courant::authors
