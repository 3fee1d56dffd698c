#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <string>

#include "base/log.hpp"

namespace courant::net {
namespace {

std::string openssl_complaint() {
  char text[256] = "no reason given";
  if (auto const code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

/// RFC 7301: a client that offers protocols, but not ours, is told so instead of being misunderstood.
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* chosen_size, unsigned char const* offered,
                    unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, chosen_size, kOurs, sizeof kOurs - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

std::string stamp(std::filesystem::path const& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return "-";
  return fmt::format("{}.{}.{}.{}.{}", about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec,
                     about.st_mtim.tv_nsec);
}

}  // namespace

void TlsDeleter::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void TlsDeleter::operator()(ssl_st* session) const noexcept { SSL_free(session); }

Result<std::unique_ptr<TlsServer>> TlsServer::open(TlsFiles files) {
  auto server = std::unique_ptr<TlsServer>(new TlsServer(std::move(files)));
  TRY(server->reload());
  return server;
}

Result<TlsServer::Context> TlsServer::load(TlsFiles const& files) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return unavailable("no TLS context: " + openssl_complaint());
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Of TLS 1.2 only what has forward secrecy and authenticated encryption (RFC 9325).
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(raw, 1);  // a record's head and text in one read
  // Tickets keep sessions with the client; the cache here would only grow.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 1);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1)
    return invalid("net.bad_certificate",
                   "cannot use the certificate " + files.certificate.string() + ": " + openssl_complaint());
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(raw) != 1)
    return invalid("net.bad_certificate", "cannot use the key " + files.key.string() + ": " + openssl_complaint());
  return context;
}

TlsSession TlsServer::accept(int socket) {
  std::lock_guard const lock(mutex_);
  TlsSession session(SSL_new(context_.get()));
  if (session && SSL_set_fd(session.get(), socket) != 1) session.reset();
  if (session) SSL_set_accept_state(session.get());
  return session;
}

Done TlsServer::reload() {
  auto stamp_before = fingerprint();
  auto loaded = load(files_);
  std::lock_guard const lock(mutex_);
  seen_ = std::move(stamp_before);
  if (!loaded.ok()) return std::move(loaded).error();
  context_ = std::move(loaded).value();  // sessions hold their own reference to the old one
  return {};
}

Done TlsServer::reload_if_changed() {
  {
    auto const now = fingerprint();
    std::lock_guard const lock(mutex_);
    if (now == seen_) return {};
  }
  TRY(reload());
  log::info("certificate reloaded from {}", files_.certificate.string());
  return {};
}

std::string TlsServer::fingerprint() const { return stamp(files_.certificate) + "/" + stamp(files_.key); }

}  // namespace courant::net
