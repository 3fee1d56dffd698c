#include "text/xml.hpp"

#include <expat.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "text/xml_mend.hpp"

namespace courant::text {
namespace {

constexpr std::size_t kPieceBytes = 16384;
/// Texts that come in many short runs are joined up to about this size.
constexpr std::size_t kTextBytes = 65536;

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

/// expat pushes, we pull: one piece of input is parsed whenever the queue of events runs empty, so no more events wait
/// than one piece can hold.
class XmlReader::Machine {
 public:
  Machine(XmlSource source, XmlOptions options)
      : source_(std::move(source)), options_(options), parser_(XML_ParserCreate(nullptr)) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetEntityDeclHandler(parser_.get(), on_entity_declaration);
  }

  Result<XmlEvent const*> next() {
    while (taken_ == filled_) {
      if (error_) return *error_;
      if (ended_) return finished();
      taken_ = filled_ = 0;
      parse_piece();
    }
    XmlEvent const& event = events_[taken_++];
    if (event.kind == XmlEvent::Kind::start) ++depth_;
    if (event.kind == XmlEvent::Kind::end) --depth_;
    place_ = event.place;
    return &event;
  }

  [[nodiscard]] std::size_t depth() const { return depth_; }
  [[nodiscard]] XmlPlace place() const { return place_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t replaced() const { return mender_.replaced(); }

 private:
  static Machine& self(void* data) { return *static_cast<Machine*>(data); }

  static void on_start(void* data, XML_Char const* name, XML_Char const** attributes) {
    Machine& machine = self(data);
    if (machine.error_) return;
    if (machine.parsed_depth_ == machine.options_.maximal_depth) return machine.fail("text.xml_too_deep", "depth");
    ++machine.parsed_depth_;
    XmlEvent& event = machine.add(XmlEvent::Kind::start);
    event.name = name;
    for (; *attributes; attributes += 2) event.attributes.emplace_back(attributes[0], attributes[1]);
  }

  static void on_end(void* data, XML_Char const* name) {
    Machine& machine = self(data);
    if (machine.error_) return;
    --machine.parsed_depth_;
    machine.add(XmlEvent::Kind::end).name = name;
  }

  static void on_text(void* data, XML_Char const* text, int length) {
    Machine& machine = self(data);
    if (machine.error_) return;
    bool const joins = machine.filled_ > 0 && machine.events_[machine.filled_ - 1].kind == XmlEvent::Kind::text &&
                       machine.events_[machine.filled_ - 1].text.size() < kTextBytes;
    XmlEvent& event = joins ? machine.events_[machine.filled_ - 1] : machine.add(XmlEvent::Kind::text);
    event.text.append(text, static_cast<std::size_t>(length));
  }

  /// Any declaration of an entity, general or parameter, internal or external: nobody who exports articles needs one.
  static void on_entity_declaration(void* data, XML_Char const*, int, XML_Char const*, int, XML_Char const*,
                                    XML_Char const*, XML_Char const*, XML_Char const*) {
    self(data).fail("text.xml_entity", "entity declaration");
  }

  /// Events are used again and again, so that their strings keep their memory.
  XmlEvent& add(XmlEvent::Kind kind) {
    if (filled_ == events_.size()) events_.emplace_back();
    XmlEvent& event = events_[filled_++];
    event.kind = kind;
    event.name.clear();
    event.text.clear();
    event.attributes.clear();
    event.place = kind == XmlEvent::Kind::text ? XmlPlace{} : here();
    return event;
  }

  [[nodiscard]] XmlPlace here() const {
    return {XML_GetCurrentLineNumber(parser_.get()), XML_GetCurrentColumnNumber(parser_.get()) + 1,
            static_cast<std::uint64_t>(std::max<XML_Index>(0, XML_GetCurrentByteIndex(parser_.get())))};
  }

  void fail(std::string message, std::string detail) {
    if (error_) return;
    XmlPlace const place = here();
    Error error = invalid(std::move(message), detail + " at line " + std::to_string(place.line) + ", column " +
                                                  std::to_string(place.column));
    error.arguments = {
        {"line", std::to_string(place.line)}, {"column", std::to_string(place.column)}, {"detail", std::move(detail)}};
    error_ = std::move(error);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void parse_piece() {
    std::array<char, kPieceBytes> buffer;
    Result<std::size_t> const count = source_(buffer);
    if (!count) {
      error_ = count.error();
      return;
    }
    std::size_t const bytes = std::min(*count, buffer.size());
    bytes_read_ += bytes;
    bool const last = bytes == 0;
    std::string_view piece(buffer.data(), bytes);
    if (options_.tolerance == XmlOptions::Tolerance::repair) {
      mended_.clear();
      mender_.mend(piece, last, mended_);
      piece = mended_;
    }
    feed(piece, last);
  }

  void feed(std::string_view piece, bool last) {
    fed_ += piece.size();
    XML_Status const status =
        XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), last ? XML_TRUE : XML_FALSE);
    if (error_) return;
    if (status == XML_STATUS_ERROR) {
      return fail("text.xml_malformed", XML_ErrorString(XML_GetErrorCode(parser_.get())));
    }
    if (last) {
      ended_ = true;
      return;
    }
    XML_Index const parsed = XML_GetCurrentByteIndex(parser_.get());
    if (parsed >= 0 && fed_ - static_cast<std::uint64_t>(parsed) > options_.maximal_token_bytes + 2 * kPieceBytes) {
      fail("text.xml_token_too_long", "token");
    }
  }

