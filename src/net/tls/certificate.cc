#include "net/tls/certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/tls1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <string_view>

namespace clearline::net {

namespace {

std::string name_text(const X509_NAME* name) {
  const BioHandle memory(BIO_new(BIO_s_mem()));
  constexpr unsigned long flags = XN_FLAG_ONELINE & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!memory || X509_NAME_print_ex(memory.get(), name, 0, flags) < 0) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// A name with anything else in it is not one that a client can ask for.
bool is_dns_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' || c == '*';
  });
}

std::string lower_case(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return lower;
}

std::string_view view_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

void append_name(const GENERAL_NAME& name, std::vector<std::string>& names) {
  if (name.type == GEN_DNS) {
    const std::string_view text = view_of(name.d.dNSName);
    if (is_dns_name(text)) names.push_back(lower_case(text));
  } else if (name.type == GEN_IPADD) {
    const std::string_view bytes = view_of(name.d.iPAddress);
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
    if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return;
    if (inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr) names.emplace_back(text.data());
  }
}

}  // namespace

std::vector<std::string> names_of(const x509_st& certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    append_name(*sk_GENERAL_NAME_value(alternatives.get(), i), names);
  }
  if (alternatives) return names;
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (position < 0) return names;
  const std::string_view text = view_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position)));
  if (is_dns_name(text)) names.push_back(lower_case(text));
  return names;
}

std::string subject_of(const x509_st& certificate) {
  return name_text(X509_get_subject_name(&certificate));
}
std::string issuer_of(const x509_st& certificate) {
  return name_text(X509_get_issuer_name(&certificate));
}

std::string time_text(const asn1_string_st* time) {
  std::tm broken_down{};
  std::array<char, 32> text{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &broken_down) != 1) return "an unknown time";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &broken_down)};
}

bool demands_stapling(const x509_st& certificate) {
  const std::unique_ptr<TLS_FEATURE, decltype(&TLS_FEATURE_free)> features(
      static_cast<TLS_FEATURE*>(X509_get_ext_d2i(&certificate, NID_tlsfeature, nullptr, nullptr)), TLS_FEATURE_free);
  for (int i = 0; i < sk_ASN1_INTEGER_num(features.get()); ++i) {
    if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == TLSEXT_TYPE_status_request) return true;
  }
  return false;
}

}  // namespace clearline::net
