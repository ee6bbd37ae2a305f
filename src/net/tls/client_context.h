// What TLS clients share: whom they trust, and which versions they speak. Immutable, for any number of connections and
// threads; loading the authorities takes a while, so make one and keep it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/tls/handles.h"
#include "net/tls/version.h"

namespace clearline::net {

struct TlsClientOptions {
  // PEM file of the authorities to trust; empty for the system's.
  std::string ca_file;
  // No check of the certificate at all: whoever is on the way can read and change everything.
  bool insecure = false;
  TlsVersion version_min = TlsVersion::tls_1_2;
  TlsVersion version_max = TlsVersion::tls_1_3;
};

class TlsClientContext {
 public:
  // Errors name the file.
  [[nodiscard]] static Result<std::shared_ptr<const TlsClientContext>> create(const TlsClientOptions& options);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;

  // For TlsSession.
  [[nodiscard]] ssl_ctx_st* handle() const { return context_.get(); }
  [[nodiscard]] bool insecure() const { return insecure_; }

 private:
  TlsClientContext(SslContextHandle context, bool insecure);

  SslContextHandle context_;
  bool insecure_;
};

}  // namespace clearline::net
