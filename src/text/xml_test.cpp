#include "text/xml.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "text/test_data.hpp"

using namespace courant;
using namespace courant::text;

namespace {

/// "<a x=1>text</a>" of the events, or "error line:column message".
std::string read(XmlReader reader) {
  std::string out;
  while (true) {
    Result<XmlEvent const*> const event = reader.next();
    if (!event) {
      std::string where;
      for (auto const& [name, value] : event.error().arguments) {
        if (name != "detail") where += (where.empty() ? "" : ":") + value;
      }
      return out + "|" + event.error().message + " " + where;
    }
    switch ((*event)->kind) {
      case XmlEvent::Kind::start:
        out += "<" + (*event)->name;
        for (auto const& [name, value] : (*event)->attributes) out += " " + name + "=" + value;
        out += ">";
        break;
      case XmlEvent::Kind::end:
        out += "</" + (*event)->name + ">";
        break;
      case XmlEvent::Kind::text:
        out += (*event)->text;
        break;
      case XmlEvent::Kind::done:
        return out;
    }
  }
}

XmlReader in_pieces(std::string_view document, std::size_t piece, XmlOptions options = {}) {
  return XmlReader(
      [document, piece](std::span<char> buffer) mutable -> Result<std::size_t> {
        std::size_t const count = std::min({document.size(), buffer.size(), piece});
        std::memcpy(buffer.data(), document.data(), count);
        document.remove_prefix(count);
        return count;
      },
      options);
}

XmlOptions strict() {
  XmlOptions options;
  options.tolerance = XmlOptions::Tolerance::strict;
  return options;
}

}  // namespace

TEST_CASE("events come in document order, in pieces of any size") {
  std::string const document =
      "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE rss>\n<rss a='1&amp;2'><!-- c --><wp:id>7</wp:id>"
      "<t>中&#20013;&nbsp;x & y<![CDATA[<raw> &amp; &#1; & ]]></t><e/></rss>";
  std::string const expected = "<rss a=1&2><wp:id>7</wp:id><t>中中\u00A0x & y<raw> &amp; &#1; & </t><e></e></rss>";
  for (std::size_t const piece : {1u, 2u, 3u, 7u, 100u, 100000u}) CHECK(read(in_pieces(document, piece)) == expected);
  CHECK(local_name("wp:id") == "id");
  CHECK(local_name("id") == "id");
}

TEST_CASE("what files of the wild hold is mended and counted, unless the reader is strict") {
  auto const mended = [](std::string_view document) {
    XmlReader reader = XmlReader::of(document);
    for (Result<XmlEvent const*> event = reader.next(); event.ok() && (*event)->kind != XmlEvent::Kind::done;) {
      event = reader.next();
    }
    return reader.replaced();
  };
  CHECK(read(XmlReader::of("<a>x\x01y\x0B</a>")) == "<a>x\uFFFDy\uFFFD</a>");
  CHECK(mended("<a>x\x01y\x0B</a>") == 2);
  CHECK(read(XmlReader::of("<a>\xFF\xE4\xB8</a>")) == "<a>\uFFFD\uFFFD</a>");
  CHECK(read(XmlReader::of("<a b='&#0;'>&#x1F;&#xFFFE;</a>")) == "<a b=\uFFFD>\uFFFD\uFFFD</a>");
  CHECK(read(XmlReader::of("\n\n <?xml version=\"1.0\"?><a/>")) == "<a></a>");
  CHECK(read(XmlReader::of("<a b='?x=1&y=2'>R&D &copy; &unknown;</a>")) == "<a b=?x=1&y=2>R&D © &unknown;</a>");
  CHECK(read(XmlReader::of("<a>&#60;b&#62;</a>")) == "<a><b></a>");
  CHECK(read(XmlReader::of("<a>x\x01</a>", strict())) == "<a>x|text.xml_malformed 1:5");
  CHECK(read(XmlReader::of("<a>&nbsp;</a>", strict())).find("text.xml_malformed") != std::string::npos);
  CHECK(read(XmlReader::of("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4\x02</a>")) == "<a>ä?</a>");
  CHECK(read(XmlReader::of(std::string_view("\xFF\xFE<\0a\0>\0\x2D\x4E<\0/\0a\0>\0", 18))) == "<a>中</a>");
}

TEST_CASE("entity declarations are refused whatever they say") {
  for (std::string_view const subset : {"<!ENTITY a 'b'>", "<!ENTITY a SYSTEM 'file:///etc/passwd'>",
                                        "<!ENTITY % a 'b'>", "<!ENTITY % a SYSTEM 'http://x/'> %a;"}) {
    std::string const document = "<!DOCTYPE x [" + std::string(subset) + "]><x>&a;</x>";
    CHECK(read(XmlReader::of(document)).find("text.xml_entity") != std::string::npos);
    CHECK(read(XmlReader::of(document, strict())).find("text.xml_entity") != std::string::npos);
  }
}

