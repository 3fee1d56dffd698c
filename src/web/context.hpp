// What a handler has at hand besides the request. A page's context has no store in its type: pages answer from memory,
// and a body that is not in memory makes them answer not_in_memory; the same function is then run on a worker with
// may_load().
#pragma once
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "store/store.hpp"
#include "web/catalogue.hpp"
#include "web/form.hpp"
#include "web/response.hpp"
#include "web/template.hpp"
#include "web/viewer.hpp"

namespace courant::web {

class Site;

/// What stands in the frame around a page's content.
struct PageHead {
  std::string title;             ///< without the site's name
  std::string description;       ///< for search engines and cards; may be empty
  std::string canonical;         ///< own path; empty: not to be indexed
  std::string content_language;  ///< BCP 47 of the main content when it differs from the page's language
  TrustedHtml head;              ///< further elements of <head>: feeds, JSON-LD, Open Graph; rendered by a template
  std::string image;             ///< own path of a picture for cards; may be empty
};

/// "session", or "__Host-session" under https.
[[nodiscard]] std::string_view session_cookie_name(bool https) noexcept;
/// The token that forms carry for the pre-session cookie `key`.
[[nodiscard]] std::string form_token(std::string_view key);

/// What an answer in the making knows of its request; Site fills it and reads from it what to set.
struct Visit {
  std::string path = "/";  ///< own path, with the declared query parameters
  bool https = false;
  bool kept = true;              ///< the answer may be kept for others: it can hold no token
  std::string form_key;          ///< signed out: the cookie that the forms' token is made of
  bool form_key_is_new = false;  ///< it must be set with the answer
  bool token_given = false;      ///< the answer holds a token
  std::string token;
};

class PageContext {
 public:
  PageContext(Site& site, Language language, Viewer const* viewer, bool may_load);

  [[nodiscard]] Language language() const { return language_; }
  [[nodiscard]] Time now() const;
  /// The signed-in person; always null while a page for the cache is made.
  [[nodiscard]] Viewer const* viewer() const { return viewer_; }
  /// False on an I/O thread: what is not in memory must be answered with not_in_memory().
  [[nodiscard]] bool may_load() const { return may_load_; }

  /// What a feature keeps in memory, by type: site.keep<T>() made it.
  template <class T>
  [[nodiscard]] T& get() const;

  [[nodiscard]] std::string text(std::string_view key, MessageArguments const& arguments = {}) const;
  /// "2026-11-22 23:04:05" in the site's zone.
  [[nodiscard]] std::string show(Time time) const;
  /// site.url + path.
  [[nodiscard]] std::string absolute(std::string_view path) const;

  /// The own path that was asked for: where forms and switches lead back to.
  [[nodiscard]] std::string_view path() const;
  /// The token for this answer's forms; empty in pages that are kept for others. Templates have it as {{CSRF}}.
  [[nodiscard]] std::string const& csrf_token() const;

  Result<TrustedHtml> render(std::string_view template_name, Model const& model) const;
  /// Content in the site's frame (masthead, footer, edition and language switches). The response depends on kEveryPage.
  Result<Response> page(PageHead const& head, TrustedHtml const& content);
  /// A form again, with its complaints: status 422. `model` gets a section COMPLAINT per complaint (FIELD, TEXT) and,
  /// per field, a section COMPLAINT_<FIELD> with TEXT.
  void show_complaints(Model& model, std::vector<Complaint> const& complaints) const;

  [[nodiscard]] Site& site() const { return site_; }
  void belongs_to(Visit& visit) { visit_ = &visit; }

 protected:
  Visit* visit_ = nullptr;
  Site& site_;
  Language language_;
  Viewer const* viewer_;
  bool may_load_;

 private:
  Result<TrustedHtml> masthead_account();
};

/// For routes that run on the pool and read by SQL.
class WorkerContext : public PageContext {
 public:
  using PageContext::PageContext;
  [[nodiscard]] store::Store& store() const;
  [[nodiscard]] IdSource& ids() const;
};

/// For routes that change something. CSRF, access and rate limits have been checked.
class CommandContext : public WorkerContext {
 public:
  CommandContext(Site& site, Language language, Viewer const* viewer, Form form, std::string_view client)
      : WorkerContext(site, language, viewer, /*may_load=*/true), form_(std::move(form)), client_(client) {}
  [[nodiscard]] Form& form() { return form_; }
  [[nodiscard]] std::string_view client() const { return client_; }
  /// The signed-in person; only on routes whose Access is not `anyone`.
  [[nodiscard]] Viewer const& person() const { return *viewer_; }
  /// The whole value of Set-Cookie: "session=TOKEN; HttpOnly; SameSite=Lax; Path=/; Max-Age=…", under https with Secure
  /// and the
  /// __Host- name. A lifetime of zero takes the cookie away. Whoever sets it is then known to scripts as signed in by
  /// the cookie `member`, which Site adds.
  [[nodiscard]] std::string session_cookie(std::string_view token, Duration lifetime) const;

 private:
  Form form_;
  std::string client_;
};

}  // namespace courant::web