  Result<XmlEvent const*> finished() {
    done_.kind = XmlEvent::Kind::done;
    return &done_;
  }

  XmlSource source_;
  XmlOptions options_;
  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  XmlMender mender_;
  std::string mended_;
  std::vector<XmlEvent> events_;
  std::size_t filled_ = 0, taken_ = 0;
  XmlEvent done_;
  std::optional<Error> error_;
  std::size_t parsed_depth_ = 0, depth_ = 0;
  XmlPlace place_;
  std::uint64_t bytes_read_ = 0, fed_ = 0;
  bool ended_ = false;
};

std::string_view XmlEvent::attribute(std::string_view key) const {
  auto const found = std::find_if(attributes.begin(), attributes.end(), [&](auto const& a) { return a.first == key; });
  return found == attributes.end() ? std::string_view{} : std::string_view(found->second);
}

XmlReader::XmlReader(XmlSource source, XmlOptions options)
    : machine_(std::make_unique<Machine>(std::move(source), options)) {}
XmlReader::XmlReader(XmlReader&&) noexcept = default;
XmlReader& XmlReader::operator=(XmlReader&&) noexcept = default;
XmlReader::~XmlReader() = default;

XmlReader XmlReader::of(std::string_view document, XmlOptions options) {
  return XmlReader(
      [document](std::span<char> buffer) mutable -> Result<std::size_t> {
        std::size_t const count = std::min(document.size(), buffer.size());
        std::memcpy(buffer.data(), document.data(), count);
        document.remove_prefix(count);
        return count;
      },
      options);
}

Result<XmlEvent const*> XmlReader::next() { return machine_->next(); }

Result<std::string> XmlReader::read_text(std::size_t limit) {
  std::string text;
  bool too_long = false;
  XmlPlace const begin = place();
  for (std::size_t open = 1; open > 0;) {
    XmlEvent const* const event = TRY(next());
    if (event->kind == XmlEvent::Kind::start) ++open;
    if (event->kind == XmlEvent::Kind::end) --open;
    if (event->kind == XmlEvent::Kind::done) break;
    if (event->kind != XmlEvent::Kind::text || too_long) continue;
    too_long = text.size() + event->text.size() > limit;
    if (!too_long) text += event->text;
  }
  if (!too_long) return text;
  Error error = invalid("text.xml_text_too_long");
  error.arguments = {{"line", std::to_string(begin.line)}, {"column", std::to_string(begin.column)}, {"detail", ""}};
  return error;
}

Done XmlReader::skip() {
  for (std::size_t open = 1; open > 0;) {
    XmlEvent const* const event = TRY(next());
    if (event->kind == XmlEvent::Kind::start) ++open;
    if (event->kind == XmlEvent::Kind::end) --open;
    if (event->kind == XmlEvent::Kind::done) break;
  }
  return {};
}

std::size_t XmlReader::depth() const { return machine_->depth(); }
XmlPlace XmlReader::place() const { return machine_->place(); }
std::uint64_t XmlReader::bytes_read() const { return machine_->bytes_read(); }
std::uint64_t XmlReader::replaced() const { return machine_->replaced(); }

std::string_view local_name(std::string_view name) {
  std::size_t const colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace courant::text
