#include "net/tls/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace clearline::net {

namespace {

int keys_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool set_up(const TicketKeys::Key& key, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt) {
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.authentication.data()),
                                        key.authentication.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
      OSSL_PARAM_construct_end()};
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.encryption.data(), iv, encrypt) == 1 &&
         EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// SSL_CTX_set_tlsext_ticket_key_evp_cb: 1 use, 2 use and renew, 0 a whole handshake instead, -1 error.
int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt) {
  // The handshake may have moved on to the context of another certificate: all of a server have the same keys.
  auto* keys = static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keys_index()));
  if (encrypt == 1) {
    const TicketKeys::Key key = keys->current(monotonic_now());
    std::copy(key.name.begin(), key.name.end(), name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    return set_up(key, iv, cipher, mac, 1) ? 1 : -1;
  }
  const auto found = keys->find({name, TicketKeys::name_bytes}, monotonic_now());
  if (!found) return 0;
  if (!set_up(found->key, iv, cipher, mac, 0)) return -1;
  return found->renew ? 2 : 1;
}

}  // namespace

bool TicketKeys::expired(const Key& key, MonotonicTime now, std::int64_t lifetimes) const {
  return now.ms - key.made.ms > lifetimes * lifetime_ms_;
}

TicketKeys::Key TicketKeys::current(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (!current_ || expired(*current_, now, 1)) {
    previous_ = std::exchange(current_, Key{});
    random_bytes(std::as_writable_bytes(std::span(current_->name)));
    random_bytes(std::as_writable_bytes(std::span(current_->encryption)));
    random_bytes(std::as_writable_bytes(std::span(current_->authentication)));
    current_->made = now;
  }
  return *current_;
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char> name, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  for (const auto* key : {&current_, &previous_}) {
    if (!*key || !std::equal(name.begin(), name.end(), (*key)->name.begin(), (*key)->name.end())) continue;
    if (expired(**key, now, 2)) return std::nullopt;
    return Found{**key, expired(**key, now, 1)};
  }
  return std::nullopt;
}

void TicketKeys::attach(ssl_ctx_st* context) {
  SSL_CTX_set_ex_data(context, keys_index(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
  SSL_CTX_set_timeout(context, static_cast<long>(lifetime_ms_ / 1000));
}

}  // namespace clearline::net
