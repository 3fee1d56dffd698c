// The runner must notice what is wrong: a script that cannot fail shows nothing.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "web/testing.hpp"

using namespace courant;
using namespace courant::web;

namespace {

/// Answers with what it was asked.
class Echo final : public Door {
 public:
  std::variant<Reply, NeedsWorker> answer_now(Request&) override { return NeedsWorker{}; }
  Reply answer(Request& request) override {
    auto const head =
        fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Cookie: {}\r\nSet-Cookie: id=7; Path=/\r\n",
                    request.header("cookie"));
    auto const body =
        fmt::format("{} {} [{}] {{\"a\": [1, \"x\"]}}", name_of(request.method), request.target, request.body.text);
    return {.status = 200,
            .head = std::make_shared<std::string const>(head),
            .body = std::make_shared<std::string const>(request.path == "/json" ? "{\"a\":[1,\"x\"]}" : body)};
  }
  BodyRules body_rules(Request const&) override { return {}; }
  Reply refusal(int) override { return {}; }
};

testing::Outcome play(std::string const& script) {
  Echo echo;
  auto outcome = testing::play(script, ".", {.door = echo, .variables = {{"word", "hello"}}, .advance = {}});
  REQUIRE_MESSAGE(outcome.ok(), (outcome.ok() ? "" : describe(outcome.error())));
  return std::move(*outcome);
}

}  // namespace

TEST_CASE("a script that is right passes") {
  auto const outcome = play(R"(# a comment
### it echoes
POST /x?{{word}}

a=1 2
b=新\nb

HTTP 200
Content-Type: text/plain
Content-Type: ~plain
X-Nothing: -
contains POST /x?hello [a=1+2&b=%E6%96%B0%0Ab]
lacks goodbye
capture id = header Set-Cookie id=([0-9]+)
capture what = body ^(\w+)

### it remembers
GET /json

HTTP 200
X-Cookie: id=7
json /a/1 = "x"
json /b -
capture one = json /a/0

### others do not
as somebody
GET /{{id}}/{{what}}/{{one}}
HTTP 200
X-Cookie: ~
contains GET /7/POST/1 []
)");
  for (auto const& failure : outcome.failures) FAIL_CHECK(fmt::format("{}: {}", failure.line, failure.what));
  CHECK(outcome.blocks == 3);
}

TEST_CASE("a script that is wrong fails, each expectation by itself") {
  for (auto const* line :
       {"HTTP 404", "HTTP 200\nContent-Type: text/html", "HTTP 200\nContent-Type: -", "HTTP 200\nX-Nothing: ~x",
        "HTTP 200\ncontains goodbye", "HTTP 200\nlacks GET", "HTTP 200\njson /a = 1", "HTTP 200\nempty",
        "HTTP 200\ncapture x = body (nothing)", "HTTP 200\ncapture x = header X-Nothing (.*)", "HTTP 200\nnonsense",
        "HTTP 200\ncontains {{unknown}}"}) {
    CAPTURE(line);
    CHECK(play(fmt::format("### x\nGET /x\n\n{}\n", line)).failures.size() == 1);
  }
  CHECK(play("### x\nGET /json\nHTTP 200\njson /a/0 = 2\njson /a -\njson /c = 1\n").failures.size() == 3);
  CHECK(play("### x\ndance\nGET /json\nHTTP 200\n").failures.size() == 1);
}

TEST_CASE("a script that does not follow the format is refused") {
  Echo echo;
  for (auto const* script :
       {"GET /\n", "### x\nGET /\n", "### x\nGET /\nno header\nHTTP 200\n", "### x\nGET /\nHTTP ok\n"}) {
    CAPTURE(script);
    CHECK(!testing::play(script, ".", {.door = echo}).ok());
  }
}
