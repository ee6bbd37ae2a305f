#include "net/tls/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "net/socket_address.h"

namespace clearline::net {

namespace {

// RFC 8446 section 5.1: the content types that a connection may begin with.
constexpr std::byte alert_type{21};
constexpr std::byte handshake_type{22};

SslHandle make_ssl(SSL_CTX* context, TlsTransport& transport) {
  SslHandle ssl(SSL_new(context));
  if (ssl) {
    BIO* bio = transport.new_reference();
    SSL_set_bio(ssl.get(), bio, bio);
  }
  return ssl;
}

// SNI and the check of the certificate's names; RFC 6066 section 3: no addresses, no trailing dot.
bool set_host(SSL* ssl, std::string host, bool check) {
  if (SocketAddress::parse(host, 0)) {
    return !check || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  if (host.ends_with('.')) host.pop_back();
  if (SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return !check || SSL_set1_host(ssl, host.c_str()) == 1;
}

bool is_version_mismatch(int reason) {
  return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_VERSION_TOO_LOW || reason == SSL_R_VERSION_TOO_HIGH ||
         reason == SSL_R_WRONG_SSL_VERSION || reason == SSL_R_WRONG_VERSION_NUMBER ||
         reason == SSL_R_NO_PROTOCOLS_AVAILABLE;
}

}  // namespace

TlsSession::TlsSession(SslHandle ssl, TlsTransport& transport, std::unique_ptr<Handshake> handshake)
    : ssl_(std::move(ssl)), transport_(transport), handshake_(std::move(handshake)) {
  SSL_set_app_data(ssl_.get(), this);
}

TlsSession::~TlsSession() = default;

TlsSession& TlsSession::of(const ssl_st* ssl) {
  return *static_cast<TlsSession*>(SSL_get_app_data(ssl));
}

std::unique_ptr<TlsSession> TlsSession::accept(std::shared_ptr<const TlsServerContext> context,
                                               TlsTransport& transport) {
  SslHandle ssl = make_ssl(context->default_handle(), transport);
  if (!ssl) return nullptr;
  SSL_set_accept_state(ssl.get());
  auto handshake = std::make_unique<Handshake>();
  handshake->server = std::move(context);
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(ssl), transport, std::move(handshake)));
}

std::unique_ptr<TlsSession> TlsSession::connect(std::shared_ptr<const TlsClientContext> context,
                                                const std::string& host, TlsTransport& transport) {
  SslHandle ssl = make_ssl(context->handle(), transport);
  if (!ssl || !set_host(ssl.get(), host, !context->insecure())) return nullptr;
  SSL_set_connect_state(ssl.get());
  auto handshake = std::make_unique<Handshake>();
  handshake->client = std::move(context);
  handshake->host = host;
  std::unique_ptr<TlsSession> session(new TlsSession(std::move(ssl), transport, std::move(handshake)));
  const TlsTransport::Lease lease(transport, {}, session->unsent_);
  session->advance_handshake();
  return session;
}

TlsSession::Received TlsSession::receive(std::span<const std::byte> ciphertext, std::span<std::byte> plaintext) {
  CLEARLINE_ASSERT(plaintext.size() >= ciphertext.size() + record_bytes_max);
  if (failure_) return {0, Status::failed};
  if (close_received_) return {0, Status::closed};
  if (!is_tls(ciphertext)) return {0, Status::failed};
  const TlsTransport::Lease lease(transport_, ciphertext, unsent_);
  if (!established_ && !advance_handshake()) return {0, failure_ ? Status::failed : Status::more};
  std::size_t filled = 0;
  while (true) {
    std::size_t count = 0;
    ERR_clear_error();
    const auto rest = plaintext.subspan(filled);
    const int result = SSL_read_ex(ssl_.get(), rest.data(), rest.size(), &count);
    filled += count;
    if (result == 1) continue;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return {filled, Status::more};
      case SSL_ERROR_ZERO_RETURN:
        close_received_ = true;
        return {filled, Status::closed};
      default:
        fail();
        return {filled, Status::failed};
    }
  }
}

bool TlsSession::advance_handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    established_ = true;
    handshake_.reset();
    return true;
  }
  if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) fail();
  return false;
}

// Somebody who does not speak TLS at all is told apart from one who does it wrong.
bool TlsSession::is_tls(std::span<const std::byte> ciphertext) {
  if (!handshake_ || ciphertext.empty() || std::exchange(handshake_->input_seen, true)) return true;
  if (ciphertext[0] == handshake_type || ciphertext[0] == alert_type) return true;
  const std::string_view text(reinterpret_cast<const char*>(ciphertext.data()), ciphertext.size());
  failure_ = std::make_unique<TlsFailure>(
      TlsFailure{registry::Cause::not_tls, "not TLS: the peer began with '" + printable_excerpt(text) + "'"});
  return false;
}

void TlsSession::fail() {
  using registry::Cause;
  TlsFailure failure;
  const unsigned long error = ERR_peek_error();
  if (handshake_ && handshake_->verification) {
    failure = std::move(*handshake_->verification);
  } else if (alert_received_) {
    constexpr int protocol_version = SSL_AD_PROTOCOL_VERSION;
    failure.cause = *alert_received_ == protocol_version ? Cause::tls_version_unsupported : Cause::tls_alert_received;
    failure.detail = "tls alert received: " + alert_name(*alert_received_);
  } else {
    const bool version = ERR_GET_LIB(error) == ERR_LIB_SSL && is_version_mismatch(ERR_GET_REASON(error));
    failure.cause = version ? Cause::tls_version_unsupported : Cause::tls_failed;
    failure.detail = take_openssl_errors();
  }
  if (established_) failure.cause = Cause::tls_broken;
  ERR_clear_error();
  failure_ = std::make_unique<TlsFailure>(std::move(failure));
}

bool TlsSession::seal(std::span<const std::byte> plaintext, std::string& ciphertext) {
  CLEARLINE_ASSERT(established_);
  if (failure_) return false;
  if (plaintext.empty()) return true;
  const TlsTransport::Lease lease(transport_, {}, ciphertext);
  std::size_t written = 0;
  ERR_clear_error();
  if (SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written) == 1) return true;
  fail();
  return false;
}

void TlsSession::close(std::string& ciphertext) {
  if (!established_ || failure_ || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  const TlsTransport::Lease lease(transport_, {}, ciphertext);
  (void)SSL_shutdown(ssl_.get());  // 0: sent, the peer's has not come
  ERR_clear_error();
}

const char* TlsSession::version_name() const {
  return SSL_get_version(ssl_.get());
}
const char* TlsSession::cipher_name() const {
  return SSL_get_cipher_name(ssl_.get());
}

}  // namespace clearline::net
