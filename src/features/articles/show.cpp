#include "features/articles/show.hpp"

#include <algorithm>
#include <array>

#include "text/html.hpp"
#include "text/xml_write.hpp"

namespace courant::articles {
namespace {

constexpr std::int32_t kInText = 960;  // pixels: what a browser without srcset gets
constexpr std::string_view kSizes = "(min-width: 48rem) 44rem, 100vw";

ArticlePicture const* picture_at(std::vector<ArticlePicture> const& pictures, std::string_view address) {
  auto const number = referenced_picture(address);
  auto const found = std::ranges::find(pictures, number, &ArticlePicture::number);
  return found == pictures.end() ? nullptr : &*found;
}

void append_attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  text::append_escaped_attribute(out, value);
  out += '"';
}

/// "/media/a 320w, /media/b 640w" of one format; empty when it has none.
std::string srcset_of(media::Picture const& picture, media::Format format, bool animated) {
  std::string set;
  for (auto const& variant : picture.variants) {
    if (variant.format != format || variant.animated != animated) continue;
    if (!set.empty()) set += ", ";
    set += media_path(variant.blob.str()) + " " + std::to_string(variant.width) + "w";
  }
  return set;
}

void append_source(std::string& out, media::Picture const& picture, media::Format format, bool animated) {
  std::string const set = srcset_of(picture, format, animated);
  if (set.empty()) return;
  out += "<source";
  append_attribute(out, "type", media::content_type(format));
  append_attribute(out, "srcset", set);
  append_attribute(out, "sizes", kSizes);
  out += '>';
}

std::string_view words_for(text::PictureTag const& tag, ArticlePicture const& picture) {
  return tag.alt.empty() ? std::string_view(picture.alt) : std::string_view(tag.alt);
}

/// Where "<p><img …></p>" begins in `html` from `from` on, when the picture is one of ours.
struct LonePicture {
  std::size_t begin = std::string_view::npos;
  std::string_view tag;
  std::size_t end = 0;
  ArticlePicture const* picture = nullptr;
};

/// The end of a tag as the sanitizer writes it: ">" outside of the double quotes of an attribute.
std::size_t end_of_tag(std::string_view html, std::size_t begin) {
  bool quoted = false;
  for (std::size_t i = begin; i < html.size(); ++i) {
    if (html[i] == '"') quoted = !quoted;
    if (html[i] == '>' && !quoted) return i + 1;
  }
  return html.size();
}

std::string_view address_in(std::string_view tag) {
  constexpr std::string_view kSource = " src=\"";
  auto const at = tag.find(kSource);
  if (at == std::string_view::npos) return {};
  auto const begin = at + kSource.size();
  return tag.substr(begin, tag.find('"', begin) - begin);
}

LonePicture next_lone_picture(std::string_view html, std::size_t from, std::vector<ArticlePicture> const& pictures) {
  constexpr std::string_view kBegin = "<p><img ", kEnd = "</p>";
  for (auto at = html.find(kBegin, from); at != std::string_view::npos; at = html.find(kBegin, at + 1)) {
    std::size_t const tag = at + 3, end = end_of_tag(html, tag);
    if (!html.substr(end).starts_with(kEnd)) continue;
    auto const text = html.substr(tag, end - tag);
    if (auto const* picture = picture_at(pictures, address_in(text))) return {at, text, end + kEnd.size(), picture};
  }
  return {};
}

/// Paragraphs that hold nothing but one of our pictures become figures, which may have a caption.
std::string with_figures(std::string_view html, std::vector<ArticlePicture> const& pictures) {
  std::string out;
  out.reserve(html.size() + 64);
  std::size_t done = 0;
  for (auto lone = next_lone_picture(html, 0, pictures); lone.picture; lone = next_lone_picture(html, done, pictures)) {
    out += html.substr(done, lone.begin - done);
    out += "<figure>";
    out += lone.tag;
    if (!lone.picture->caption.empty())
      out += "<figcaption>" + text::escape_text(lone.picture->caption) + "</figcaption>";
    out += "</figure>";
    done = lone.end;
  }
  out += html.substr(done);
  return out;
}

/// A picture elsewhere, or by its own /media/ address: as it is, but loaded late.
std::string with_late_loading(std::string_view tag) {
  std::string out(tag);
  if (out.find(" loading=") != std::string::npos) return out;
  auto const end = out.rfind('>');
  out.insert(end, " loading=\"lazy\" decoding=\"async\"");
  return out;
}

std::string plain_image(media::Picture const& picture, std::string_view alt, std::string_view site_url) {
  auto const* const variant = plain_variant(picture, kInText);
  if (!variant) return {};
  std::string out = "<img";
  append_attribute(out, "src", std::string(site_url) + media_path(variant->blob.str()));
  append_attribute(out, "width", std::to_string(variant->width));
  append_attribute(out, "height", std::to_string(variant->height));
  append_attribute(out, "alt", alt);
  return out + ">";
}

/// `href="/…` and `src="/…` inside of tags get the site's address before them.
std::string with_absolute_addresses(std::string_view html, std::string_view site_url) {
  constexpr std::array<std::string_view, 4> kNames = {" href=\"/", " src=\"/", " poster=\"/", " cite=\"/"};
  std::string out;
  out.reserve(html.size() + 256);
  std::size_t done = 0;
  for (auto at = html.find('<'); at != std::string_view::npos; at = html.find('<', done)) {
    auto const end = end_of_tag(html, at);
    out += html.substr(done, at - done);
    std::string tag(html.substr(at, end - at));
    for (auto const name : kNames)
      if (auto const found = tag.find(name); found != std::string::npos) tag.insert(found + name.size() - 1, site_url);
    out += tag;
    done = end;
  }
  out += html.substr(done);
  return out;
}

}  // namespace

