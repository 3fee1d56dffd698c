#include "text/html_attributes.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "text/html_entities.hpp"
#include "text/utf8.hpp"
#include "text/xml_write.hpp"

namespace courant::text::html {
namespace {

using Kind = Removed::Kind;

/// The value after character references.
std::string unescaped(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    std::size_t const ampersand = std::min(raw.find('&', at), raw.size());
    out.append(raw, at, ampersand - at);
    at = ampersand;
    if (at == raw.size()) break;
    CharacterReference const reference = read_character_reference(raw.substr(at), ReferencePlace::attribute);
    append(out, reference.bytes > 0 ? reference.first : U'&');
    if (reference.second) append(out, reference.second);
    at += std::max<std::size_t>(reference.bytes, 1);
  }
  return out;
}

/// The same without forbidden characters, tabs and line breaks as spaces.
std::string decoded(std::string_view raw) {
  std::string const value = unescaped(raw);
  std::string out;
  out.reserve(value.size());
  for (std::size_t at = 0; at < value.size();) {
    Decoded const character = decode(value, at);
    if (is_ascii_white_space(character.character)) {
      out += ' ';
    } else if (!is_forbidden(character.character)) {
      out.append(value, at, character.bytes);
    }
    at += character.bytes;
  }
  return out;
}

/// An address keeps control characters inside, so that url.hpp refuses what a browser would silently mend.
std::string decoded_address(std::string_view raw) { return std::string(trim(unescaped(raw))); }

void write(Instance& instance, std::string_view name, std::string_view value) {
  instance.attributes += ' ';
  instance.attributes += name;
  instance.attributes += "=\"";
  append_escaped_attribute(instance.attributes, value);
  instance.attributes += '"';
}

void write_flag(Instance& instance, std::string_view name) {
  instance.attributes += ' ';
  instance.attributes += name;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// A whole number within the bounds, written without sign "+" and leading zeros, or nothing.
std::optional<int> number(std::string_view text, int least, int most) {
  text = trim(text);
  if (text.ends_with("px")) text.remove_suffix(2);
  int value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

/// BCP 47 in shape: a primary subtag of two or three letters, further ones of one to eight letters or digits.
bool is_language_tag(std::string_view tag) {
  std::size_t part = 0, parts = 0;
  for (std::size_t at = 0; at <= tag.size(); ++at) {
    if (at == tag.size() || tag[at] == '-') {
      if (part == 0 || part > 8 || (parts == 0 && (part < 2 || part > 3))) return false;
      ++parts;
      part = 0;
    } else if (!is_alphanumeric(tag[at]) || (parts == 0 && is_digit(tag[at]))) {
      return false;
    } else {
      ++part;
    }
  }
  return tag.size() <= 35;
}

bool has_shape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char s) {
           return s == '0' ? is_digit(c) : c == s || (s == 'T' && c == ' ');
         });
}

