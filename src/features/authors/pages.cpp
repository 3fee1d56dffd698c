#include "features/authors/pages.hpp"

#include <algorithm>
#include <charconv>

#include "base/json.hpp"
#include "features/authors/authors.hpp"
#include "features/authors/commands.hpp"
#include "features/authors/sql.hpp"
#include "text/query.hpp"
#include "web/site.hpp"

namespace courant::authors::pages {
namespace {

using web::CommandContext;
using web::Model;
using web::PageContext;
using web::Request;
using web::Response;
using web::WorkerContext;

constexpr std::string_view kProfilePage = "authors/profile.html";
constexpr std::string_view kProfilePath = "/account/author?done=1";
constexpr std::array kKinds{AuthorKind::individual, AuthorKind::media, AuthorKind::company, AuthorKind::institution,
                            AuthorKind::government};

Means means_of(WorkerContext const& page) { return {page.store(), page.ids(), page.site().ground().clock}; }

/// The row, not the memory: the form must hold the version that saving will meet.
Result<std::optional<Author>> own_author(WorkerContext const& page) {
  return store::read_value(
      page.store(), [&](store::Connection& connection) { return sql::of_account(connection, page.viewer()->account); });
}

void add_kinds(Model& model, PageContext const& page, AuthorKind chosen) {
  for (auto const kind : kKinds) {
    auto& option = model.add("KIND");
    option.set("VALUE", name_of(kind)).set("TEXT", page.text("authors.kind_" + std::string(name_of(kind))));
    option.show("CHOSEN", kind == chosen);
  }
}

/// The form with what is `typed`; what stands around it is the author's as kept.
Model profile_model(PageContext const& page, std::optional<Author> const& author, Profile const& typed,
                    std::int64_t version) {
  Model model;
  model.set("HANDLE", typed.handle).set("NAME", typed.name).set("BIO", typed.bio);
  model.set("FIELD", typed.field).set("REGION", typed.region).set("VERSION", version);
  model.set("ADDRESS", page.absolute("/author/"));
  add_kinds(model, page, typed.kind);
  model.show("NEW", !author.has_value());
  if (!author) return model;
  auto& known = model.add("KNOWN");
  known.set("PATH", path_of(*author));
  if (auto const picture = avatar_path(*author, 160); !picture.empty()) known.add("PICTURE").set("SOURCE", picture);
  return model;
}

Result<Response> profile_page(PageContext& page, Model const& model, int status) {
  web::PageHead head;
  head.title = page.text("authors.profile");
  auto response = TRY(page.page(head, TRY(page.render(kProfilePage, model))));
  response.caching = web::Caching::none;
  response.depends_on.clear();
  response.status = status;
  return response;
}

/// The form once more with what is wrong; a sentence that is about no field of it goes to `field`.
Result<Response> show_again(PageContext& page, Error error, std::string_view field, Model model) {
  if (error.kind != ErrorKind::invalid) return error;
  if (error.complaints.empty()) error.complaints.push_back({std::string(field), error.message, error.arguments});
  page.show_complaints(model, error.complaints);
  return profile_page(page, model, 422);
}

Response saved(Changed const& changed) {
  auto response = web::see_other(std::string(kProfilePath));
  response.after = changed.event;
  return response;
}

Profile profile_in(web::Form const& form) {
  Profile profile;
  profile.handle = form.trimmed("handle");
  profile.name = form.trimmed("name");
  profile.bio = form.trimmed("bio");
  profile.field = form.trimmed("field");
  profile.region = form.trimmed("region");
  profile.kind = kind_named(form.text("kind")).value_or(AuthorKind::individual);
  return profile;
}

/// 0 for anything that is no number: then nothing fits and the answer is a conflict.
std::int64_t version_in(web::Form const& form) {
  auto const text = form.text("version");
  std::int64_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

}  // namespace

// --- One's own profile ----------------------------------------------------------------------------------------------

Result<Response> show_profile(Request const& request, WorkerContext& page) {
  auto const author = TRY(own_author(page));
  Profile suggested;
  suggested.name = page.viewer()->name;
  suggested.handle = handle_from(suggested.name);
  auto model = profile_model(page, author, author ? profile_of(*author) : suggested, author ? author->version : 0);
  model.show("DONE", request.parameter("done").has_value());
  return profile_page(page, model, 200);
}

Result<Response> save_profile(Request const&, CommandContext& context) {
  auto const& account = context.person().account;
  auto const& site_name = context.site().settings().name;
  auto const profile = profile_in(context.form());
  auto const author = TRY(own_author(context));
  auto const version = version_in(context.form());
  auto changed = author ? change_profile(means_of(context), account, version, profile, site_name)
                        : join(means_of(context), account, profile, site_name);
  if (!changed.ok())
    return show_again(context, std::move(changed).error(), "", profile_model(context, author, profile, version));
  return saved(*changed);
}

// --- The picture ----------------------------------------------------------------------------------------------------

namespace {

Result<Response> show_picture_again(CommandContext& context, Error error) {
  auto const author = TRY(own_author(context));
  if (!author) return error;
  return show_again(context, std::move(error), "picture",
                    profile_model(context, author, profile_of(*author), author->version));
}

}  // namespace

Result<Response> save_picture(Request const&, CommandContext& context) {
  auto const* upload = context.form().upload("picture");
  if (!upload || upload->bytes == 0)
    return show_picture_again(context, invalid({{"picture", "authors.picture_missing", {}}}));
  auto changed =
      set_avatar(means_of(context), context.site().ground().pictures, context.person().account, upload->path);
  if (!changed.ok()) return show_picture_again(context, std::move(changed).error());
  return saved(*changed);
}

Result<Response> remove_picture(Request const&, CommandContext& context) {
  return saved(TRY(remove_avatar(means_of(context), context.person().account)));
}

namespace {

media::Variant const* variant_of(Author const& author, media::BlobName const& blob) {
  if (!author.avatar) return nullptr;
  auto const found = std::ranges::find(author.avatar->variants, blob, &media::Variant::blob);
  return found == author.avatar->variants.end() ? nullptr : &*found;
}

}  // namespace

Result<Response> send_picture(Request const& request, PageContext& page) {
  auto const id = Id<Author>::parse(request.part("author"));
  auto const blob = media::BlobName::parse(request.part("blob"));
  auto const author = id ? page.get<Projection>().find(*id) : nullptr;
  auto const* variant = author && blob ? variant_of(*author, *blob) : nullptr;
  if (!variant) return missing();
  Response response;
  response.content_type = media::content_type(variant->format);
  response.headers = {{"Content-Security-Policy", "sandbox; default-src 'none'"}};
  response.file =
      web::FileBody{page.site().ground().blobs.path(*blob), variant->bytes, "\"" + blob->str().substr(0, 32) + "\""};
  response.caching = web::Caching::revalidate;
  return response;
}

// --- For programs ---------------------------------------------------------------------------------------------------

namespace {

json::Object describe(PageContext const& page, Author const& author) {
  json::Object object{{"id", author.id.str()},
                      {"handle", author.handle},
                      {"name", author.name},
                      {"kind", name_of(author.kind)},
                      {"bio", author.bio},
                      {"field", author.field},
                      {"region", author.region},
                      {"url", page.absolute(path_of(author))},
                      {"joined_at", rfc3339(author.joined_at)}};
  auto const picture = avatar_path(author, 320);
  object["picture"] = picture.empty() ? json::Value(nullptr) : json::Value(page.absolute(picture));
  return object;
}

}  // namespace

Result<Response> show_json(Request const& request, PageContext& page) {
  auto const match = page.get<Projection>().with_handle(request.part("handle"));
  if (!match.author) return missing("authors.no_such_author");
  if (!match.is_current) return web::moved("/api/v1/authors/" + text::percent_encode(match.author->handle));
  auto response = web::json(json::write(describe(page, *match.author)));
  response.caching = web::Caching::page;
  response.depends_on = {match.author->id.value};
  return response;
}

}  // namespace courant::authors::pages
