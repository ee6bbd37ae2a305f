#include "net/tls/client_context.h"

#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "net/tls/context_settings.h"
#include "net/tls/failure.h"
#include "net/tls/verification.h"

namespace clearline::net {

namespace {

// RFC 7301; what the opening handshake speaks.
constexpr unsigned char alpn_http_1_1[] = "\x08http/1.1";

Result<void> load_authorities(SSL_CTX* context, const std::string& ca_file) {
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
    return fail(ErrorCode::io, "the system's certificate authorities cannot be loaded: " + take_openssl_errors());
  }
  if (!std::ifstream(ca_file)) {
    return fail(ErrorCode::not_found, ca_file + ": " + std::strerror(errno));
  }
  if (SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1) return {};
  return fail(ErrorCode::invalid_argument,
              ca_file + ": not a PEM file of certificate authorities: " + take_openssl_errors());
}

}  // namespace

TlsClientContext::TlsClientContext(SslContextHandle context, bool insecure)
    : context_(std::move(context)), insecure_(insecure) {}
TlsClientContext::~TlsClientContext() = default;

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::create(const TlsClientOptions& options) {
  CLEARLINE_TRY(auto context, make_ssl_context(false, options.version_min, options.version_max));
  SSL_CTX_set_alpn_protos(context.get(), alpn_http_1_1, sizeof alpn_http_1_1 - 1);
  if (!options.insecure) {
    CLEARLINE_CHECK(load_authorities(context.get(), options.ca_file));
    verify_servers(context.get());
  }
  return std::shared_ptr<const TlsClientContext>(new TlsClientContext(std::move(context), options.insecure));
}

}  // namespace clearline::net