TEST_CASE("depth and tokens are bounded") {
  XmlOptions options;
  options.maximal_depth = 3;
  options.maximal_token_bytes = 50000;
  CHECK(read(XmlReader::of("<a><b><c></c></b></a>", options)) == "<a><b><c></c></b></a>");
  CHECK(read(XmlReader::of("<a><b><c><d/></c></b></a>", options)) == "<a><b><c>|text.xml_too_deep 1:10");
  std::string const huge = "<a b='" + std::string(200000, 'x') + "'/>";
  CHECK(read(XmlReader::of(huge, options)).find("text.xml_token_too_long") != std::string::npos);
  std::string const text = "<a>" + std::string(200000, 'x') + "</a>";
  CHECK(read(XmlReader::of(text, options)) == text);
}

TEST_CASE("a document cut short gives its events, then an error with its place, and stays so") {
  XmlReader reader = XmlReader::of("<a>\n<b>x</b>\n<c>");
  std::size_t events = 0;
  while (reader.next().ok()) ++events;
  CHECK(events >= 6);
  CHECK(reader.next().error().message == "text.xml_malformed");
  CHECK(reader.next().error().arguments[0].second == "3");
  CHECK(read(XmlReader::of("")).find("text.xml_malformed") != std::string::npos);
}

TEST_CASE("an error of the source is passed on") {
  XmlReader reader([](std::span<char>) -> Result<std::size_t> { return unavailable("disk"); });
  CHECK(reader.next().error().kind == ErrorKind::unavailable);
}

TEST_CASE("texts are read whole, skipped, or refused when too long without losing the place") {
  XmlReader reader = XmlReader::of("<r><a>one <i>two</i></a><b>long text</b><c><d/>x</c><e>end</e></r>");
  auto const start = [&](std::string_view name) {
    Result<XmlEvent const*> const event = reader.next();
    REQUIRE(event.ok());
    REQUIRE((*event)->name == name);
  };
  start("r");
  start("a");
  CHECK(reader.depth() == 2);
  CHECK(*reader.read_text(100) == "one two");
  start("b");
  CHECK(reader.read_text(4).error().message == "text.xml_text_too_long");
  start("c");
  CHECK(reader.skip().ok());
  start("e");
  CHECK(*reader.read_text(100) == "end");
  CHECK(reader.depth() == 1);
}

TEST_CASE("a gigabyte would not need more memory than a piece: texts come in pieces") {
  std::size_t left = 4000, longest = 0, total = 0;
  bool first = true;
  XmlReader reader([&](std::span<char> buffer) -> Result<std::size_t> {
    std::string_view piece = left == 0 ? "" : first ? "<a>" : left == 1 ? "</a>" : "0123456789 & <b>x</b> ";
    first = false;
    left -= left > 0;
    std::memcpy(buffer.data(), piece.data(), piece.size());
    return piece.size();
  });
  while (true) {
    Result<XmlEvent const*> const event = reader.next();
    REQUIRE(event.ok());
    if ((*event)->kind == XmlEvent::Kind::done) break;
    longest = std::max(longest, (*event)->text.size());
    total += (*event)->text.size();
  }
  CHECK(longest < 1000);
  CHECK(total == 3998 * 15);
  CHECK(reader.replaced() == 3998);
}

TEST_CASE("real exports are read to their end, hostile ones refused") {
  auto const data = test_data::Unpacked::open("import/wxr.tar.zst");
  auto const hostile = test_data::Unpacked::open("generated-hostile.tar.zst");
  if (!data || !hostile) {
    MESSAGE("skipped: COURANT_TEST_DATA is not set or lacks the files");
    return;
  }
  std::size_t count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(data->path())) {
    if (entry.path().extension() != ".xml") continue;
    std::string const document = test_data::contents(entry.path());
    bool const broken = entry.path().filename() == "malformed.xml";
    CHECK_MESSAGE((read(XmlReader::of(document)).find("|text.xml_malformed") != std::string::npos) == broken,
                  entry.path().string());
    ++count;
  }
  CHECK(count >= 30);
  for (char const* const name : {"wxr-xxe.xml", "wxr-quadratic-blowup.xml", "wxr-billion-laughs.xml"}) {
    for (auto const& entry : std::filesystem::recursive_directory_iterator(hostile->path())) {
      if (entry.path().filename() != name) continue;
      std::string const document = test_data::contents(entry.path());
      CHECK(read(XmlReader::of(document)).find("text.xml_entity") != std::string::npos);
    }
  }
}
