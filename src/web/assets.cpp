#include "web/assets.hpp"

#include <fmt/format.h>

namespace courant::web {
namespace {

constexpr std::string_view kFolder = "assets/";

std::string_view type_of(std::string_view path) {
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

/// "site.css" of "assets/site-0123456789abcdef.css".
std::string name_of_asset(std::string_view path, std::string_view hash) {
  std::string name(path.substr(kFolder.size()));
  auto const at = name.rfind(fmt::format("-{}", hash));
  return at == std::string::npos ? name : name.erase(at, hash.size() + 1);
}

Reply reply_for(EmbeddedFile const& file, std::string_view type, std::string_view hash, Encoding encoding,
                Transport transport) {
  Response response;
  response.content_type = type;
  response.caching = Caching::immutable;
  auto const etag = fmt::format("\"{}-{}\"", hash, encoding == Encoding::identity ? "i" : name_of(encoding));
  HeadFacts const facts{transport, encoding, etag, file.bytes.size()};
  return {.status = 200,
          .head = std::make_shared<std::string const>(write_head(response, facts)),
          .body = std::make_shared<std::string const>(file.bytes)};
}

}  // namespace

Assets::Assets(std::span<EmbeddedFile const> files, Transport transport) {
  for (auto const& file : files) {
    if (!file.path.starts_with(kFolder)) continue;
    bool const gzip = file.path.ends_with(".gz");
    bool const brotli = file.path.ends_with(".br");
    auto const plain = gzip || brotli ? file.path.substr(0, file.path.size() - 3) : file.path;
    // Sorted by path, so the plain one comes first.
    auto& asset = assets_[plain];
    if (plain == file.path) {
      asset.hash = file.hash;
      addresses_[name_of_asset(plain, file.hash)] = fmt::format("/{}", plain);
    }
    auto const encoding = gzip ? Encoding::gzip : brotli ? Encoding::brotli : Encoding::identity;
    asset.replies[static_cast<std::size_t>(encoding)] =
        reply_for(file, type_of(plain), asset.hash, encoding, transport);
  }
}

std::optional<Reply> Assets::find(std::string_view path, Encoding encoding, Conditions const& conditions) const {
  if (path.empty()) return std::nullopt;
  auto const found = assets_.find(path.substr(1));
  if (found == assets_.end()) return std::nullopt;
  auto const& asset = found->second;
  if (auto const tag = matching_tag(conditions.if_none_match, asset.hash); !tag.empty())
    return Reply{
        .status = 304,
        .head = std::make_shared<std::string const>(not_modified_head(Caching::immutable, tag == "*" ? "" : tag))};
  auto const& reply = asset.replies[static_cast<std::size_t>(encoding)];
  return reply.head ? reply : asset.replies[0];
}

}  // namespace courant::web
