// Certificates for tests, made on the spot in a temporary directory: good ones, and each way of being bad.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "net/tls/server_context.h"

namespace clearline::net {

struct CertificateRequest {
  std::string names = "DNS:localhost, IP:127.0.0.1, IP:::1";  // as OpenSSL's subjectAltName takes them
  std::int64_t valid_from_s = -3600;                          // from now
  std::int64_t valid_to_s = 86'400;
  bool must_staple = false;  // RFC 7633
  bool self_signed = false;
  bool rsa = false;  // else ECDSA
};

enum class OcspVerdict : std::uint8_t { good, revoked, unknown, out_of_date, of_another_authority };

// A certificate authority of its own.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // PEM file of the authority itself.
  [[nodiscard]] std::string ca_file() const { return path("ca.pem"); }
  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }

  // Writes NAME.pem (with the authority behind it) and NAME.key.
  TlsCertificateFiles issue(const std::string& name, const CertificateRequest& request = {});
  // Writes the OCSP answer that the server staples to it.
  void staple(const TlsCertificateFiles& files, OcspVerdict verdict);

 private:
  struct Keys;

  std::filesystem::path directory_;
  std::unique_ptr<Keys> keys_;
  long next_serial_ = 1;
};

}  // namespace clearline::net
