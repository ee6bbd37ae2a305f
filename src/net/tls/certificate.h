// What is read off a certificate for people. Not part of the public interface.
#pragma once

#include <string>
#include <vector>

#include "net/tls/handles.h"

struct asn1_string_st;

namespace clearline::net {

// Its DNS names in lower case and its addresses, of the subjectAltName; the common name only where it has none.
[[nodiscard]] std::vector<std::string> names_of(const x509_st& certificate);
// "CN = example.org, O = …"; control characters escaped.
[[nodiscard]] std::string subject_of(const x509_st& certificate);
[[nodiscard]] std::string issuer_of(const x509_st& certificate);
// "2026-02-01T00:00:00Z"
[[nodiscard]] std::string time_text(const asn1_string_st* time);
// RFC 7633: the server promises to staple an OCSP answer.
[[nodiscard]] bool demands_stapling(const x509_st& certificate);

}  // namespace clearline::net
