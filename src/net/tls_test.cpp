#include "net/tls.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <fstream>

#include "base/crypto.hpp"
#include "net/test_parts.hpp"

namespace courant::net {
namespace {

/// A folder with a self-signed certificate and its key.
struct Certificate {
  explicit Certificate(std::string const& name) {
    REQUIRE(crypto::set_up().ok());
    folder = std::filesystem::temp_directory_path() / ("courant-tls-" + crypto::random_token(8));
    std::filesystem::create_directories(folder);
    write(name);
  }
  ~Certificate() { std::filesystem::remove_all(folder); }

  void write(std::string const& name) const {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* file = std::fopen(files().certificate.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(files().key.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  [[nodiscard]] TlsFiles files() const { return {folder / "certificate.pem", folder / "key.pem"}; }
  std::filesystem::path folder;
};

struct ClientSettings {
  int version = 0;        ///< 0: any
  std::string protocols;  ///< in ALPN's form
  SSL_SESSION* session = nullptr;
};

class TlsClient final : public TestClient {
 public:
  explicit TlsClient(std::uint16_t port, ClientSettings const& settings = {})
      : TestClient(port), context_(SSL_CTX_new(TLS_client_method())), session_(nullptr) {
    if (settings.version != 0) {
      SSL_CTX_set_security_level(context_, 0);
      SSL_CTX_set_min_proto_version(context_, settings.version);
      SSL_CTX_set_max_proto_version(context_, settings.version);
    }
    session_ = SSL_new(context_);
    auto const* protocols = reinterpret_cast<unsigned char const*>(settings.protocols.data());
    SSL_set_alpn_protos(session_, protocols, static_cast<unsigned>(settings.protocols.size()));
    if (settings.session != nullptr) SSL_set_session(session_, settings.session);
    SSL_set_fd(session_, socket_);
    connected = SSL_connect(session_) == 1;
  }
  ~TlsClient() override {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }

  void send(std::string_view bytes) override {
    REQUIRE(SSL_write(session_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size()));
  }
  std::string receive() override {
    std::string bytes(64 * 1024, '\0');
    int const got = SSL_read(session_, bytes.data(), static_cast<int>(bytes.size()));
    clean_end = got <= 0 && SSL_get_error(session_, got) == SSL_ERROR_ZERO_RETURN;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  [[nodiscard]] std::string version() const { return SSL_get_version(session_); }
  [[nodiscard]] bool resumed() const { return SSL_session_reused(session_) == 1; }
  [[nodiscard]] SSL_SESSION* take_session() const { return SSL_get1_session(session_); }
  [[nodiscard]] std::string protocol() const {
    unsigned char const* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(session_, &name, &size);
    return {reinterpret_cast<char const*>(name), size};
  }
  [[nodiscard]] std::string server_name() const {
    X509* const certificate = SSL_get1_peer_certificate(session_);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
  }

  bool connected = false;
  bool clean_end = false;

 private:
  SSL_CTX* context_;
  SSL* session_;
};

ServerOptions over_tls(Certificate const& certificate) {
  return {.endpoints = {{"127.0.0.1:0", Security::tls}}, .tls = certificate.files()};
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, older versions are not") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate));
  TlsClient newest(site.port());
  REQUIRE(newest.connected);
  CHECK(newest.version() == "TLSv1.3");
  CHECK(newest.get("/page").body == "hello ");
  CHECK(newest.get("/who").body == "127.0.0.1 https loopback");
  TlsClient older(site.port(), {.version = TLS1_2_VERSION});
  REQUIRE(older.connected);
  CHECK(older.get("/page").body == "hello ");
  CHECK_FALSE(TlsClient(site.port(), {.version = TLS1_1_VERSION}).connected);
}

TEST_CASE("http/1.1 is chosen by ALPN, and a client without it is refused") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate));
  TlsClient both(site.port(), {.protocols = "\x02h2\x08http/1.1"});
  REQUIRE(both.connected);
  CHECK(both.protocol() == "http/1.1");
  CHECK(both.get("/page").status == 200);
  CHECK_FALSE(TlsClient(site.port(), {.protocols = "\x02h2"}).connected);
}

TEST_CASE("a session is resumed by its ticket") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate));
  for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient first(site.port(), {.version = version});
    REQUIRE(first.connected);
    CHECK(first.get("/page").status == 200);
    CHECK_FALSE(first.resumed());
    SSL_SESSION* const session = first.take_session();
    TlsClient second(site.port(), {.version = version, .session = session});
    REQUIRE(second.connected);
    CHECK(second.resumed());
    CHECK(second.get("/page").status == 200);
    SSL_SESSION_free(session);
  }
}

