#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <regex>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "text/query.hpp"
#include "web/compress.hpp"
#include "web/testing.hpp"
#include "web/testing/script.hpp"

namespace courant::web::testing {
namespace {

using CookieJar = std::map<std::string, std::string>;

/// What came back, taken apart.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  [[nodiscard]] std::string const* header(std::string_view name) const {
    for (auto const& [each, value] : headers)
      if (same_without_case(each, name)) return &value;
    return nullptr;
  }
};

Result<std::string> decoded_body(Reply const& reply, Answer const& answer) {
  if (reply.file) {
    std::ifstream file(reply.file->path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  if (!reply.body) return std::string{};
  auto const* const encoding = answer.header("Content-Encoding");
  if (encoding == nullptr) return *reply.body;
  // The last four bytes of gzip are the length (RFC 1952 section 2.3.1).
  if (*encoding != "gzip" || reply.body->size() < 18) return broken("an encoding that scripts do not read");
  auto const tail = std::string_view(*reply.body).substr(reply.body->size() - 4);
  std::uint32_t bytes = 0;
  for (int i = 3; i >= 0; --i) bytes = bytes << 8 | static_cast<unsigned char>(tail[static_cast<std::size_t>(i)]);
  return gunzip(*reply.body, bytes);
}

Result<Answer> taken_apart(Reply const& reply) {
  Answer answer{.status = reply.status};
  std::string_view rest = *reply.head;
  while (!rest.empty()) {
    auto const end = rest.find("\r\n");
    auto const line = rest.substr(0, end);
    if (auto const colon = line.find(": "); colon != std::string_view::npos)
      answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  answer.body = TRY(decoded_body(reply, answer));
  return answer;
}

void keep_cookies(CookieJar& jar, Answer const& answer) {
  for (auto const& [name, value] : answer.headers) {
    if (!same_without_case(name, "Set-Cookie")) continue;
    auto const equals = value.find('=');
    auto const end = value.find(';');
    auto const cookie = value.substr(0, equals);
    if (value.find("Max-Age=0") != std::string::npos)
      jar.erase(cookie);
    else
      jar[cookie] = value.substr(equals + 1, end == std::string::npos ? end : end - equals - 1);
  }
}

std::string lines_joined(std::vector<std::string> const& lines) {
  std::string out;
  for (auto const& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

std::string with_line_ends(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (value.substr(i, 2) == "\\n") {
      out += '\n';
      ++i;
    } else {
      out += value[i];
    }
  return out;
}

class Player {
 public:
  Player(std::filesystem::path const& folder, Stage stage) : folder_(folder), stage_(std::move(stage)) {}

  Outcome outcome;

  void play(Block const& block) {
    ++outcome.blocks;
    block_ = &block;
    for (auto const& line : block.before) before(line);
    auto const answer = ask();
    if (!answer.ok()) return fail(block.line, describe(answer.error()));
    if (answer->status != block.status)
      fail(block.line,
           fmt::format("status {} instead of {}; body: {}", answer->status, block.status, answer->body.substr(0, 400)));
    for (auto const& line : block.expectations) expect(line, *answer);
  }

 private:
  std::filesystem::path const& folder_;
  Stage stage_;
  Block const* block_ = nullptr;
  std::map<std::string, CookieJar> jars_;
  std::string person_;

  void fail(int line, std::string what) { outcome.failures.push_back({line, block_->name, std::move(what)}); }

  /// With every {{NAME}} replaced.
  std::string filled(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      auto const open = text.find("{{");
      auto const close = open == std::string_view::npos ? open : text.find("}}", open);
      if (close == std::string_view::npos) break;
      out += text.substr(0, open);
      auto const name = text.substr(open + 2, close - open - 2);
      auto const found = stage_.variables.find(name);
      if (found == stage_.variables.end())
        fail(block_->line, fmt::format("there is no {{{{{}}}}}", name));
      else
        out += found->second;
      text.remove_prefix(close + 2);
    }
    return out.append(text);
  }

  void before(Line const& line) {
    auto const text = filled(line.text);
    if (text.starts_with("as ")) {
      person_ = text.substr(3);
    } else if (text == "forget") {
      jars_[person_].clear();
    } else if (text.starts_with("advance ") && stage_.advance) {
      stage_.advance(std::chrono::seconds(std::atoll(text.c_str() + 8)));
    } else {
      fail(line.number, fmt::format("not understood: {}", text));
    }
  }

  // ---- asking

  Result<Answer> ask() {
    Request request;
    request.method = method_named(block_->method);
    auto const target = filled(block_->target);
    request.target = target;
    auto const question = target.find('?');
    request.path = request.target.substr(0, question);
    if (question != std::string::npos) request.query = request.target.substr(question + 1);
    request.client = "127.0.0.1";
    auto headers = headers_to_send();
    TRY(fill_body(request, headers));
    for (auto const& [name, value] : headers) request.headers.push_back({name, value});
    auto answer = TRY(taken_apart(answered(request)));
    keep_cookies(jars_[person_], answer);
    return answer;
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;

  Headers headers_to_send() {
    Headers headers{{"Host", "localhost:8080"}};
    bool origin_said = false;
    bool const reads = block_->method == "GET" || block_->method == "HEAD";
    for (auto const& [name, value] : block_->headers) {
      if (same_without_case(name, "Sec-Fetch-Site")) origin_said = true;
      if (value != "-") headers.emplace_back(name, filled(value));
    }
    if (!reads && !origin_said) headers.emplace_back("Sec-Fetch-Site", "same-origin");
    std::string cookies;
    for (auto const& [name, value] : jars_[person_])
      cookies += fmt::format("{}{}={}", cookies.empty() ? "" : "; ", name, value);
    if (!cookies.empty()) headers.emplace_back("Cookie", cookies);
    return headers;
  }

  Done fill_body(Request& request, Headers& headers) {
    for (auto const& [name, value] : headers)
      if (same_without_case(name, "Content-Type")) {
        request.body.text = filled(lines_joined(block_->body));
        return {};
      }
    bool const uploads =
        std::ranges::any_of(block_->body, [](auto const& line) { return line.find("=@file:") != std::string::npos; });
    text::Fields fields;
    for (auto const& line : block_->body) {
      auto const equals = line.find('=');
      if (equals == std::string::npos) return invalid("", fmt::format("a field without =: {}", line));
      auto const name = filled(line.substr(0, equals));
      auto const value = filled(line.substr(equals + 1));
      if (value.starts_with("@file:")) {
        request.body.uploads.push_back(TRY(upload(name, folder_ / value.substr(6))));
      } else if (uploads) {
        request.body.fields.emplace_back(name, with_line_ends(value));
      } else {
        fields.add(name, with_line_ends(value));
      }
    }
    if (uploads || fields.empty()) return {};
    request.body.text = text::write_query(fields);
    headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return {};
  }

  /// A copy, since the body deletes its uploads.
  static Result<Upload> upload(std::string name, std::filesystem::path const& file) {
    auto const copy =
        std::filesystem::temp_directory_path() / fmt::format("courant-upload-{}", crypto::random_token(9));
    std::error_code error;
    std::filesystem::copy_file(file, copy, error);
    if (error) return invalid("", fmt::format("{}: {}", file.string(), error.message()));
    return Upload{.field = std::move(name),
                  .file_name = file.filename().string(),
                  .content_type = "application/octet-stream",
                  .path = copy,
                  .bytes = static_cast<std::int64_t>(std::filesystem::file_size(copy))};
  }

  /// As net does it: from memory on the I/O thread, else on a worker.
  Reply answered(Request& request) {
    bool const has_body = !request.body.text.empty() || !request.body.fields.empty() || !request.body.uploads.empty();
    if (!has_body) {
      auto now = stage_.door.answer_now(request);
      if (auto* const reply = std::get_if<Reply>(&now)) return std::move(*reply);
    }
    return stage_.door.answer(request);
  }

  // ---- expecting

  void expect(Line const& line, Answer const& answer) {
    auto const text = filled(line.text);
    auto const rest_after = [&](std::string_view word) { return text.substr(word.size()); };
    if (text.starts_with("contains ")) return expect_text(line, answer, rest_after("contains "), Presence::there);
    if (text.starts_with("lacks ")) return expect_text(line, answer, rest_after("lacks "), Presence::absent);
    if (text.starts_with("json ")) return expect_json(line, answer, rest_after("json "));
    if (text.starts_with("capture ")) return capture(line, answer, rest_after("capture "));
    if (text == "empty") {
      if (!answer.body.empty()) fail(line.number, "the body is not empty");
      return;
    }
    auto const colon = text.find(": ");
    if (colon == std::string::npos) return fail(line.number, fmt::format("not understood: {}", text));
    expect_header(line, answer, text.substr(0, colon), text.substr(colon + 2));
  }

  enum class Presence : std::uint8_t { there, absent };

  void expect_text(Line const& line, Answer const& answer, std::string const& part, Presence wanted) {
    bool const there = answer.body.find(part) != std::string::npos;
    if (there != (wanted == Presence::there))
      fail(line.number,
           fmt::format("the body {} {}; body: {}", there ? "contains" : "lacks", part, answer.body.substr(0, 4000)));
  }

  void expect_header(Line const& line, Answer const& answer, std::string const& name, std::string const& wanted) {
    auto const* const value = answer.header(name);
    if (wanted == "-") {
      if (value != nullptr) fail(line.number, fmt::format("{} is there: {}", name, *value));
      return;
    }
    if (value == nullptr) return fail(line.number, fmt::format("{} is absent", name));
    bool const right = wanted.starts_with('~') ? value->find(wanted.substr(1)) != std::string::npos : *value == wanted;
    if (!right) fail(line.number, fmt::format("{} is {}", name, *value));
  }

  json::Value const* at_pointer(json::Value const& whole, std::string_view pointer) {
    boost::system::error_code error;
    return whole.find_pointer(pointer, error);
  }

  void expect_json(Line const& line, Answer const& answer, std::string const& text) {
    auto const space = text.find(' ');
    if (space == std::string::npos) return fail(line.number, "json /pointer = VALUE");
    auto const whole = json::parse(answer.body);
    if (!whole.ok()) return fail(line.number, fmt::format("the body is no JSON: {}", answer.body.substr(0, 400)));
    auto const* const value = at_pointer(*whole, text.substr(0, space));
    auto const rest = text.substr(space + 1);
    if (rest == "-") {
      if (value != nullptr) fail(line.number, fmt::format("there is {}", json::write(*value)));
      return;
    }
    if (value == nullptr)
      return fail(line.number,
                  fmt::format("there is nothing at {} in {}", text.substr(0, space), answer.body.substr(0, 1000)));
    auto const wanted = json::parse(rest.starts_with("= ") ? rest.substr(2) : rest);
    if (!wanted.ok()) return fail(line.number, "the wanted value is no JSON");
    if (*value != *wanted) fail(line.number, fmt::format("it is {}", json::write(*value)));
  }

  void capture(Line const& line, Answer const& answer, std::string const& text) {
    auto const equals = text.find(" = ");
    if (equals == std::string::npos) return fail(line.number, "capture NAME = …");
    auto const name = text.substr(0, equals);
    auto const from = text.substr(equals + 3);
    if (from.starts_with("json ")) return capture_json(line, answer, name, from.substr(5));
    if (from.starts_with("body ")) return capture_match(line, answer.body, name, from.substr(5));
    if (!from.starts_with("header ")) return fail(line.number, "capture from header, body or json");
    auto const space = from.find(' ', 7);
    auto const* const value = answer.header(from.substr(7, space - 7));
    if (value == nullptr || space == std::string::npos) return fail(line.number, "the header field is absent");
    capture_match(line, *value, name, from.substr(space + 1));
  }

  void capture_json(Line const& line, Answer const& answer, std::string const& name, std::string const& pointer) {
    auto const whole = json::parse(answer.body);
    auto const* const value = whole.ok() ? at_pointer(*whole, pointer) : nullptr;
    if (value == nullptr) return fail(line.number, fmt::format("there is nothing at {}", pointer));
    stage_.variables[name] = value->is_string() ? std::string(value->get_string()) : json::write(*value);
  }

  void capture_match(Line const& line, std::string const& in, std::string const& name, std::string const& expression) {
    try {
      std::smatch match;
      if (!std::regex_search(in, match, std::regex(expression)) || match.size() < 2)
        return fail(line.number, fmt::format("{} finds nothing in {}", expression, in.substr(0, 4000)));
      stage_.variables[name] = match[1];
    } catch (std::regex_error const& error) {
      fail(line.number, fmt::format("{}: {}", expression, error.what()));
    }
  }
};

}  // namespace

Result<Outcome> play(std::string_view script, std::filesystem::path const& folder, Stage stage) {
  auto const blocks = TRY(read_script(script));
  Player player(folder, std::move(stage));
  for (auto const& block : blocks) player.play(block);
  return std::move(player.outcome);
}

}  // namespace courant::web::testing
