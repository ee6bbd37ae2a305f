#include "net/tls/context_settings.h"

#include <openssl/ssl.h>

#include "net/tls/session.h"

namespace clearline::net {

namespace {

// RFC 9325 section 4.2: forward secrecy and authenticated encryption. TLS 1.3 has nothing else.
constexpr const char* ciphers_of_tls_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

int number_of(TlsVersion version) {
  return version == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

void on_info(const SSL* ssl, int where, int value) {
  constexpr int read_alert = SSL_CB_READ_ALERT;
  if ((where & read_alert) != read_alert) return;
  const auto description = static_cast<std::uint8_t>(value & 0xff);
  if (description != SSL_AD_CLOSE_NOTIFY) TlsSession::of(ssl).note_alert(description);
}

}  // namespace

Result<SslContextHandle> make_ssl_context(bool server, TlsVersion version_min, TlsVersion version_max) {
  SslContextHandle context(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), number_of(version_min)) != 1 ||
      SSL_CTX_set_max_proto_version(context.get(), number_of(version_max)) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), ciphers_of_tls_1_2) != 1) {
    return fail(ErrorCode::internal, "TLS cannot be set up: " + take_openssl_errors());
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets; nothing is kept here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_info_callback(context.get(), on_info);
  return context;
}

}  // namespace clearline::net
