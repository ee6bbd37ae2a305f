#include "net/tls/server_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "net/tls/certificate.h"
#include "net/tls/context_settings.h"
#include "net/tls/failure.h"
#include "net/tls/session.h"
#include "net/tls/ticket_keys.h"

namespace clearline::net {

namespace {

constexpr std::string_view alpn_http_1_1 = "http/1.1";
constexpr std::size_t ocsp_answer_bytes_max = 64 * 1024;

int on_server_name(SSL* ssl, int* /*alert*/, void* /*argument*/) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const TlsSession::Handshake* handshake = TlsSession::of(ssl).handshake();
  if (name == nullptr || handshake == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* context = handshake->server->find(name);
  if (context == nullptr) return SSL_TLSEXT_ERR_NOACK;  // the default certificate; the client judges it
  SSL_set_SSL_CTX(ssl, context);
  return SSL_TLSEXT_ERR_OK;
}

// RFC 7301 section 3.2: a client that offers protocols, and not ours, gets the alert no_application_protocol.
int on_alpn(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
            unsigned int offered_size, void* /*argument*/) {
  for (unsigned int i = 0; i < offered_size; i += 1U + offered[i]) {
    const std::string_view name(reinterpret_cast<const char*>(offered) + i + 1, offered[i]);
    if (name != alpn_http_1_1) continue;
    *chosen = offered + i + 1;
    *chosen_size = offered[i];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void free_answer(void* /*certificate*/, void* answer, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*number*/,
                 void* /*pointer*/) {
  delete static_cast<std::string*>(answer);
}

// The OCSP answer belongs to the certificate.
int answer_index() {
  static const int index = X509_get_ex_new_index(0, nullptr, nullptr, nullptr, free_answer);
  return index;
}

int on_status_request(SSL* ssl, void* /*argument*/) {
  const X509* certificate = SSL_get_certificate(ssl);
  const auto* answer =
      certificate == nullptr ? nullptr : static_cast<const std::string*>(X509_get_ex_data(certificate, answer_index()));
  if (answer == nullptr) return SSL_TLSEXT_ERR_NOACK;
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(answer->data(), answer->size()));
  if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(answer->size()));
  return SSL_TLSEXT_ERR_OK;
}

// No terminal may be asked for it.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*argument*/) {
  return 0;
}

Error file_error(const std::string& file, const std::string& what) {
  return {ErrorCode::invalid_argument, file + ": " + what};
}

Result<void> check_readable(const std::string& file) {
  errno = 0;
  std::ifstream stream(file);
  if (!stream || (stream.peek() == std::char_traits<char>::eof() && errno != 0)) {
    return fail(ErrorCode::io, file + ": " + std::strerror(errno));
  }
  return {};
}

// Layers above may have noted that the layer below failed, and some below only tried.
bool has_reason(int library, int reason) {
  const auto is = [&](unsigned long error) { return ERR_GET_LIB(error) == library && ERR_GET_REASON(error) == reason; };
  return is(ERR_peek_error()) || is(ERR_peek_last_error());
}

Result<void> use_certificate(SSL_CTX* context, const std::string& file) {
  CLEARLINE_CHECK(check_readable(file));
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) == 1) return {};
  if (has_reason(ERR_LIB_PEM, PEM_R_NO_START_LINE)) {
    ERR_clear_error();
    return tl::unexpected(file_error(file, "no certificate in PEM form (\"BEGIN CERTIFICATE\")"));
  }
  return tl::unexpected(file_error(file, "the certificate cannot be used: " + take_openssl_errors()));
}

Result<void> use_key(SSL_CTX* context, const TlsCertificateFiles& files) {
  CLEARLINE_CHECK(check_readable(files.key));
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context) == 1) {
    return {};
  }
  if (has_reason(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH) || has_reason(ERR_LIB_X509, X509_R_KEY_TYPE_MISMATCH)) {
    ERR_clear_error();
    return tl::unexpected(file_error(files.key, "the key does not belong to the certificate in " + files.certificate));
  }
  std::ifstream stream(files.key);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (text.find("ENCRYPTED") != std::string::npos) {
    ERR_clear_error();
    return tl::unexpected(file_error(files.key, "the key is encrypted with a passphrase, which nobody can enter here"));
  }
  if (text.find("PRIVATE KEY-----") == std::string::npos) {
    ERR_clear_error();
    return tl::unexpected(file_error(files.key, "no private key in PEM form (\"BEGIN PRIVATE KEY\")"));
  }
  return tl::unexpected(file_error(files.key, "the key cannot be used: " + take_openssl_errors()));
}

