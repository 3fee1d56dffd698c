#include "features/accounts/account.hpp"

#include <doctest/doctest.h>

#include "features/accounts/passwords.hpp"

namespace courant::accounts {
namespace {

std::string first(std::vector<Complaint> const& complaints) { return complaints.empty() ? "" : complaints[0].message; }

}  // namespace

TEST_CASE("logins that look alike are one login") {
  CHECK(login_key("Alice") == login_key("alice"));
  CHECK(login_key("alice") == login_key("аlice"));  // Cyrillic а
  CHECK(login_key("bob.smith") == login_key("bob_smith"));
  CHECK(login_key("b0b") == login_key("bob"));
  CHECK(login_key("alice") != login_key("alicia"));
}

TEST_CASE("e-mail addresses differ by every letter but not by case") {
  CHECK(login_key("Alice@Example.org") == login_key("alice@example.org"));
  CHECK(login_key("a.lice@example.org") != login_key("alice@example.org"));
  CHECK(login_key("alice@example.org") != login_key("aliceexampleorg"));
}

TEST_CASE("a user name is letters and digits with single signs between") {
  for (std::string const good : {"bob", "bob.smith", "小明同学", "user_42", "Zoë", "a-b-c"})
    CHECK_MESSAGE(first(complaints_about_login(good, "")) == "", good);
  for (std::string const bad : {"bob..smith", ".bob", "bob-", "bob smith", "bob!", "a\xff\xff", "x\u202Eyz", "👍👍👍"})
    CHECK_MESSAGE(first(complaints_about_login(bad, "")) == "accounts.user_name_characters", bad);
  CHECK(first(complaints_about_login("ab", "")) == "accounts.user_name_length");
  CHECK(first(complaints_about_login(std::string(33, 'x'), "")) == "accounts.user_name_length");
  CHECK(first(complaints_about_login("pаypal", "")) == "accounts.user_name_mixes_scripts");
  CHECK(first(complaints_about_login("", "")) == "accounts.login_missing");
}

TEST_CASE("an e-mail address has a local part and a domain of two labels") {
  for (std::string const good : {"a@b.cn", "first.last+tag@mail.example.org", "用户@例子.中国"})
    CHECK_MESSAGE(first(complaints_about_login(good, "")) == "", good);
  for (std::string const bad :
       {"@b.cn", "a@", "a@b", "a@b..cn", "a@.cn", "a b@c.cn", "a@b@c.cn", "a@b.cn\r\nx", "<a@b.cn>"})
    CHECK_MESSAGE(first(complaints_about_login(bad, "")) == "accounts.email_malformed", bad);
  CHECK(first(complaints_about_login(std::string(65, 'a') + "@b.cn", "")) == "accounts.email_malformed");
}

TEST_CASE("nobody poses as the site") {
  for (std::string const name :
       {"admin", "Adm1n", "ADMIN", "管理员", "管 理 员", "0fficial", "Morning Post", "morningp0st",
        "Morning Post official", "Morning Post 官方", "ｍｏｒｎｉｎｇ ｐｏｓｔ"})
    CHECK_MESSAGE(poses_as_official(name, "Morning Post"), name);
  for (std::string const name : {"Adrian", "管理学院", "A fan of Morning Post", "故宫官方", "Postman"})
    CHECK_MESSAGE(!poses_as_official(name, "Morning Post"), name);
}

TEST_CASE("a display name needs something to read, and not too much") {
  CHECK(first(complaints_about_name("王小明", "")) == "");
  CHECK(first(complaints_about_name("  \u200B\u202E ", "")) == "accounts.name_missing");
  CHECK(first(complaints_about_name("!!!", "")) == "accounts.name_without_letters");
  CHECK(first(complaints_about_name(std::string(41, 'x'), "")) == "accounts.name_too_long");
  CHECK(first(complaints_about_name("官方", "")) == "accounts.name_reserved");
}

TEST_CASE("passwords that are guessed first are refused") {
  for (std::string const common : {"password123", "Password123!", "P@ssw0rd2024", "1234567890", "0987654321",
                                   "qwertyuiop", "qwertyuiop123", "aaaaaaaaaaaa", "abcabcabcabc", "1q2w3e4r5t6y",
                                   "iloveyou2024", "letmein12345", "woaini1314520", "abcdefghij", "administrator"})
    CHECK_MESSAGE(is_common_password(common), common);
  for (std::string const good : {"plum anchor seventeen", "床前明月光疑是地上霜", "vK3!rmPq92", "tides and ferries"})
    CHECK_MESSAGE(!is_common_password(good), good);
}

TEST_CASE("a password is long enough and not the name") {
  CHECK(first(complaints_about_password("kurz", "Bob", "bob")) == "accounts.password_too_short");
  CHECK(first(complaints_about_password("九个汉字不够长的啊", "Bob", "bob")) == "accounts.password_too_short");
  CHECK(first(complaints_about_password(std::string(257, 'x'), "Bob", "bob")) == "accounts.password_too_long");
  CHECK(first(complaints_about_password("Margaret Thatcher", "Margaret Thatcher", "mt79")) ==
        "accounts.password_is_name");
  CHECK(first(complaints_about_password("margaret.hall1", "M", "margaret.hall@example.org")) ==
        "accounts.password_is_name");
  CHECK(first(complaints_about_password("plum anchor seventeen", "Bob", "bob")) == "");
}

TEST_CASE("a session ends after 14 idle days, and after 90 in any case") {
  Time const start{1'790'000'000'000'000};
  CHECK_FALSE(session_over(start, start, start + 14 * 24h - 1s));
  CHECK(session_over(start, start, start + 14 * 24h));
  CHECK_FALSE(session_over(start, start + 89 * 24h, start + 90 * 24h - 1s));
  CHECK(session_over(start, start + 89 * 24h, start + 90 * 24h));
}

}  // namespace courant::accounts
