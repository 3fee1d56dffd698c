#include "features/transfer/wxr.hpp"

#include <algorithm>

#include <map>
#include <unordered_map>

#include "text/url.hpp"

namespace courant::transfer {
namespace {

constexpr std::size_t kLongestField = 1u << 20;  // bytes, of anything but bodies

/// An element by what its namespace is for.
enum class Space : std::uint8_t { none, content, excerpt, dc, wp, other };

Space space_of(std::string_view uri) {
  if (uri.find("wordpress.org/export") != std::string_view::npos)
    return uri.find("/excerpt") != std::string_view::npos ? Space::excerpt : Space::wp;
  if (uri.find("purl.org/rss/1.0/modules/content") != std::string_view::npos) return Space::content;
  if (uri.find("purl.org/dc/") != std::string_view::npos) return Space::dc;
  return Space::other;
}

class Wxr final : public Reader {
 public:
  explicit Wxr(text::XmlSource source) : xml_(std::move(source)) {}

  Result<std::optional<Reading>> next() override {
    for (;;) {
      auto const* const event = TRY(xml_.next());
      if (event->kind == text::XmlEvent::Kind::done) return finish();
      if (event->kind != text::XmlEvent::Kind::start) continue;
      note_prefixes(*event);
      auto const name = event->name;
      auto const [space, local] = split(name);
      is_feed_ = is_feed_ || local == "rss" || local == "RDF";
      if (local == "item" && space == Space::none) return std::optional(TRY(read_item(event->place.line)));
      if (local == "author" && space == Space::wp)
        TRY(read_author());
      else if (space == Space::wp && (local == "category" || local == "tag" || local == "term"))
        TRY(xml_.skip());
      else if (local == "image" && space == Space::none)
        TRY(xml_.skip());
      else if (local == "link" && space == Space::none)
        set_site(TRY(xml_.read_text(kLongestField)));
      else if (local == "base_blog_url" && space == Space::wp)
        set_site(TRY(xml_.read_text(kLongestField)));
    }
  }

  [[nodiscard]] std::uint64_t bytes_read() const override { return xml_.bytes_read(); }
  [[nodiscard]] std::uint64_t replaced_characters() const override { return xml_.replaced(); }

 private:
  Result<std::optional<Reading>> finish() const {
    if (!is_feed_) return invalid("transfer.not_wxr");
    return std::optional<Reading>();
  }

  void note_prefixes(text::XmlEvent const& event) {
    for (auto const& [name, value] : event.attributes)
      if (name.starts_with("xmlns:")) spaces_[name.substr(6)] = space_of(value);
  }

  [[nodiscard]] std::pair<Space, std::string_view> split(std::string_view name) const {
    auto const colon = name.find(':');
    if (colon == std::string_view::npos) return {Space::none, name};
    auto const known = spaces_.find(std::string(name.substr(0, colon)));
    return {known == spaces_.end() ? Space::other : known->second, name.substr(colon + 1)};
  }

  void set_site(std::string address) {
    if (site_.empty() || address.size() > 8) site_ = std::move(address);
  }

  Done read_author() {
    std::string login, name;
    auto const depth = xml_.depth();
    for (;;) {
      auto const* const event = TRY(xml_.next());
      if (event->kind == text::XmlEvent::Kind::done ||
          (event->kind == text::XmlEvent::Kind::end && xml_.depth() < depth))
        break;
      if (event->kind != text::XmlEvent::Kind::start) continue;
      auto const local = std::string(text::local_name(event->name));
      auto text = TRY(xml_.read_text(kLongestField));
      if (local == "author_login")
        login = std::move(text);
      else if (local == "author_display_name")
        name = std::move(text);
    }
    if (!name.empty()) names_[login] = std::move(name);
    return {};
  }

  /// What an item's elements say, before they are made sense of.
  struct Raw {
    std::map<std::string, std::string> fields;  ///< "wp:status", "content", "guid" …
    std::vector<std::string> categories, tags;
    std::int64_t comments = 0;
  };

  Result<Reading> read_item(std::uint64_t line) {
    Raw raw;
    std::optional<Error> error;
    auto const depth = xml_.depth();
    for (;;) {
      auto const* const event = TRY(xml_.next());
      if (event->kind == text::XmlEvent::Kind::done ||
          (event->kind == text::XmlEvent::Kind::end && xml_.depth() < depth))
        break;
      if (event->kind != text::XmlEvent::Kind::start) continue;
      auto const start = *event;
      note_prefixes(start);
      auto taken = take_field(raw, start);
      if (!taken.ok()) return Error(taken.error());
    }
    return Reading{make_item(line, std::move(raw)), std::move(error)};
  }

