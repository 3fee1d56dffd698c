// The channel: a section of the site. Data, not code: operators and imports add their own.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "web/catalogue.hpp"

namespace courant {

enum class ChannelKind : std::uint8_t {
  text = 0,
  course = 1,  ///< ordered lessons (a later issue orders them)
};

struct Channel {
  Id<Channel> id;
  std::string slug;  ///< in addresses, ASCII or Han, not percent-encoded
  std::string name_zh;
  std::string name_en;
  std::int64_t position = 0;  ///< order in the masthead, ascending
  ChannelKind kind = ChannelKind::text;
  std::int64_t version = 0;

  [[nodiscard]] std::string const& name(web::Language language) const;
  friend bool operator==(Channel const&, Channel const&) = default;
};

namespace channels {

inline constexpr std::size_t kMaximalName = 40;  ///< characters

/// "/channel/sports", percent-encoded.
[[nodiscard]] std::string path_of(Channel const& channel);
/// What a channel that was named only once is made of: slug from the name, the one name in both languages.
[[nodiscard]] Channel channel_named(std::string_view name);
[[nodiscard]] std::vector<Complaint> complaints_about(Channel const& channel);

}  // namespace channels
}  // namespace courant
