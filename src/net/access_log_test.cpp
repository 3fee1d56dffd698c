#include "net/access_log.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

namespace courant::net {
namespace {

std::string read(std::filesystem::path const& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

AccessLine const kLine{.client = "192.0.2.1",
                       .time = "22/Nov/2026:15:04:05 +0000",
                       .method = "GET",
                       .target = "/a/1",
                       .status = 200,
                       .bytes = 5120,
                       .referrer = "https://x.example/",
                       .agent = "me",
                       .taken = 1'000'123us};

}  // namespace

TEST_CASE("a line has the combined format and the time taken") {
  std::string out;
  append_line(out, kLine);
  CHECK(out ==
        "192.0.2.1 - - [22/Nov/2026:15:04:05 +0000] \"GET /a/1 HTTP/1.1\" 200 5120 \"https://x.example/\" \"me\" "
        "1.000123\n");
}

TEST_CASE("the time is written as logs have it") {
  CHECK(log_time(*parse_time("2026-11-02T05:04:09Z")) == "02/Nov/2026:05:04:09 +0000");
}

TEST_CASE("whatever was sent, a line stays one line") {
  auto line = kLine;
  line.target = "/\"\\\n\x1b\x7f\xe4";
  line.referrer = {};
  line.agent = "a\" \"b\r\nc";
  std::string out;
  append_line(out, line);
  CHECK(out.find("\"GET /\\x22\\x5C\\x0A\\x1B\\x7F\\xE4 HTTP/1.1\"") != std::string::npos);
  CHECK(out.find("\"-\" \"a\\x22 \\x22b\\x0D\\x0Ac\"") != std::string::npos);
  CHECK(out.find('\n') == out.size() - 1);
}

TEST_CASE("values that may be secrets are not written") {
  auto line = kLine;
  line.target = "/sign-in?next=/a&reset_Token=abc&q=x&%74oken=abc&code=1&flag";
  line.referrer = "https://x.example/?api_key=abc";
  std::string out;
  append_line(out, line);
  CHECK(out.find("/sign-in?next=/a&reset_Token=-&q=x&%74oken=-&code=-&flag ") != std::string::npos);
  CHECK(out.find("\"https://x.example/?api_key=-\"") != std::string::npos);
  CHECK(out.find("abc") == std::string::npos);
}

TEST_CASE("lines are written whole, also after the file was moved away") {
  auto const folder = std::filesystem::temp_directory_path() / ("courant-log-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  auto const path = folder / "access.log";
  {
    auto log = AccessLog::open(path);
    REQUIRE(log.ok());
    std::string lines = "one\n";
    (*log)->hand_over(lines);
    CHECK(lines.empty());
  }
  CHECK(read(path) == "one\n");
  {
    auto log = AccessLog::open(path);
    REQUIRE(log.ok());
    std::filesystem::rename(path, folder / "old.log");
    (*log)->reopen();
    std::string lines = "two\n";
    (*log)->hand_over(lines);
  }
  // The writer opens anew before it writes what came after the request to reopen.
  CHECK(read(path) == "two\n");
  CHECK(read(folder / "old.log") == "one\n");
  CHECK_FALSE(AccessLog::open(folder / "absent" / "access.log").ok());
  std::filesystem::remove_all(folder);
}

}  // namespace courant::net