  Done take_field(Raw& raw, text::XmlEvent const& start) {
    auto const [space, local] = split(start.name);
    if (space == Space::wp && local == "comment") return ++raw.comments, xml_.skip();
    if (space == Space::wp && local == "postmeta") return xml_.skip();
    bool const is_body = space == Space::content && local == "encoded";
    auto text = TRY(xml_.read_text(is_body ? kLongestBody : kLongestField));
    if (local == "category" && space == Space::none) {
      auto const domain = start.attribute("domain");
      if (text.empty()) return {};
      auto& list = domain == "tag" || domain == "post_tag" ? raw.tags : raw.categories;
      // WXR 1.0 names each twice, with and without its domain.
      if (domain != "post_format" && domain != "nav_menu" && std::find(list.begin(), list.end(), text) == list.end())
        list.push_back(std::move(text));
      return {};
    }
    raw.fields[key_of(space, local)] = std::move(text);
    return {};
  }

  static std::string key_of(Space space, std::string_view local) {
    switch (space) {
      case Space::content:
        return "content";
      case Space::excerpt:
        return "excerpt";
      case Space::dc:
        return "dc:" + std::string(local);
      case Space::wp:
        return "wp:" + std::string(local);
      default:
        return std::string(local);
    }
  }

  Item make_item(std::uint64_t line, Raw raw) {
    auto const field = [&](char const* key) -> std::string {
      return raw.fields.contains(key) ? raw.fields[key] : std::string();
    };
    Item item;
    item.place = line;
    item.source = "wxr:" + site_;
    item.source_id = field("wp:post_id").empty() ? field("guid") : field("wp:post_id");
    if (item.source_id.empty()) item.source_id = field("link").empty() ? "line " + std::to_string(line) : field("link");
    item.title = field("title");
    item.body = std::move(raw.fields["content"]);
    if (item.body.empty()) item.body = field("description");
    item.format = BodyFormat::wordpress;
    item.summary = field("excerpt");
    item.slug = field("wp:post_name");
    if (item.slug.find('%') != std::string::npos) item.slug.clear();  // made from the title anew, readable
    item.author_login = field("dc:creator");
    item.author_name = names_.contains(item.author_login) ? names_[item.author_login] : item.author_login;
    item.categories = std::move(raw.categories);
    std::erase(item.categories, "Uncategorized");
    std::erase(item.categories, "未分类");
    item.tags = std::move(raw.tags);
    item.published_at = time_of(field("wp:post_date_gmt"), field("pubDate"), field("wp:post_date"));
    item.address = field("link");
    item.old_paths = old_paths(field("link"), field("guid"), field("wp:post_id"));
    if (raw.comments > 0) item.left_behind.emplace_back("comments", raw.comments);
    place_status(item, field("wp:post_type"), field("wp:status"), field("wp:post_password"));
    return item;
  }

  static std::optional<Time> time_of(std::string const& gmt, std::string const& published, std::string const& local) {
    for (auto const* text : {&gmt, &published, &local}) {
      if (text->empty() || text->starts_with("0000") || text->find("-0001") != std::string::npos) continue;
      auto const time = parse_time(*text);
      if (time.ok() && time->microseconds > 0) return *time;
    }
    return std::nullopt;
  }

  /// Own paths under which the article was read before: permalink and "/?p=17".
  [[nodiscard]] static std::vector<std::string> old_paths(std::string const& link, std::string const& guid,
                                                          std::string const& id) {
    std::vector<std::string> paths;
    auto const add = [&](std::string const& address) {
      auto const url = text::Url::parse(address);
      if (!url.ok() || !url->is_web()) return;
      std::string path(url->path());
      if (!url->query().empty()) path.append("?").append(url->query());
      if (path != "/" && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
    };
    add(link);
    add(guid);
    if (!id.empty() && id.find_first_not_of("0123456789") == std::string::npos) {
      auto path = "/?p=" + id;
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
    }
    return paths;
  }

  static void place_status(Item& item, std::string const& type, std::string const& status,
                           std::string const& password) {
    if (!type.empty() && type != "post" && type != "page")
      item.skip = type == "attachment" ? "transfer.skip_attachment" : "transfer.skip_not_an_article";
    else if (status == "trash" || status == "auto-draft")
      item.skip = "transfer.skip_trash";
    item.is_draft = (!status.empty() && status != "publish") || !password.empty();
  }

  text::XmlReader xml_;
  std::unordered_map<std::string, Space> spaces_{
      {"content", Space::content}, {"excerpt", Space::excerpt}, {"dc", Space::dc}, {"wp", Space::wp}};
  std::unordered_map<std::string, std::string> names_;
  std::string site_;
  bool is_feed_ = false;
};

}  // namespace

std::unique_ptr<Reader> read_wxr(text::XmlSource source) { return std::make_unique<Wxr>(std::move(source)); }

}  // namespace courant::transfer
