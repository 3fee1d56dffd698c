#include "features/syndication/feed.hpp"

#include <algorithm>

#include "features/syndication/xml.hpp"

namespace courant::syndication {
namespace {

void add_rss_item(Xml& xml, Entry const& entry) {
  xml.open("item");
  xml.text("title", entry.title);
  xml.text("link", entry.address);
  xml.text("guid", entry.id, {{"isPermaLink", "true"}});
  xml.text("pubDate", rfc822(entry.published_at));
  if (!entry.author_name.empty()) xml.text("dc:creator", entry.author_name);
  for (auto const& tag : entry.tags) xml.text("category", tag);
  xml.text("description", entry.summary);
  if (!entry.html.empty()) xml.text("content:encoded", entry.html);
  xml.close("item");
}

/// RFC 4287 section 4.1.2.
void add_atom_entry(Xml& xml, Entry const& entry) {
  xml.open("entry", entry.language.empty() ? Xml::Attributes{} : Xml::Attributes{{"xml:lang", entry.language}});
  xml.text("id", entry.id);
  xml.text("title", entry.title);
  xml.empty("link", {{"rel", "alternate"}, {"type", "text/html"}, {"href", entry.address}});
  xml.text("published", rfc3339(entry.published_at));
  xml.text("updated", rfc3339(entry.changed_at));
  xml.open("author");
  xml.text("name", entry.author_name);
  if (!entry.author_address.empty()) xml.text("uri", entry.author_address);
  xml.close("author");
  for (auto const& tag : entry.tags) xml.empty("category", {{"term", tag}});
  if (!entry.summary.empty()) xml.text("summary", entry.summary);
  if (!entry.html.empty()) xml.text("content", entry.html, {{"type", "html"}});
  xml.close("entry");
}

}  // namespace

Time changed_at(Feed const& feed) {
  Time newest = feed.began_at;
  for (auto const& entry : feed.entries) newest = std::max(newest, entry.changed_at);
  return newest;
}

std::string write_rss(Feed const& feed) {
  Xml xml;
  xml.open("rss", {{"version", "2.0"},
                   {"xmlns:atom", "http://www.w3.org/2005/Atom"},
                   {"xmlns:content", "http://purl.org/rss/1.0/modules/content/"},
                   {"xmlns:dc", "http://purl.org/dc/elements/1.1/"}});
  xml.open("channel");
  xml.text("title", feed.title);
  xml.text("link", feed.page_address);
  xml.text("description", feed.description);
  xml.text("language", feed.language);
  xml.text("lastBuildDate", rfc822(changed_at(feed)));
  xml.empty("atom:link", {{"rel", "self"}, {"type", "application/rss+xml"}, {"href", feed.own_address}});
  for (auto const& entry : feed.entries) add_rss_item(xml, entry);
  xml.close("channel");
  xml.close("rss");
  return xml.take();
}

std::string write_atom(Feed const& feed) {
  Xml xml;
  xml.open("feed", {{"xmlns", "http://www.w3.org/2005/Atom"}, {"xml:lang", feed.language}});
  xml.text("id", feed.own_address);
  xml.text("title", feed.title);
  if (!feed.description.empty()) xml.text("subtitle", feed.description);
  xml.text("updated", rfc3339(changed_at(feed)));
  xml.empty("link", {{"rel", "self"}, {"type", "application/atom+xml"}, {"href", feed.own_address}});
  xml.empty("link", {{"rel", "alternate"}, {"type", "text/html"}, {"href", feed.page_address}});
  for (auto const& entry : feed.entries) add_atom_entry(xml, entry);
  xml.close("feed");
  return xml.take();
}

}  // namespace courant::syndication
