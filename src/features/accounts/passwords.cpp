#include "features/accounts/passwords.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>

#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::accounts {
namespace {

// Written down by us: what people choose when ten characters are asked for. Small letters; compared after folding and
// after digits and signs at the end are taken off, so "Password123!" is found under "password".
constexpr std::array kCommonWords = {
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "mypassword",
    "thepassword",
    "newpassword",
    "oldpassword",
    "passpass",
    "passwordpassword",
    "letmein",
    "letmeinnow",
    "letmeinplease",
    "welcome",
    "welcomehome",
    "welcomeback",
    "iloveyou",
    "iloveyouall",
    "iloveyousomuch",
    "ihateyou",
    "loveyou",
    "loveme",
    "trustno",
    "trustnoone",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "spiderman",
    "football",
    "baseball",
    "basketball",
    "liverpool",
    "manchester",
    "chelsea",
    "arsenal",
    "barcelona",
    "realmadrid",
    "juventus",
    "dragon",
    "monkey",
    "master",
    "shadow",
    "michael",
    "jennifer",
    "jessica",
    "charlie",
    "computer",
    "internet",
    "samsung",
    "iphone",
    "android",
    "google",
    "facebook",
    "microsoft",
    "windows",
    "starwars",
    "pokemon",
    "minecraft",
    "blink",
    "changeme",
    "changemenow",
    "changethis",
    "default",
    "secret",
    "secretpassword",
    "topsecret",
    "nothing",
    "whatever",
    "something",
    "abcdefgh",
    "qwerty",
    "qwertyuiop",
    "qwertyqwerty",
    "qwertz",
    "qwertzuiop",
    "azerty",
    "azertyuiop",
    "asdfgh",
    "asdfghjkl",
    "zxcvbn",
    "zxcvbnm",
    "qazwsx",
    "qazwsxedc",
    "qweasd",
    "qweasdzxc",
    "1qaz2wsx",
    "1qaz2wsx3edc",
    "1q2w3e",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "q1w2e3",
    "q1w2e3r4",
    "q1w2e3r4t5",
    "zaq12wsx",
    "zaq1xsw2",
    "administrator",
    "admin",
    "adminadmin",
    "root",
    "rootroot",
    "toor",
    "user",
    "useruser",
    "guest",
    "guestguest",
    "test",
    "testtest",
    "testing",
    "testuser",
    "demo",
    "demodemo",
    "login",
    "access",
    "temporary",
    "newspaper",
    "headline",
    "journalist",
    "editor",
    "courant",
    "courantcourant",
    "hello",
    "helloworld",
    "hellohello",
    "goodmorning",
    "happybirthday",
    "merrychristmas",
    "woaini",
    "woaini1314",
    "5201314",
    "woaiwojia",
    "woaibaba",
    "woaimama",
    "nihao",
    "nihaoma",
    "zhongguo",
    "beijing",
    "shanghai",
    "wangyi",
    "toutiao",
    "mima",
    "wodemima",
    "mimamima",
    "aini1314",
    "asd123",
    "abc123",
    "a1b2c3d4",
    "a123456",
    "aa123456",
    "qq123456",
    "wang123456",
    "zhang123456",
    "li123456",
    "football1",
    "correcthorsebatterystaple",
};

constexpr std::array kRows = {
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789",       "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
};

bool has_few_characters(std::string_view password) {
  std::bitset<256> seen;
  for (unsigned char const byte : password) seen.set(byte);
  return seen.count() < 4;
}

bool repeats_a_piece(std::string_view password) {
  for (std::size_t piece = 1; piece <= 5 && piece * 2 <= password.size(); ++piece) {
    bool whole = true;
    for (std::size_t at = piece; whole && at < password.size(); ++at) whole = password[at] == password[at - piece];
    if (whole) return true;
  }
  return false;
}

bool runs_along_a_row(std::string_view password) {
  std::string const backwards(password.rbegin(), password.rend());
  return std::ranges::any_of(kRows, [&](std::string_view row) {
    return row.find(password) != std::string_view::npos || row.find(backwards) != std::string_view::npos;
  });
}

std::string_view without_tail(std::string_view password) {
  auto const last_letter = password.find_last_not_of("0123456789!?.,;:*#$%&+-_=@ ");
  return last_letter == std::string_view::npos ? password : password.substr(0, last_letter + 1);
}

bool is_listed(std::string_view folded) { return std::ranges::find(kCommonWords, folded) != kCommonWords.end(); }

}  // namespace

bool is_common_password(std::string_view password) {
  auto const folded = text::fold(password);
  std::string_view const whole = folded;
  return has_few_characters(whole) || repeats_a_piece(whole) || runs_along_a_row(whole) || is_listed(whole) ||
         is_listed(without_tail(whole));
}

bool is_made_of(std::string_view password, std::string_view name) {
  auto const in = text::fold(password);
  auto const what = text::fold(name);
  if (text::count_characters(what) < 3) return in == what;
  auto const at = in.find(what);
  return at != std::string::npos && text::count_characters(in) < text::count_characters(what) + 5;
}

}  // namespace courant::accounts
