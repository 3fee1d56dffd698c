#include "features/channels/channel.hpp"

#include "text/fold.hpp"
#include "text/query.hpp"
#include "text/slug.hpp"
#include "text/utf8.hpp"

namespace courant {

std::string const& Channel::name(web::Language language) const {
  return language == web::Language::zh_hans ? name_zh : name_en;
}

namespace channels {
namespace {

constexpr std::size_t kLongestSlug = 40;  // characters

void complain_about_name(std::vector<Complaint>& complaints, std::string_view field, std::string_view name) {
  if (name.empty()) complaints.push_back({std::string(field), "channels.name_empty", {}});
  if (text::count_characters(name) > kMaximalName)
    complaints.push_back({std::string(field), "channels.name_too_long", {{"limit", std::to_string(kMaximalName)}}});
}

}  // namespace

std::string path_of(Channel const& channel) { return "/channel/" + text::percent_encode(channel.slug); }

Channel channel_named(std::string_view name) {
  Channel channel;
  channel.name_zh = channel.name_en = text::clean_name(name);
  channel.slug = text::slug(channel.name_zh, kLongestSlug);
  return channel;
}

std::vector<Complaint> complaints_about(Channel const& channel) {
  std::vector<Complaint> complaints;
  complain_about_name(complaints, "name_zh", channel.name_zh);
  complain_about_name(complaints, "name_en", channel.name_en);
  if (channel.slug.empty() || text::slug(channel.slug, kLongestSlug) != channel.slug)
    complaints.push_back({"slug", "channels.slug_wrong", {{"limit", std::to_string(kLongestSlug)}}});
  return complaints;
}

}  // namespace channels
}  // namespace courant
