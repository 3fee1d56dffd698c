#include "web/context.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "web/site.hpp"

namespace courant::web {

std::string_view session_cookie_name(bool https) noexcept { return https ? "__Host-session" : "session"; }

std::string form_token(std::string_view key) {
  return crypto::hex(crypto::sha256(fmt::format("courant form token {}", key)));
}

PageContext::PageContext(Site& site, Language language, Viewer const* viewer, bool may_load)
    : site_(site), language_(language), viewer_(viewer), may_load_(may_load) {}

Time PageContext::now() const { return site_.ground().clock.now(); }

std::string PageContext::text(std::string_view key, MessageArguments const& arguments) const {
  return site_.catalogue().text(language_, key, arguments);
}

std::string PageContext::show(Time time) const { return site_.settings().zone.show(time); }
std::string PageContext::absolute(std::string_view path) const { return site_.settings().url + std::string(path); }
std::string_view PageContext::path() const { return visit_ == nullptr ? "/" : std::string_view(visit_->path); }

std::string const& PageContext::csrf_token() const {
  static std::string const none;
  if (visit_ == nullptr || visit_->kept) return none;
  visit_->token_given = true;
  if (viewer_ != nullptr) return viewer_->csrf_token;
  if (visit_->form_key.empty()) {
    visit_->form_key = crypto::random_token();
    visit_->form_key_is_new = true;
  }
  if (visit_->token.empty()) visit_->token = form_token(visit_->form_key);
  return visit_->token;
}

Result<TrustedHtml> PageContext::render(std::string_view template_name, Model const& model) const {
  return site_.templates().render(template_name, language_, model, [this](std::string_view name) -> std::string const* {
    return name == "CSRF" ? &csrf_token() : nullptr;
  });
}

namespace {

void add_languages(Model& model, PageContext const& page, PageHead const& head) {
  for (int i = 0; i < kLanguages; ++i) {
    auto const language = static_cast<Language>(i);
    auto& entry = model.add(language == page.language() ? "LANGUAGE_CURRENT" : "LANGUAGE_OTHER");
    entry.set("TAG", tag_of(language)).set("NAME", page.site().catalogue().text(language, "web.language_name"));
    if (head.canonical.empty()) continue;
    auto const separator = head.canonical.find('?') == std::string::npos ? "?" : "&";
    model.add("ALTERNATE")
        .set("TAG", tag_of(language))
        .set("URL", page.absolute(head.canonical) + separator + "lang=" + std::string(tag_of(language)));
  }
}

void add_head(Model& model, PageContext const& page, PageHead const& head) {
  auto const& name = page.site().settings().name;
  model.set("TITLE", head.title.empty() ? name : fmt::format("{} - {}", head.title, name))
      .set("HEADING", head.title.empty() ? name : head.title);
  model.set("HEAD", head.head);
  if (!head.description.empty()) model.add("DESCRIBED").set("DESCRIPTION", head.description);
  if (!head.image.empty()) model.add("PICTURED").set("IMAGE", page.absolute(head.image));
  if (head.canonical.empty())
    model.show("UNLISTED");
  else
    model.add("LISTED").set("CANONICAL", page.absolute(head.canonical));
}

void add_footer(Model& model, Settings const& settings) {
  auto const line = [&](std::string_view section, std::string const& value) {
    if (!value.empty()) model.add(section).set("VALUE", value);
  };
  line("OPERATOR", settings.operator_name);
  line("CONTACT", settings.contact);
  line("LICENCE", settings.licence_numbers);
}

}  // namespace

/// Signed out, the masthead's forms (sign out) need no token, and a reader who only reads gets no cookie for one.
Result<TrustedHtml> PageContext::masthead_account() {
  if (viewer_ != nullptr || visit_ == nullptr) return site_.slots().render(kMastheadAccount, Frame{}, *this);
  bool const kept = std::exchange(visit_->kept, true);
  auto html = site_.slots().render(kMastheadAccount, Frame{}, *this);
  visit_->kept = kept;
  return html;
}

Result<Response> PageContext::page(PageHead const& head, TrustedHtml const& content) {
  Model model;
  model.set("LANG", tag_of(language_))
      .set("SITE_NAME", site_.settings().name)
      .set("PATH", path())
      .set("CONTENT", content);
  model.set("CONTENT_LANG",
            head.content_language.empty() ? tag_of(language_) : std::string_view(head.content_language));
  add_head(model, *this, head);
  add_languages(model, *this, head);
  add_footer(model, site_.settings());
  model.set("CHANNELS_HTML", TRY(site_.slots().render(kMastheadChannels, Frame{}, *this)));
  model.set("ACCOUNT_HTML", TRY(masthead_account()));
  Response response;
  response.body = TRY(render("web/layout.html", model)).html;
  response.caching = Caching::page;
  response.depends_on = {kEveryPage};
  return response;
}

namespace {

/// "cover-alt" is COMPLAINT_COVER_ALT.
std::string section_for(std::string_view field) {
  std::string name = "COMPLAINT_";
  for (char const c : field) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c == '-' ? '_' : c;
  return name;
}

}  // namespace

void PageContext::show_complaints(Model& model, std::vector<Complaint> const& complaints) const {
  if (complaints.empty()) return;
  auto& all = model.add("COMPLAINTS");
  for (auto const& complaint : complaints) {
    auto const sentence = text(complaint.message, complaint.arguments);
    all.add("COMPLAINT").set("FIELD", complaint.field).set("TEXT", sentence);
    if (!complaint.field.empty()) model.add(section_for(complaint.field)).set("TEXT", sentence);
  }
}

store::Store& WorkerContext::store() const { return site_.ground().store; }
IdSource& WorkerContext::ids() const { return site_.ground().ids; }

std::string CommandContext::session_cookie(std::string_view token, Duration lifetime) const {
  bool const https = visit_ != nullptr && visit_->https;
  auto const seconds = lifetime.count() / 1'000'000;
  return fmt::format("{}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={}{}", session_cookie_name(https), token, seconds,
                     https ? "; Secure" : "");
}

}  // namespace courant::web
