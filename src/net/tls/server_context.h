// What the TLS connections of a server share: its certificates, chosen by the name that a client asks for (RFC 6066
// section 3), and its rules. Immutable and for any number of threads: to reload certificates, load another one and give
// it to Server::set_tls(); connections keep the one that they began with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/tls/handles.h"
#include "net/tls/version.h"

namespace clearline::net {

class TicketKeys;

struct TlsCertificateFiles {
  // PEM, the server's own certificate first, then those between it and the authority. If CERTIFICATE.ocsp exists, it is
  // the authority's OCSP answer (DER) and is stapled (RFC 6066 section 8).
  std::string certificate;
  std::string key;  // PEM, without a passphrase
};

struct TlsServerOptions {
  // The first is for clients that ask for no name, or for one that no certificate has. Several may have the same names
  // with keys of different types (RSA and ECDSA).
  std::vector<TlsCertificateFiles> certificates;
  TlsVersion version_min = TlsVersion::tls_1_2;
  TlsVersion version_max = TlsVersion::tls_1_3;
  // How long a client may resume a session without the whole handshake. The key that seals the tickets changes as
  // often.
  std::int64_t ticket_lifetime_s = 7200;
};

// For a line in the log.
struct TlsCertificateInfo {
  std::string file;
  std::vector<std::string> names;  // DNS names in lower case, and addresses
  std::string expires;             // "2026-02-01T00:00:00Z"
};

class TlsServerContext {
 public:
  // Errors name the file and what is wrong with it.
  [[nodiscard]] static Result<std::shared_ptr<const TlsServerContext>> load(const TlsServerOptions& options);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  [[nodiscard]] const std::vector<TlsCertificateInfo>& certificates() const { return certificates_; }
  // What works and is probably not meant: a key that others can read, a certificate that has expired.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  // For TlsSession.
  [[nodiscard]] ssl_ctx_st* default_handle() const { return contexts_.front().get(); }
  // The one with that name, or with a wildcard for it; null if there is none.
  [[nodiscard]] ssl_ctx_st* find(std::string_view name) const;

 private:
  TlsServerContext();
  Result<void> add(const TlsCertificateFiles& files, const TlsServerOptions& options);
  Result<SslContextHandle> make_context(const TlsServerOptions& options);

  std::vector<SslContextHandle> contexts_;
  std::map<std::string, ssl_ctx_st*, std::less<>> by_name_;
  std::unique_ptr<TicketKeys> ticket_keys_;
  std::vector<TlsCertificateInfo> certificates_;
  std::vector<std::string> warnings_;
};

}  // namespace clearline::net
