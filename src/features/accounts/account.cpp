#include "features/accounts/account.hpp"

#include <algorithm>
#include <array>

#include "features/accounts/passwords.hpp"
#include "text/confusable.hpp"
#include "text/fold.hpp"
#include "text/utf8.hpp"

namespace courant::accounts {
namespace {

// Nobody may be called one of these, however spelt: readers would take them for the site's own voice.
constexpr std::array kOfficialNames = {
    "admin",           "administrator", "administration", "moderator", "official",   "support",  "helpdesk",
    "staff",           "system",        "operator",       "webmaster", "postmaster", "root",     "security",
    "editor in chief", "everyone",      "anonymous",      "管理员",    "系统管理员", "官方",     "官方账号",
    "官方客服",        "客服",          "客服中心",       "系统",      "系统消息",   "系统通知", "运营",
    "运营者",          "站长",          "编辑部",         "审核员",    "审核中心",   "安全中心", "小秘书",
    "网站管理员",      "版主",          "匿名",           "匿名用户",
};
// Beside the site's name these make a name sound like the site's own.
constexpr std::array kOfficialWords = {"official", "admin", "support", "staff",  "team",   "desk", "help",
                                       "security", "官方",  "客服",    "管理员", "编辑部", "小编", "运营"};

bool is_user_name_sign(char32_t character) { return character == U'.' || character == U'_' || character == U'-'; }

// Letters and digits of any script: what survives in the look-alike key of a single character.
bool is_letter_or_digit(std::string_view character) { return !text::look_alike_key(character).empty(); }

bool is_spelt_like_user_name(std::string_view name) {
  bool after_sign = true;  // neither first nor doubled
  for (std::size_t at = 0; at < name.size();) {
    auto const decoded = text::decode(name, at);
    if (!decoded.well_formed) return false;
    bool const sign = is_user_name_sign(decoded.character);
    if (sign ? after_sign : !is_letter_or_digit(name.substr(at, decoded.bytes))) return false;
    after_sign = sign;
    at += decoded.bytes;
  }
  return !after_sign;
}

// What RFC 5321 lets through in practice: a local part without quotes, and a domain of at least two labels. Whether a
// letter arrives there only a letter can tell.
bool is_spelt_like_email(std::string_view address) {
  auto const at = address.find('@');
  if (at == 0 || at > 64 || address.size() > kLongestEmail || address.find('@', at + 1) != std::string_view::npos)
    return false;
  auto const domain = address.substr(at + 1);
  if (domain.find('.') == std::string_view::npos || domain.find("..") != std::string_view::npos) return false;
  if (domain.front() == '.' || domain.front() == '-' || domain.back() == '.' || domain.back() == '-') return false;
  return std::ranges::none_of(address, [](unsigned char c) {
    return c <= ' ' || c == 0x7f || c == '"' || c == '(' || c == ')' || c == '<' || c == '>' || c == ',' || c == ';' ||
           c == ':' || c == '\\' || c == '[' || c == ']';
  });
}

bool is_email(std::string_view login) { return login.find('@') != std::string_view::npos; }

}  // namespace

std::string login_key(std::string_view login) {
  if (is_email(login)) return "e:" + text::fold(login);
  return "u:" + text::look_alike_key(login);
}

namespace {

/// As the look-alike key, and "i" is "l" as well: too generous for telling people apart, right for the site's own
/// names.
std::string official_key(std::string_view name) {
  auto key = text::look_alike_key(name);
  std::ranges::replace(key, 'i', 'l');
  return key;
}

}  // namespace

bool poses_as_official(std::string_view name, std::string_view site_name) {
  auto const key = official_key(name);
  auto const site = official_key(site_name);
  auto const is_key_of = [&](std::string_view word) { return key == official_key(word); };
  auto const is_in_key = [&](std::string_view word) { return key.find(official_key(word)) != std::string::npos; };
  if (std::ranges::any_of(kOfficialNames, is_key_of)) return true;
  if (site.empty()) return false;
  return key == site || (key.find(site) != std::string::npos && std::ranges::any_of(kOfficialWords, is_in_key));
}

std::vector<Complaint> complaints_about_name(std::string_view name, std::string_view site_name) {
  auto const shown = text::clean_name(name);
  auto const length = text::count_characters(shown);
  if (length == 0) return {{"name", "accounts.name_missing", {}}};
  if (length > kLongestName) return {{"name", "accounts.name_too_long", {{"limit", std::to_string(kLongestName)}}}};
  if (text::look_alike_key(shown).empty()) return {{"name", "accounts.name_without_letters", {}}};
  if (poses_as_official(shown, site_name)) return {{"name", "accounts.name_reserved", {}}};
  return {};
}

std::vector<Complaint> complaints_about_login(std::string_view login, std::string_view site_name) {
  if (login.empty()) return {{"login", "accounts.login_missing", {}}};
  if (is_email(login)) {
    if (!is_spelt_like_email(login)) return {{"login", "accounts.email_malformed", {}}};
    return {};
  }
  auto const length = text::count_characters(login);
  if (length < kShortestUserName || length > kLongestUserName)
    return {{"login",
             "accounts.user_name_length",
             {{"least", std::to_string(kShortestUserName)}, {"most", std::to_string(kLongestUserName)}}}};
  if (!is_spelt_like_user_name(login)) return {{"login", "accounts.user_name_characters", {}}};
  if (text::mixes_scripts(login)) return {{"login", "accounts.user_name_mixes_scripts", {}}};
  if (poses_as_official(login, site_name)) return {{"login", "accounts.user_name_reserved", {}}};
  return {};
}

std::vector<Complaint> complaints_about_password(std::string_view password, std::string_view name,
                                                 std::string_view login) {
  if (text::count_characters(password) < kShortestPassword)
    return {{"password", "accounts.password_too_short", {{"least", std::to_string(kShortestPassword)}}}};
  if (password.size() > kLongestPassword)
    return {{"password", "accounts.password_too_long", {{"limit", std::to_string(kLongestPassword)}}}};
  auto const local_part = login.substr(0, login.find('@'));
  if (is_made_of(password, name) || is_made_of(password, login) || is_made_of(password, local_part))
    return {{"password", "accounts.password_is_name", {}}};
  if (is_common_password(password)) return {{"password", "accounts.password_common", {}}};
  return {};
}

bool session_over(Time signed_in_at, Time last_seen_at, Time now) {
  return now - last_seen_at >= kIdleSession || now - signed_in_at >= kLongestSession;
}

bool signed_in_recently(web::Viewer const& viewer, Time now) { return now - viewer.signed_in_at < kRecentSignIn; }

std::string_view name_of(AccountState state) { return state == AccountState::active ? "active" : "suspended"; }

}  // namespace courant::accounts