TEST_CASE("large replies, files and pipelined requests pass through TLS whole") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate));
  TlsClient client(site.port());
  REQUIRE(client.connected);
  CHECK((client.get("/big").body == site.door.big));
  CHECK(client.get("/file").body == site.door.file_text);
  CHECK(client.get("/file", "Range: bytes=70000-170000\r\n").body == site.door.file_text.substr(70'000, 100'001));
  std::string requests;
  for (int i = 0; i < 300; ++i) requests += "GET /page?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(requests);
  for (int i = 0; i < 300; ++i) CHECK(client.answer().body == "hello " + std::to_string(i));
  CHECK(client.get("/page", "Connection: close\r\n").status == 200);
  CHECK(client.rest().empty());
  CHECK(client.clean_end);
}

TEST_CASE("bodies come in through TLS") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate), [](std::function<void()> task) { return task(), true; });
  TlsClient client(site.port());
  REQUIRE(client.connected);
  std::string const body(200'000, 'b');
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
  CHECK(client.ask(body).body == body);
}

TEST_CASE("plain bytes on a TLS port, and a handshake that stalls, end the connection") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate));
  TestClient plain(site.port());
  plain.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.rest().find("hello") == std::string::npos);
  TestClient silent(site.port());
  while (site.server->stats().accepted < 2) std::this_thread::yield();
  site.server->advance(11s);
  CHECK(silent.rest().empty());
}

TEST_CASE("a new certificate is used by new connections while the old ones live on") {
  Certificate const certificate("one");
  TestServer site(over_tls(certificate));
  TlsClient before(site.port());
  REQUIRE(before.connected);
  CHECK(before.server_name() == "one");
  certificate.write("two");
  REQUIRE(site.server->reload_certificates().ok());
  CHECK(before.get("/page").status == 200);
  TlsClient after(site.port());
  REQUIRE(after.connected);
  CHECK(after.server_name() == "two");

  std::ofstream(certificate.files().certificate) << "damaged";
  CHECK_FALSE(site.server->reload_certificates().ok());
  TlsClient still(site.port());
  REQUIRE(still.connected);
  CHECK(still.server_name() == "two");

  certificate.write("three");
  site.server->advance(6s);
  TlsClient noticed(site.port());
  REQUIRE(noticed.connected);
  CHECK(noticed.server_name() == "three");
  CHECK(before.get("/page").status == 200);
}

TEST_CASE("files that hold no certificate are refused at the start") {
  Certificate const certificate("one");
  Certificate const other("two");
  TestDoor door;
  ManualClock const clock{Time{}};
  auto const open = [&](TlsFiles files) {
    auto const opened = Server::open(
        {.endpoints = {{"127.0.0.1:0", Security::tls}}, .tls = std::move(files)}, door,
        [](auto const&) { return false; }, clock);
    REQUIRE_FALSE(opened.ok());
    return opened.error().message;
  };
  CHECK(open({"/absent.pem", certificate.files().key}) == "net.bad_certificate");
  CHECK(open({certificate.files().certificate, "/absent.pem"}) == "net.bad_certificate");
  CHECK(open({certificate.files().certificate, other.files().key}) == "net.bad_certificate");
}

}  // namespace courant::net
