#include "base/crypto.hpp"

#include <sodium.h>

#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>

namespace courant::crypto {
namespace {

/// Bounds how many argon2id runs share the machine's memory at once.
class Turnstile {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    free_.wait(lock, [this] { return inside_ < kMost; });
    ++inside_;
  }
  void leave() {
    {
      std::scoped_lock lock(mutex_);
      --inside_;
    }
    free_.notify_one();
  }

 private:
  static constexpr int kMost = 2;
  std::mutex mutex_;
  std::condition_variable free_;
  int inside_ = 0;
};

Turnstile& turnstile() {
  static Turnstile one;
  return one;
}

struct Turn {
  Turn() { turnstile().enter(); }
  ~Turn() { turnstile().leave(); }
  Turn(Turn const&) = delete;
  Turn& operator=(Turn const&) = delete;
};

unsigned char const* bytes_of(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }

static_assert(sizeof(crypto_hash_sha256_state) <= 128);

}  // namespace

Done set_up() {
  if (sodium_init() < 0) return broken("libsodium finds no source of randomness");
  return {};
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

std::string random_token(std::size_t bytes) { return base64url(random_bytes(bytes)); }

std::uint64_t random_number() {
  std::uint64_t out;
  randombytes_buf(&out, sizeof out);
  return out;
}

Digest sha256(std::string_view data) {
  Digest digest;
  crypto_hash_sha256(digest.data(), bytes_of(data), data.size());
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
  crypto_auth_hmacsha256_state state;
  Digest digest;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(data), data.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  return digest;
}

std::string hex(std::string_view bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
  out.pop_back();
  return out;
}

std::string hex(Digest const& digest) {
  return hex(std::string_view(reinterpret_cast<char const*>(digest.data()), digest.size()));
}

std::string base64url(std::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), kVariant);
  out.resize(std::strlen(out.c_str()));
  return out;
}

Result<std::string> base64url_decode(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    return invalid("base.bad_base64");
  out.resize(length);
  return out;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sha256::Sha256() : state_{} { crypto_hash_sha256_init(reinterpret_cast<crypto_hash_sha256_state*>(state_.data())); }
void Sha256::add(std::string_view data) {
  crypto_hash_sha256_update(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()), bytes_of(data), data.size());
}
Digest Sha256::finish() {
  Digest digest;
  crypto_hash_sha256_final(reinterpret_cast<crypto_hash_sha256_state*>(state_.data()), digest.data());
  return digest;
}

Result<std::string> hash_password(std::string_view password) {
  Turn turn;
  char out[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(out, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return unavailable("not enough memory to hash a password");
  return std::string(out);
}

bool password_matches(std::string_view hash, std::string_view password) {
  Turn turn;
  std::string const terminated(hash);
  return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

std::uint64_t quick_hash(std::string_view data) noexcept { return std::hash<std::string_view>{}(data); }

}  // namespace courant::crypto