int two_digits(std::string_view text, std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

int days_of(std::string_view year, int month) {
  int const y = two_digits(year, 0) * 100 + two_digits(year, 2);
  bool const leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

/// HTML section 2.3.5: a date, or a date with time and zone.
bool is_datetime(std::string_view text) {
  if (text.size() < 10 || !has_shape(text.substr(0, 10), "0000-00-00")) return false;
  int const month = two_digits(text, 5), day = two_digits(text, 8);
  if (text.starts_with("0000") || month < 1 || month > 12 || day < 1 || day > days_of(text, month)) return false;
  if (text.size() == 10) return true;
  std::string_view rest = text.substr(10);
  std::size_t const time = has_shape(rest.substr(0, 9), "T00:00:00") ? 9
                           : has_shape(rest.substr(0, 6), "T00:00")  ? 6
                                                                     : 0;
  if (time == 0 || two_digits(rest, 1) > 23 || two_digits(rest, 4) > 59 || (time == 9 && two_digits(rest, 7) > 59)) {
    return false;
  }
  rest.remove_prefix(time);
  if (rest == "Z") return true;
  return (has_shape(rest, "+00:00") || has_shape(rest, "-00:00")) && two_digits(rest, 1) < 15 &&
         two_digits(rest, 4) < 60;
}

/// "language-cpp" out of a class attribute; "lang-…" and "brush: …" of older highlighters mean the same.
std::optional<std::string> language_class(std::string_view classes) {
  std::string const text = lowered(classes);
  for (std::string_view const prefix : {"language-", "lang-"}) {
    std::size_t const at = text.find(prefix);
    if (at == std::string::npos || (at > 0 && text[at - 1] != ' ')) continue;
    std::string const name = text.substr(at + prefix.size(), text.find(' ', at) - at - prefix.size());
    bool const good = !name.empty() && name.size() <= 30 && std::all_of(name.begin(), name.end(), [](char c) {
      return is_alphanumeric(c) || c == '+' || c == '#' || c == '-' || c == '.' || c == '_';
    });
    if (good) return "language-" + name;
  }
  return std::nullopt;
}

bool is_media_type(std::string_view type) {
  std::size_t const slash = type.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < type.size() && type.size() <= 60 &&
         std::count(type.begin(), type.end(), '/') == 1 && std::all_of(type.begin(), type.end(), [](char c) {
           return is_alphanumeric(c) || c == '/' || c == '+' || c == '-' || c == '.';
         });
}

bool is_own_media(std::string_view path) { return path.starts_with("/media/"); }

constexpr std::string_view kAttributeReason = "text.removed_attribute";
constexpr std::string_view kEventReason = "text.removed_event_handler";

std::string_view reason_of(std::string_view attribute) {
  return attribute.starts_with("on") ? kEventReason : kAttributeReason;
}

bool makes_sense(Tag tag, Instance const& instance) {
  switch (tag) {
    case Tag::a:
    case Tag::span:
      return !instance.attributes.empty() || !instance.id.empty();
    case Tag::bdo:
      return instance.attributes.find(" dir=") != std::string::npos;
    case Tag::time:
      return instance.attributes.find(" datetime=") != std::string::npos;
    default:
      return true;
  }
}

}  // namespace

std::optional<Instance> Attributes::check(Tag tag, std::string_view name, Tokens const& tokens) {
  if (tag == Tag::img) return check_picture(name, tokens);
  Instance instance;
  for (Attribute const& attribute : tokens.attributes()) apply(tag, name, attribute, instance);
  if (!makes_sense(tag, instance)) return std::nullopt;
  return instance;
}

void Attributes::apply(Tag tag, std::string_view name, Attribute const& attribute, Instance& instance) {
  // The attributes that hostile and careless pages have most of never need their values looked at.
  if (attribute.name == "style" || attribute.name.starts_with("on") || attribute.name.starts_with("data-")) {
    return account_.remove(Kind::attribute, name, attribute.name, reason_of(attribute.name));
  }
  if (tag == Tag::a && attribute.name == "href") return apply_href(name, decoded_address(attribute.raw), instance);
  if (tag == Tag::a && (attribute.name == "rel" || attribute.name == "target")) return;  // ours to decide
  std::string const value = decoded(attribute.raw);
  if (apply_own(tag, name, attribute, value, instance) || apply_global(name, attribute, value, instance)) return;
  account_.remove(Kind::attribute, name, attribute.name, kAttributeReason);
}

bool Attributes::apply_global(std::string_view name, Attribute const& attribute, std::string const& value,
                              Instance& instance) {
  if (attribute.name == "lang" && is_language_tag(value)) {
    write(instance, "lang", value);
    return true;
  }
  std::string const small = lowered(value);
  if (attribute.name == "dir" && (small == "ltr" || small == "rtl" || small == "auto")) {
    write(instance, "dir", small);
    return true;
  }
  if (attribute.name == "title") {
    if (std::string const title = collapse_white_space(value); !title.empty()) write(instance, "title", title);
    return true;
  }
  if (attribute.name == "id" || (attribute.name == "name" && name == "a")) {
    if (std::optional<std::string> id = checked_id(value); id && instance.id.empty()) {
      instance.id = std::move(*id);
      return true;
    }
  }
  return false;
}

bool Attributes::apply_own(Tag tag, std::string_view, Attribute const& attribute, std::string const& value,
                           Instance& instance) {
  std::string_view const key = attribute.name;
  auto const write_number = [&](int least, int most) {
    std::optional<int> const n = number(value, least, most);
    if (n) write(instance, key, std::to_string(*n));
    return n.has_value();
  };
  auto const write_one_of = [&](std::initializer_list<std::string_view> choices) {
    bool const known = std::find(choices.begin(), choices.end(), value) != choices.end();
    if (known) write(instance, key, value);
    return known;
  };
  switch (tag) {
    case Tag::code:
    case Tag::pre:
      if (key == "class") {
        std::optional<std::string> const language = language_class(value);
        if (language) write(instance, "class", *language);
        return language.has_value();
      }
      return false;
    case Tag::ol:
      if (key == "start") return write_number(-999999, 999999);
      if (key == "type") return write_one_of({"1", "a", "A", "i", "I"});
      if (key == "reversed") return write_flag(instance, "reversed"), true;
      return false;
    case Tag::li:
      return key == "value" && write_number(-999999, 999999);
    case Tag::th:
    case Tag::td:
      if (key == "colspan" || key == "rowspan") return number(value, 1, 1) || write_number(2, 1000);
      return tag == Tag::th && key == "scope" && write_one_of({"row", "col", "rowgroup", "colgroup"});
    case Tag::col:
    case Tag::colgroup:
      return key == "span" && write_number(1, 1000);
    case Tag::details:
      return key == "open" && (write_flag(instance, "open"), true);
    case Tag::time:
      if (key != "datetime" || !is_datetime(value)) return false;
      write(instance, key, value);
      return true;
    case Tag::ins:
    case Tag::del:
      if (key == "datetime" && is_datetime(value)) {
        write(instance, key, value);
        return true;
      }
      [[fallthrough]];
    case Tag::q:
    case Tag::blockquote:
      if (key == "cite") {
        Result<Address> const address = checked_address(decoded_address(attribute.raw));
        if (address) write(instance, key, address->text);
        return address.ok();
      }
      return false;
    default:
      return false;
  }
}

void Attributes::apply_href(std::string_view name, std::string const& value, Instance& instance) {
  if (value.starts_with('#')) {
    if (std::optional<std::string> const fragment = checked_fragment(value.substr(1))) {
      write(instance, "href", "#" + *fragment);
    }
    return;  // "#" alone led nowhere
  }
  Result<Address> const address = checked_address(value);
  if (!address) {
    return account_.remove(Kind::address, name, "href", address.error().message, 0, value);
  }
  add_rel_and_href(*address, instance);
}

void Attributes::add_rel_and_href(Address const& address, Instance& instance) const {
  write(instance, "href", address.text);
  if (address.outside) write(instance, "rel", "nofollow ugc noopener");
}

/// Where a link may lead: http, https, mailto, or a path on this site.
Result<Attributes::Address> Attributes::checked_address(std::string_view text) const {
  if (!options_.base_url && text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\")) {
    return Address{TRY(parse_own_path(text)), false};
  }
  Url const url = options_.base_url        ? TRY(Url::parse(text, *options_.base_url))
                  : text.starts_with("//") ? TRY(Url::parse("https:" + std::string(text)))
                                           : TRY(Url::parse(text));
  if (options_.site_url && url.is_web() && url.origin() == options_.site_url->origin()) {
    Result<std::string> own = parse_own_path(std::string_view(url.str()).substr(url.origin().size()));
    if (own) return Address{std::move(*own), false};
  }
  return Address{url.str(), url.is_web()};
}

/// Where a picture or a film may come from: http, https, or /media/ on this site.
Result<Attributes::Address> Attributes::checked_source(std::string_view text, SanitizeOptions::Outside outside) const {
  Address address = TRY(checked_address(text));
  if (!address.outside && !is_own_media(address.text)) return invalid("text.url_not_media");
  if (address.outside && outside == SanitizeOptions::Outside::link) return invalid("text.url_outside");
  return address;
}

/// Ids are at most this long, the prefix not counted, so that what passes once passes again.
constexpr std::size_t kMaximalIdBytes = 120;

std::optional<std::string> Attributes::checked_fragment(std::string_view value) const {
  value = trim(value);
  if (value.starts_with(options_.id_prefix)) value.remove_prefix(options_.id_prefix.size());
  Result<std::string> const path = parse_own_path("/#" + std::string(value));
  if (!path || path->size() <= 2 || path->size() > 2 + 3 * kMaximalIdBytes) return std::nullopt;
  return std::string(options_.id_prefix).append(*path, 2);
}

/// An id that is good anywhere: no white space, nothing that needs escaping, once in a document.
std::optional<std::string> Attributes::checked_id(std::string_view value) {
  if (value.starts_with(options_.id_prefix)) value.remove_prefix(options_.id_prefix.size());
  bool const good = !value.empty() && value.size() <= kMaximalIdBytes && is_utf8(value) &&
                    std::all_of(value.begin(), value.end(), [](char c) {
                      return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == ':' ||
                             static_cast<unsigned char>(c) >= 0x80;
                    });
  if (!good) return std::nullopt;
  for (std::size_t at = 0; at < value.size();) {
    Decoded const character = decode(value, at);
    if (is_white_space(character.character) || is_invisible_control(character.character)) return std::nullopt;
    at += character.bytes;
  }
  std::string id = std::string(options_.id_prefix).append(value);
  if (!ids_.insert(id).second) return std::nullopt;
  return id;
}

namespace {

/// Where the address of a picture really stands: pages that load lazily keep it in one of these.
constexpr std::array<std::string_view, 7> kPictureSources = {
    "data-src", "data-original", "data-lazy-src", "data-actualsrc", "data-echo", "data-url", "src"};

bool is_handled_picture_attribute(std::string_view name) {
  return name == "alt" || name == "width" || name == "height" || name == "title" || name == "loading" ||
         name == "decoding" || name == "lang" || name == "dir" || name == "id" ||
         std::find(kPictureSources.begin(), kPictureSources.end(), name) != kPictureSources.end();
}

}  // namespace

std::optional<Instance> Attributes::check_picture(std::string_view name, Tokens const& tokens) {
  Result<Address> address = invalid("text.url_empty");
  std::string first;
  for (std::string_view const key : kPictureSources) {
    std::string const value = decoded_address(tokens.attribute(key));
    if (value.empty()) continue;
    if (first.empty() || key == "src") first = value;
    address = checked_source(value, options_.outside_pictures);
    if (address) break;
  }
  if (!address) {
    account_.remove(Kind::address, name, "src", address.error().message, 0, first);
    return std::nullopt;
  }
  std::optional<int> const width = number(decoded(tokens.attribute("width")), 1, 20000);
  std::optional<int> const height = number(decoded(tokens.attribute("height")), 1, 20000);
  if (width == 1 && height == 1) {
    account_.remove(Kind::address, name, "src", "text.tracking_pixel", 0, address->text);
    return std::nullopt;
  }
  if (options_.rewrite_picture) {
    std::optional<std::string> const rewritten = options_.rewrite_picture(address->text);
    Result<std::string> own = rewritten ? parse_own_path(*rewritten) : Result<std::string>(invalid(""));
    if (own) *address = {std::move(*own), false};
  }

  Instance instance;
  std::string alt = collapse_white_space(decoded(tokens.attribute("alt")));
  if (!tokens.has_attribute("alt")) account_.remove(Kind::attribute, name, "alt", "text.alt_missing");
  write(instance, "src", address->text);
  write(instance, "alt", alt);
  if (width) write(instance, "width", std::to_string(*width));
  if (height) write(instance, "height", std::to_string(*height));
  for (Attribute const& attribute : tokens.attributes()) {
    std::string_view const key = attribute.name;
    bool const global = key == "title" || key == "lang" || key == "dir" || key == "id";
    bool const kept =
        global ? apply_global(name, attribute, decoded(attribute.raw), instance) : is_handled_picture_attribute(key);
    if (!kept) account_.remove(Kind::attribute, name, key, reason_of(key));
  }
  instance.attributes += R"( loading="lazy" decoding="async")";
  instance.picture = Picture{std::move(address->text), std::move(alt)};
  return instance;
}

std::optional<Attributes::Link> Attributes::link_to(std::string_view name, std::string_view attribute,
                                                    std::string_view raw) {
  std::string const value = decoded_address(raw);
  if (value.empty()) return std::nullopt;
  Result<Address> const address = checked_address(value);
  if (!address) {
    account_.remove(Kind::address, name, attribute, address.error().message, 0, value);
    return std::nullopt;
  }
  Link link;
  add_rel_and_href(*address, link.instance);
  link.text = address->text;
  return link;
}

Attributes::Media Attributes::begin_media(std::string_view name, Tokens const& tokens) {
  Media media{std::string(name), {}, {}};
  Instance sizes;
  for (std::string_view const key : {"width", "height"}) {
    std::optional<int> const size = name == "video" ? number(decoded(tokens.attribute(key)), 1, 20000) : std::nullopt;
    if (size) write(sizes, key, std::to_string(*size));
  }
  if (name == "video" && tokens.has_attribute("poster")) {
    std::string const value = decoded_address(tokens.attribute("poster"));
    Result<Address> const poster = checked_source(value, options_.outside_pictures);
    if (poster) {
      write(sizes, "poster", poster->text);
    } else {
      account_.remove(Kind::address, name, "poster", poster.error().message, 0, value);
    }
  }
  media.attributes = std::move(sizes.attributes);
  if (tokens.has_attribute("src")) media.sources.emplace_back(tokens.attribute("src"), "");
  for (Attribute const& attribute : tokens.attributes()) {
    if (attribute.name.starts_with("on")) account_.remove(Kind::attribute, name, attribute.name, kEventReason);
  }
  return media;
}

void Attributes::add_source(Media& media, Tokens const& tokens) {
  constexpr std::size_t kMaximalSources = 6;
  if (media.sources.size() >= kMaximalSources || !tokens.has_attribute("src")) return;
  std::string type = lowered(trim(tokens.attribute("type")));
  media.sources.emplace_back(tokens.attribute("src"), is_media_type(type) ? std::move(type) : "");
}

std::optional<Instance> Attributes::finish_media(Media const& media) {
  std::string sources;
  for (auto const& [raw, type] : media.sources) {
    std::string const value = decoded_address(raw);
    Result<Address> const address = checked_source(value, options_.outside_media);
    if (!address) {
      account_.remove(Kind::address, media.name, "src", address.error().message, 0, value);
      continue;
    }
    Instance source;
    write(source, "src", address->text);
    if (!type.empty()) write(source, "type", type);
    sources += "<source" + source.attributes + ">";
  }
  if (sources.empty()) return std::nullopt;
  Instance instance;
  instance.markup =
      "<" + media.name + " controls preload=\"metadata\"" + media.attributes + ">" + sources + "</" + media.name + ">";
  return instance;
}

}  // namespace courant::text::html
