#include "net/tls/verification.h"

#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/tls/certificate.h"
#include "net/tls/session.h"

namespace clearline::net {

namespace {

using registry::Cause;

constexpr std::size_t names_listed_max = 5;
// Clocks of authorities and clients differ a little.
constexpr long ocsp_clock_tolerance_s = 300;

std::string list_of_names(const X509& certificate) {
  const std::vector<std::string> names = names_of(certificate);
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < names_listed_max; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > names_listed_max) text += " and " + std::to_string(names.size() - names_listed_max) + " more";
  return text.empty() ? "no name" : text;
}

TlsFailure describe(int error, const X509* certificate, const std::string& host) {
  const std::string which = certificate != nullptr ? "the certificate of " + subject_of(*certificate) : "a certificate";
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {Cause::certificate_expired, which + " expired on " + time_text(X509_get0_notAfter(certificate))};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Cause::certificate_not_yet_valid,
              which + " is not valid before " + time_text(X509_get0_notBefore(certificate))};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Cause::certificate_wrong_host,
              "the certificate is for " + list_of_names(*certificate) + ", not for " + host};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return {Cause::certificate_unknown_authority, which + " is self-signed, and not one of the known authorities"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return {Cause::certificate_unknown_authority,
              which + (certificate == nullptr
                           ? std::string(" comes from an unknown authority")
                           : " was issued by " + issuer_of(*certificate) + ", which is not a known authority")};
    case X509_V_ERR_CERT_REVOKED:
      return {Cause::certificate_revoked, which + " was revoked"};
    default:
      return {Cause::certificate_invalid, which + ": " + X509_verify_cert_error_string(error)};
  }
}

void note(TlsSession& session, TlsFailure failure) {
  TlsSession::Handshake* handshake = session.handshake();
  if (handshake == nullptr || handshake->verification) return;
  handshake->verification = std::make_unique<TlsFailure>(std::move(failure));
}

int on_certificate(int verified, X509_STORE_CTX* store_context) {
  if (verified == 1) return 1;
  const auto* ssl =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store_context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  // Null for the chain of an OCSP answer's signer, which is checked against the same store.
  if (ssl == nullptr) return 0;
  TlsSession& session = TlsSession::of(ssl);
  note(session, describe(X509_STORE_CTX_get_error(store_context), X509_STORE_CTX_get_current_cert(store_context),
                         session.handshake() != nullptr ? session.handshake()->host : std::string()));
  return 0;
}

using OcspResponse = std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)>;
using OcspBasicResponse = std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)>;

// The authority may have used any digest to name the certificate (RFC 6960 section 4.1.1).
OCSP_SINGLERESP* find_single(OCSP_BASICRESP* basic, const X509* certificate, const X509* issuer) {
  for (int i = 0; i < OCSP_resp_count(basic); ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic, i);
    const OCSP_CERTID* named = OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT* digest = nullptr;
    OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, const_cast<OCSP_CERTID*>(named));
    const std::unique_ptr<OCSP_CERTID, decltype(&OCSP_CERTID_free)> own(
        OCSP_cert_to_id(EVP_get_digestbyobj(digest), certificate, issuer), OCSP_CERTID_free);
    if (own && OCSP_id_cmp(own.get(), named) == 0) return single;
  }
  return nullptr;
}

TlsFailure bad_answer(const std::string& why) {
  return {Cause::certificate_status_invalid, "the stapled OCSP answer " + why};
}

std::optional<TlsFailure> check_single(OCSP_SINGLERESP* single, const X509& certificate) {
  int reason = -1;
  ASN1_GENERALIZEDTIME* revoked_at = nullptr;
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, &revoked_at, &this_update, &next_update);
  if (OCSP_check_validity(this_update, next_update, ocsp_clock_tolerance_s, -1) != 1) {
    return bad_answer("is out of date: it was valid from " + time_text(this_update) +
                      (next_update != nullptr ? " to " + time_text(next_update) : ""));
  }
  if (status == V_OCSP_CERTSTATUS_REVOKED) {
    std::string detail = "the certificate of " + subject_of(certificate) + " was revoked on " + time_text(revoked_at);
    if (reason >= 0) detail += " (" + std::string(OCSP_crl_reason_str(reason)) + ")";
    return TlsFailure{Cause::certificate_revoked, std::move(detail)};
  }
  if (status != V_OCSP_CERTSTATUS_GOOD) return bad_answer("says that the authority does not know the certificate");
  return std::nullopt;
}

std::optional<TlsFailure> check_stapled(SSL* ssl) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl);
  if (certificate == nullptr || chain == nullptr) return std::nullopt;  // a resumed session
  const unsigned char* bytes = nullptr;
  const long size = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);
  if (size <= 0 || bytes == nullptr) {
    if (!demands_stapling(*certificate)) return std::nullopt;
    return TlsFailure{Cause::certificate_status_missing, "the certificate of " + subject_of(*certificate) +
                                                             " demands a stapled OCSP answer, and none came"};
  }
  const OcspResponse response(d2i_OCSP_RESPONSE(nullptr, &bytes, size), OCSP_RESPONSE_free);
  if (!response) return bad_answer("is not an OCSP answer");
  const int status = OCSP_response_status(response.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return bad_answer("is an error: " + std::string(OCSP_response_status_str(status)));
  }
  const OcspBasicResponse basic(OCSP_response_get1_basic(response.get()), OCSP_BASICRESP_free);
  X509_STORE* store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
  if (!basic || OCSP_basic_verify(basic.get(), chain, store, 0) != 1) {
    return bad_answer("is not signed by the certificate's authority: " + take_openssl_errors());
  }
  const X509* issuer = sk_X509_value(chain, sk_X509_num(chain) > 1 ? 1 : 0);
  OCSP_SINGLERESP* single = find_single(basic.get(), certificate, issuer);
  if (single == nullptr) return bad_answer("is about another certificate");
  return check_single(single, *certificate);
}

int on_status(SSL* ssl, void* /*argument*/) {
  auto failure = check_stapled(ssl);
  if (!failure) return 1;
  note(TlsSession::of(ssl), std::move(*failure));
  return 0;  // OpenSSL sends bad_certificate_status_response
}

}  // namespace

void verify_servers(ssl_ctx_st* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_certificate);
  SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp);
  SSL_CTX_set_tlsext_status_cb(context, on_status);
}

}  // namespace clearline::net
