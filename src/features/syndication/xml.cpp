#include "features/syndication/xml.hpp"

#include "text/xml_write.hpp"

namespace courant::syndication {

Xml::Xml() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

void Xml::open(std::string_view name, Attributes const& attributes) {
  tag(name, attributes);
  out_ += ">\n";
}

void Xml::close(std::string_view name) {
  out_ += "</";
  out_ += name;
  out_ += ">\n";
}

void Xml::text(std::string_view name, std::string_view text, Attributes const& attributes) {
  tag(name, attributes);
  out_ += '>';
  text::append_escaped_text(out_, text::strip_xml_forbidden(text));
  close(name);
}

void Xml::empty(std::string_view name, Attributes const& attributes) {
  tag(name, attributes);
  out_ += "/>\n";
}

void Xml::tag(std::string_view name, Attributes const& attributes) {
  out_ += '<';
  out_ += name;
  for (auto const& [key, value] : attributes) {
    out_ += ' ';
    out_ += key;
    out_ += "=\"";
    text::append_escaped_attribute(out_, text::strip_xml_forbidden(value));
    out_ += '"';
  }
}

}  // namespace courant::syndication
