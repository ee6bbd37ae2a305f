#include "net/tls/failure.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

namespace clearline::net {

namespace {

constexpr std::size_t excerpt_bytes_max = 60;

constexpr auto alert_names = std::to_array<std::pair<std::uint8_t, std::string_view>>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
});

}  // namespace

std::string alert_name(std::uint8_t description) {
  const auto* const found = std::find_if(alert_names.begin(), alert_names.end(),
                                         [description](const auto& alert) { return alert.first == description; });
  return found == alert_names.end() ? "alert " + std::to_string(description) : std::string(found->second);
}

std::string take_openssl_errors() {
  std::string text;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long error = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    const char* reason = ERR_reason_error_string(error);
    if (!text.empty()) text += "; ";
    text += reason != nullptr ? reason : "error " + std::to_string(error);
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') text += " (" + printable_excerpt(data) + ")";
  }
  return text.empty() ? "unknown error" : text;
}

std::string printable_excerpt(std::string_view bytes) {
  std::string text(bytes.substr(0, std::min(bytes.find_first_of("\r\n"), excerpt_bytes_max)));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e || c == '"' || c == '\''; }, '.');
  return text;
}

}  // namespace clearline::net
