#include "web/site.hpp"

#include <exception>

#include "base/log.hpp"
#include "web/answering.hpp"
#include "web/finish.hpp"
#include "web/next.hpp"
#include "web/site_state.hpp"

namespace courant::web {
namespace {

Result<Catalogue> catalogue_of(std::span<EmbeddedFile const> files) {
  for (auto const& file : files)
    if (file.path == "messages.json") return Catalogue::from_json(file.bytes);
  return broken("no messages are embedded");
}

Result<Templates> templates_of(std::span<EmbeddedFile const> files, Catalogue const& catalogue,
                               AssetAddresses const& assets) {
  std::vector<TemplateSource> sources;
  for (auto const& file : files)
    if (file.path.ends_with(".html")) sources.push_back({std::string(file.path), file.bytes});
  return Templates::load(sources, catalogue, assets);
}

PageCache::InBackground background_of(Ground const& ground) {
  if (ground.pool == nullptr) return {};
  return [pool = ground.pool](std::function<void()> task) { return pool->run(std::move(task)); };
}

/// Remembers the language and leads back. A plain link, so that it works without script; the cookie holds a choice, no
/// name.
Result<Response> choose_language(Request const& request, WorkerContext& page) {
  auto const chosen = language_tagged(request.parameter("to").value_or(""));
  if (!chosen) return missing();
  auto response = see_other(safe_next(request.parameter("next").value_or("/")));
  auto const secure = page.site().settings().url.starts_with("https://") ? "; Secure" : "";
  response.headers.emplace_back(
      "Set-Cookie", fmt::format("lang={}; SameSite=Lax; Path=/; Max-Age=31536000{}", tag_of(*chosen), secure));
  return response;
}

/// Uploads in the making lie there; what a crash left behind is cleared after a day.
void prepare_upload_directory(std::filesystem::path const& directory) {
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, ignored);
  auto const yesterday = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
  for (auto const& file : std::filesystem::directory_iterator(directory, ignored))
    if (file.is_regular_file(ignored) && file.last_write_time(ignored) < yesterday)
      std::filesystem::remove(file.path(), ignored);
}

}  // namespace

Result<std::unique_ptr<Site>> Site::open(Settings settings, Ground ground) {
  return open(std::move(settings), ground, embedded_files());
}

Result<std::unique_ptr<Site>> Site::open(Settings settings, Ground ground, std::span<EmbeddedFile const> files) {
  auto const transport = settings.url.starts_with("https://") ? Transport::https : Transport::http;
  Assets assets(files, transport);
  auto catalogue = TRY(catalogue_of(files));
  auto templates = TRY(templates_of(files, catalogue, assets.addresses()));
  auto const cache_bytes = settings.cache_bytes;
  auto site = std::unique_ptr<Site>(new Site(std::unique_ptr<State>(new State{
      .settings = std::move(settings),
      .ground = ground,
      .transport = transport,
      .assets = std::move(assets),
      .catalogue = std::move(catalogue),
      .templates = std::move(templates),
      .pages = PageCache(cache_bytes, ground.clock, transport, background_of(ground)),
      .limits = RateLimits(ground.clock),
      .idempotency = Idempotency(ground.clock),
  })));
  site->install_own_routes();
  if (!site->settings().data.empty()) prepare_upload_directory(site->settings().data / "uploads");
  return site;
}

Site::Site(std::unique_ptr<State> state) : state_(std::move(state)) {}

Site::~Site() {
  // What was kept later may hold on to what was kept before.
  kept_.clear();
  while (!kept_order_.empty()) kept_order_.pop_back();
}

void Site::install_own_routes() {
  routes().worker("/language", Access::anyone, choose_language);
  if (auto const icon = state_->assets.addresses().find("favicon.svg"); icon != state_->assets.addresses().end())
    routes().page("/favicon.ico", [address = icon->second](Request const&, PageContext&) -> Result<Response> {
      return moved(address);
    });
}

Router& Site::routes() { return state_->router; }
Slots& Site::slots() { return state_->slots; }
PageCache& Site::pages() { return state_->pages; }
Ground& Site::ground() { return state_->ground; }
Settings const& Site::settings() const { return state_->settings; }
Catalogue const& Site::catalogue() const { return state_->catalogue; }
Templates const& Site::templates() const { return state_->templates; }
void Site::set_session_source(SessionSource source) { state_->sessions = std::move(source); }

std::variant<Reply, NeedsWorker> Site::answer_now(Request& request) {
  Answering answering(*this, *state_, request);
  try {
    return answering.now();
  } catch (std::exception const& exception) {
    return answering.after_exception(exception.what());
  }
}

Reply Site::answer(Request& request) {
  Answering answering(*this, *state_, request);
  try {
    return answering.on_worker();
  } catch (std::exception const& exception) {
    return answering.after_exception(exception.what());
  }
}

BodyRules Site::body_rules(Request const& request) {
  constexpr std::int64_t kWithoutRoute = 64 * 1024;  // enough to read on and say 404, 405 or "sign in first"
  auto const match = state_->routes().find(request.method, request.path);
  if (match.route == nullptr) return {.most_bytes = kWithoutRoute};
  auto const& route = *match.route;
  bool const https = request.https || settings().url.starts_with("https://");
  bool const stranger = route.access != Access::anyone && request.cookie(session_cookie_name(https)).empty();
  if (stranger) return {.most_bytes = std::min(route.most_body_bytes, kWithoutRoute)};
  return {.most_bytes = route.most_body_bytes + route.most_upload_bytes,
          .multipart = route.most_upload_bytes > 0,
          .most_upload_bytes = route.most_upload_bytes,
          .upload_directory = settings().data / "uploads"};
}

Reply Site::refusal(int status) {
  auto reply = finish(plain(fmt::format("{} {}\n", status, phrase_of(status)), status), state_->transport,
                      Encoding::identity, {});
  reply.close = true;
  return reply;
}

}  // namespace courant::web
