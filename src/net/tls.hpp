// TLS by OpenSSL on the socket itself: no buffers of ours between them, none of OpenSSL's while a connection is idle.
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>

#include "base/result.hpp"

// OpenSSL's names, so that its headers stay in tls.cpp and wire.cpp.
struct ssl_ctx_st;
struct ssl_st;

namespace courant::net {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM: the certificate and then its chain
  std::filesystem::path key;          ///< PEM
};

struct TlsDeleter {
  void operator()(ssl_ctx_st* context) const noexcept;
  void operator()(ssl_st* session) const noexcept;
};
using TlsSession = std::unique_ptr<ssl_st, TlsDeleter>;

/// The server's side of TLS 1.2 and 1.3 with ALPN http/1.1 and session tickets. Safe from any thread.
class TlsServer {
 public:
  /// Error: invalid when the files do not hold a certificate and its key.
  static Result<std::unique_ptr<TlsServer>> open(TlsFiles files);

  /// A session on `socket` that awaits the client's hello. Null when memory ran out.
  [[nodiscard]] TlsSession accept(int socket);

  /// Reads the files again; new connections use them, living ones go on with the old. When the files are bad the old
  /// stay in use. Also renews the keys of session tickets. Error: invalid.
  Done reload();
  /// reload() if the files are others than those in use. Error: as reload, once per change.
  Done reload_if_changed();

 private:
  using Context = std::unique_ptr<ssl_ctx_st, TlsDeleter>;

  explicit TlsServer(TlsFiles files) : files_(std::move(files)) {}
  [[nodiscard]] std::string fingerprint() const;
  static Result<Context> load(TlsFiles const& files);

  TlsFiles files_;
  std::mutex mutex_;
  Context context_;
  std::string seen_;  // fingerprint of the files that were last read, good or bad
};

}  // namespace courant::net
