#include "web/form.hpp"

#include "base/json.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"

namespace courant::web {
namespace {

using FieldList = std::vector<std::pair<std::string, std::string>>;

/// Browsers send CRLF (WHATWG HTML section 4.10.22); we keep LF.
std::string with_line_feeds(std::string text) {
  auto const at = text.find('\r');
  if (at == std::string::npos) return text;
  std::string out = text.substr(0, at);
  for (std::size_t i = at; i < text.size(); ++i)
    if (text[i] != '\r')
      out += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      out += '\n';
  return out;
}

Result<FieldList> from_urlencoded(std::string_view body) {
  constexpr std::size_t kMost = 64u << 20;  // the body's own limit is the route's, and has been kept already
  auto const parsed = TRY(text::parse_form(body, {.maximal_bytes = kMost, .maximal_value_bytes = kMost}));
  FieldList fields;
  for (auto const& [name, value] : parsed) fields.emplace_back(name, value);
  return fields;
}

void add_json(FieldList& fields, std::string_view name, json::Value const& value) {
  if (value.is_null()) return;
  if (value.is_string()) {
    fields.emplace_back(name, std::string_view(value.get_string()));
  } else if (value.is_bool()) {
    fields.emplace_back(name, value.get_bool() ? "1" : "");
  } else if (value.is_array()) {
    for (auto const& each : value.get_array()) add_json(fields, name, each);
  } else {
    fields.emplace_back(name, json::write(value));
  }
}

/// An API's JSON object as the form that it stands for: arrays are repeated fields, true is a checked box.
Result<FieldList> from_json(std::string_view body) {
  auto const value = TRY(json::parse(body));
  if (!value.is_object()) return invalid("web.not_a_form", "a JSON body that is no object");
  FieldList fields;
  for (auto const& [name, each] : value.get_object()) add_json(fields, name, each);
  return fields;
}

Result<FieldList> fields_of(Request const& request) {
  if (!request.body.fields.empty() || !request.body.uploads.empty()) {
    for (auto const& [name, value] : request.body.fields)
      if (!text::is_utf8(name) || !text::is_utf8(value))
        return invalid("web.not_utf8", "a multipart field is not UTF-8");
    return request.body.fields;
  }
  if (request.body.text.empty()) return FieldList{};
  auto const type = request.header("content-type");
  auto const essence = type.substr(0, type.find_first_of("; "));
  if (same_without_case(essence, "application/x-www-form-urlencoded")) return from_urlencoded(request.body.text);
  if (same_without_case(essence, "application/json")) return from_json(request.body.text);
  return invalid("web.not_a_form", "a body that is no form");
}

}  // namespace

Result<Form> Form::read(Request const& request) {
  Form form;
  form.fields_ = TRY(fields_of(request));
  for (auto& [name, value] : form.fields_) value = with_line_feeds(std::move(value));
  form.uploads_ = &request.body.uploads;
  return form;
}

std::string_view Form::text(std::string_view name) const {
  for (auto each = fields_.rbegin(); each != fields_.rend(); ++each)
    if (each->first == name) return each->second;
  return {};
}

std::string_view Form::trimmed(std::string_view name) const { return text::trim(text(name)); }

std::vector<std::string_view> Form::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (auto const& [each, value] : fields_)
    if (each == name) values.emplace_back(value);
  return values;
}

bool Form::checked(std::string_view name) const { return !text(name).empty(); }

Upload const* Form::upload(std::string_view name) const {
  auto const found = uploads(name);
  return found.empty() ? nullptr : found.front();
}

std::vector<Upload const*> Form::uploads(std::string_view name) const {
  std::vector<Upload const*> found;
  if (uploads_ == nullptr) return found;
  // A file input that was left empty arrives as an upload without name and bytes.
  for (auto const& upload : *uploads_)
    if (upload.field == name && (upload.bytes > 0 || !upload.file_name.empty())) found.push_back(&upload);
  return found;
}

void Form::complain(std::string field, std::string message, MessageArguments arguments) {
  complaints_.push_back({std::move(field), std::move(message), std::move(arguments)});
}

Done Form::verdict() const {
  if (complaints_.empty()) return {};
  return invalid(complaints_);
}

}  // namespace courant::web
