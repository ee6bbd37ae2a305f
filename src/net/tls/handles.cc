#include "net/tls/handles.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace clearline::net {

void OpenSslDeleter::operator()(bio_st* bio) const {
  BIO_free(bio);
}
void OpenSslDeleter::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}
void OpenSslDeleter::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}
void OpenSslDeleter::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

}  // namespace clearline::net
