#include <doctest/doctest.h>

#include <set>

#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

using namespace courant;

namespace {
struct Apple;
Result<int> half(int n) {
  if (n % 2) return invalid("odd");
  return n / 2;
}
Result<int> quarter(int n) { return TRY(half(TRY(half(n)))); }
Done check(int n) {
  TRY(half(n));
  return {};
}
}  // namespace

TEST_CASE("TRY passes a value on and an error up") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().message == "odd");
  CHECK(check(2).ok());
  CHECK(check(3).error().kind == ErrorKind::invalid);
}

TEST_CASE("ids rise, differ, and carry their time and node") {
  ManualClock clock(Time{1'800'000'000'000'000});
  IdSource ids(clock, 5);
  std::set<std::int64_t> seen;
  std::int64_t last = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto const id = ids.next<Apple>().value;
    CHECK(id > last);
    last = id;
    seen.insert(id);
  }
  CHECK(seen.size() == 10'000);
  clock.set(Time{1'700'000'000'000'000});  // the clock goes back, ids do not
  CHECK(ids.next<Apple>().value > last);
  CHECK((last >> 12 & 1023) == 5);
  CHECK(IdSource::time_of(IdSource::floor_at(Time{1'800'000'000'000'000})) == Time{1'800'000'000'000'000});
}

TEST_CASE("an id reads only what it writes") {
  CHECK(Id<Apple>::parse("42") == Id<Apple>{42});
  for (auto const* bad : {"", "0", "-1", "01", "4x", "99999999999999999999", "+1", " 1"})
    CHECK_FALSE(Id<Apple>::parse(bad));
}

TEST_CASE("times are written and read as the standards say") {
  Time const time{1'795'359'845'000'000};
  CHECK(rfc3339(time) == "2026-11-22T15:04:05Z");
  CHECK(http_date(time) == "Sun, 22 Nov 2026 15:04:05 GMT");
  CHECK(*parse_http_date("Sun, 22 Nov 2026 15:04:05 GMT") == time);
  CHECK_FALSE(parse_http_date("2026-11-22").ok());
  for (auto const* same :
       {"2026-11-22T15:04:05Z", "2026-11-22T23:04:05+08:00", "2026-11-22 15:04:05", "Sun, 22 Nov 2026 15:04:05 +0000",
        "Sun, 22 Nov 2026 23:04:05 +0800", "2026-11-22T15:04:05.000Z"})
    CHECK_MESSAGE(*parse_time(same) == time, same);
  for (auto const* bad :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-22T25:00:00Z", "2026-11-22T15:04:05Zjunk"})
    CHECK_MESSAGE(!parse_time(bad).ok(), bad);
}

TEST_CASE("a zone shows wall-clock time") {
  auto const shanghai = Zone::find("Asia/Shanghai");
  if (!shanghai) {
    MESSAGE("skipped: the system has no zone files");
    return;
  }
  CHECK(shanghai->show(Time{1'795'359'845'000'000}) == "2026-11-22 23:04:05");
  CHECK(Zone::utc().show(Time{0}) == "1970-01-01 00:00:00");
  CHECK_FALSE(Zone::find("../../etc/passwd").ok());
}

TEST_CASE("JSON is read with limits and written safe for a page") {
  CHECK(json::write(*json::parse(R"({"a":[1,2]})")) == R"({"a":[1,2]})");
  CHECK_FALSE(json::parse("{} x").ok());
  CHECK_FALSE(json::parse(std::string(100, '[') + std::string(100, ']')).ok());
  CHECK(json::write_for_html(json::Value("</script>")) == R"("\u003c/script\u003e")");
  CHECK(json::quoted("a\"\xFF") == "\"a\\\"\xEF\xBF\xBD\"");
}

TEST_CASE("hashes match their published vectors") {
  // FIPS 180-2 appendix B.1; RFC 4231 test case 2.
  CHECK(crypto::hex(crypto::sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(crypto::hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  crypto::Sha256 stream;
  stream.add("a");
  stream.add("bc");
  CHECK(stream.finish() == crypto::sha256("abc"));
}

TEST_CASE("passwords verify and wrong ones do not") {
  auto const hash = crypto::hash_password("correct horse");
  REQUIRE(hash.ok());
  CHECK(crypto::password_matches(*hash, "correct horse"));
  CHECK_FALSE(crypto::password_matches(*hash, "wrong horse"));
}