std::string media_path(std::string_view blob) { return "/media/" + std::string(blob); }

media::Variant const* plain_variant(media::Picture const& picture, std::int32_t width) {
  media::Variant const* best = nullptr;
  for (auto const& variant : picture.variants) {
    if (variant.animated || (variant.format != media::Format::jpeg && variant.format != media::Format::png)) continue;
    if (best == nullptr || best->width < width) best = &variant;
  }
  return best;
}

std::string picture_markup(media::Picture const& picture, std::string_view alt, Loading loading) {
  auto const* const variant = plain_variant(picture, kInText);
  if (!variant) return {};
  bool const is_jpeg = variant->format == media::Format::jpeg;
  std::string out = "<picture>";
  if (picture.animated) append_source(out, picture, media::Format::webp, true);
  append_source(out, picture, media::Format::avif, false);
  append_source(out, picture, media::Format::webp, false);
  out += "<img";
  append_attribute(out, "src", media_path(variant->blob.str()));
  append_attribute(out, "srcset", srcset_of(picture, is_jpeg ? media::Format::jpeg : media::Format::png, false));
  append_attribute(out, "sizes", kSizes);
  append_attribute(out, "width", std::to_string(variant->width));
  append_attribute(out, "height", std::to_string(variant->height));
  append_attribute(out, "alt", alt);
  if (loading == Loading::lazy) out += " loading=\"lazy\" decoding=\"async\"";
  return out + "></picture>";
}

std::string shown_html(std::string_view clean_html, std::vector<ArticlePicture> const& pictures) {
  if (clean_html.find("<img") == std::string_view::npos) return std::string(clean_html);
  bool is_first = true;
  return text::rewrite_pictures(with_figures(clean_html, pictures), [&](text::PictureTag const& tag) -> std::string {
    auto const loading = std::exchange(is_first, false) ? Loading::eager : Loading::lazy;
    if (auto const* picture = picture_at(pictures, tag.address))
      return picture_markup(picture->picture, words_for(tag, *picture), loading);
    if (referenced_picture(tag.address) != 0) return {};
    return loading == Loading::eager ? std::string(tag.tag) : with_late_loading(tag.tag);
  });
}

std::string feed_html(std::string_view clean_html, std::vector<ArticlePicture> const& pictures,
                      std::string_view site_url) {
  auto const with_pictures =
      text::rewrite_pictures(with_figures(clean_html, pictures), [&](text::PictureTag const& tag) -> std::string {
        if (auto const* picture = picture_at(pictures, tag.address))
          return plain_image(picture->picture, words_for(tag, *picture), site_url);
        return referenced_picture(tag.address) != 0 ? std::string() : std::string(tag.tag);
      });
  return with_absolute_addresses(with_pictures, site_url);
}

}  // namespace courant::articles