Result<void> use_ocsp_answer(X509* certificate, const std::string& certificate_file) {
  const std::string file = certificate_file + ".ocsp";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  std::ifstream stream(file, std::ios::binary);
  auto answer = std::make_unique<std::string>(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  if (stream.bad() || answer->empty() || answer->size() > ocsp_answer_bytes_max) {
    return tl::unexpected(file_error(file, "not an OCSP answer"));
  }
  if (X509_set_ex_data(certificate, answer_index(), answer.get()) != 1) {
    return fail(ErrorCode::internal, file + ": " + take_openssl_errors());
  }
  (void)answer.release();
  return {};
}

void warn_of_key_mode(const std::string& file, std::vector<std::string>& warnings) {
  struct stat status {};
  // Reading by a group is how Debian's ssl-cert shares keys.
  constexpr mode_t open_to_others = S_IWGRP | S_IRWXO;
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & open_to_others) == 0) return;
  warnings.push_back(file + ": others than its owner and group can read or write this key; chmod 600 it");
}

void warn_of_certificate(const std::string& file, const X509& certificate, bool alone,
                         std::vector<std::string>& warnings) {
  if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0) {
    warnings.push_back(file + ": the certificate expired on " + time_text(X509_get0_notAfter(&certificate)));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0) {
    warnings.push_back(file + ": the certificate is not valid before " + time_text(X509_get0_notBefore(&certificate)));
  }
  const bool self_signed = X509_NAME_cmp(X509_get_subject_name(&certificate), X509_get_issuer_name(&certificate)) == 0;
  if (alone && !self_signed) {
    warnings.push_back(file + ": holds the server's certificate only; clients that do not know " +
                       issuer_of(certificate) + " will refuse it (with Let's Encrypt, use fullchain.pem)");
  }
  if (names_of(certificate).empty()) {
    warnings.push_back(file + ": the certificate has no name; every client will refuse it");
  }
}

std::string without_trailing_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace

TlsServerContext::TlsServerContext() = default;
TlsServerContext::~TlsServerContext() = default;

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::load(const TlsServerOptions& options) {
  if (options.certificates.empty()) return fail(ErrorCode::invalid_argument, "TLS needs a certificate and its key");
  std::shared_ptr<TlsServerContext> context(new TlsServerContext());
  context->ticket_keys_ = std::make_unique<TicketKeys>(options.ticket_lifetime_s);
  for (const TlsCertificateFiles& files : options.certificates) CLEARLINE_CHECK(context->add(files, options));
  return std::shared_ptr<const TlsServerContext>(std::move(context));
}

Result<SslContextHandle> TlsServerContext::make_context(const TlsServerOptions& options) {
  CLEARLINE_TRY(auto context, make_ssl_context(true, options.version_min, options.version_max));
  // Phones without AES instructions ask for ChaCha20 first, and get it.
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_tlsext_servername_callback(context.get(), on_server_name);
  SSL_CTX_set_alpn_select_cb(context.get(), on_alpn, nullptr);
  SSL_CTX_set_tlsext_status_cb(context.get(), on_status_request);
  ticket_keys_->attach(context.get());
  return context;
}

Result<void> TlsServerContext::add(const TlsCertificateFiles& files, const TlsServerOptions& options) {
  CLEARLINE_TRY(auto context, make_context(options));
  CLEARLINE_CHECK(use_certificate(context.get(), files.certificate));
  CLEARLINE_CHECK(use_key(context.get(), files));
  X509& certificate = *SSL_CTX_get0_certificate(context.get());
  CLEARLINE_CHECK(use_ocsp_answer(&certificate, files.certificate));
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context.get(), &chain);
  warn_of_key_mode(files.key, warnings_);
  warn_of_certificate(files.certificate, certificate, sk_X509_num(chain) <= 0, warnings_);
  const auto names = names_of(certificate);
  const auto same_names = std::find_if(certificates_.begin(), certificates_.end(),
                                       [&](const TlsCertificateInfo& other) { return other.names == names; });
  if (same_names != certificates_.end() && !names.empty()) {
    // A key of another type beside the first: the client's ciphers choose.
    SSL_CTX* first = by_name_.at(names.front());
    if (SSL_CTX_use_cert_and_key(first, &certificate, SSL_CTX_get0_privatekey(context.get()), chain, 0) != 1) {
      ERR_clear_error();
      return tl::unexpected(file_error(files.certificate, same_names->file + " has the same names and type of key"));
    }
  }
  for (const std::string& name : names) by_name_.emplace(name, context.get());  // the first one with a name has it
  certificates_.push_back({files.certificate, names, time_text(X509_get0_notAfter(&certificate))});
  contexts_.push_back(std::move(context));
  return {};
}

ssl_ctx_st* TlsServerContext::find(std::string_view name) const {
  const std::string wanted = without_trailing_dot(name);
  if (const auto exact = by_name_.find(wanted); exact != by_name_.end()) return exact->second;
  // RFC 6125 section 6.4.3: the wildcard stands for one label, the leftmost.
  const std::size_t dot = wanted.find('.');
  if (dot == std::string::npos || dot == 0) return nullptr;
  const auto wildcard = by_name_.find("*" + wanted.substr(dot));
  return wildcard == by_name_.end() ? nullptr : wildcard->second;
}

}  // namespace clearline::net
