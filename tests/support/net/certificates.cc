#include "support/net/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace clearline::net {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Key make_key(bool rsa) {
  return {rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const std::string& common_name, EVP_PKEY* key, long serial, std::int64_t from_s,
                             std::int64_t to_s) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

void write_certificates(const std::string& path, std::initializer_list<X509*> certificates) {
  const File file(std::fopen(path.c_str(), "w"), std::fclose);
  ASSERT_NE(file, nullptr) << path;
  for (X509* certificate : certificates) PEM_write_X509(file.get(), certificate);
}

void write_key(const std::string& path, EVP_PKEY* key) {
  const File file(std::fopen(path.c_str(), "w"), std::fclose);
  ASSERT_NE(file, nullptr) << path;
  ::chmod(path.c_str(), 0600);
  PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
}

Certificate read_certificate(const std::string& path) {
  const File file(std::fopen(path.c_str(), "r"), std::fclose);
  return {PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free};
}

}  // namespace

struct TestAuthority::Keys {
  Key key = make_key(false);
  Certificate certificate{nullptr, X509_free};
};

TestAuthority::TestAuthority() : keys_(std::make_unique<Keys>()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "clearline-tls-XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  keys_->certificate = make_certificate("Test authority", keys_->key.get(), next_serial_++, -7200, 864'000);
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  X509_sign(certificate, keys_->key.get(), EVP_sha256());
  write_certificates(ca_file(), {certificate});
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

TlsCertificateFiles TestAuthority::issue(const std::string& name, const CertificateRequest& request) {
  const Key key = make_key(request.rsa);
  Certificate certificate = make_certificate(name, key.get(), next_serial_++, request.valid_from_s, request.valid_to_s);
  X509* issuer = request.self_signed ? certificate.get() : keys_->certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  if (!request.names.empty()) add_extension(certificate.get(), issuer, NID_subject_alt_name, request.names);
  if (request.must_staple) add_extension(certificate.get(), issuer, NID_tlsfeature, "status_request");
  X509_sign(certificate.get(), request.self_signed ? key.get() : keys_->key.get(), EVP_sha256());
  TlsCertificateFiles files{path(name + ".pem"), path(name + ".key")};
  if (request.self_signed) {
    write_certificates(files.certificate, {certificate.get()});
  } else {
    write_certificates(files.certificate, {certificate.get(), issuer});
  }
  write_key(files.key, key.get());
  return files;
}

void TestAuthority::staple(const TlsCertificateFiles& files, OcspVerdict verdict) {
  const Certificate certificate = read_certificate(files.certificate);
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha256(), certificate.get(), keys_->certificate.get());
  const bool old = verdict == OcspVerdict::out_of_date;
  ASN1_TIME* revoked_at = X509_gmtime_adj(nullptr, -1800);
  ASN1_TIME* this_update = X509_gmtime_adj(nullptr, old ? -7200 : -60);
  ASN1_TIME* next_update = X509_gmtime_adj(nullptr, old ? -3600 : 3600);
  const bool revoked = verdict == OcspVerdict::revoked;
  const int status = revoked                           ? V_OCSP_CERTSTATUS_REVOKED
                     : verdict == OcspVerdict::unknown ? V_OCSP_CERTSTATUS_UNKNOWN
                                                       : V_OCSP_CERTSTATUS_GOOD;
  OCSP_basic_add1_status(basic, id, status, revoked ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : 0,
                         revoked ? revoked_at : nullptr, this_update, next_update);
  const TestAuthority* signer = this;
  std::unique_ptr<TestAuthority> other;
  if (verdict == OcspVerdict::of_another_authority) {
    other = std::make_unique<TestAuthority>();
    signer = other.get();
  }
  EXPECT_EQ(
      OCSP_basic_sign(basic, signer->keys_->certificate.get(), signer->keys_->key.get(), EVP_sha256(), nullptr, 0), 1);
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &bytes);
  const File file(std::fopen((files.certificate + ".ocsp").c_str(), "wb"), std::fclose);
  EXPECT_EQ(std::fwrite(bytes, 1, static_cast<std::size_t>(size), file.get()), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  OCSP_RESPONSE_free(response);
  OCSP_CERTID_free(id);
  OCSP_BASICRESP_free(basic);
  for (ASN1_TIME* time : {revoked_at, this_update, next_update}) ASN1_TIME_free(time);
}

}  // namespace clearline::net
