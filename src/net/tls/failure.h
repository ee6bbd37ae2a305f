// Why TLS failed, in the registry's causes and in plain words. Not part of the public interface.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/registry.h"

namespace clearline::net {

struct TlsFailure {
  registry::Cause cause = registry::Cause::tls_failed;
  std::string detail;  // one line
};

// "unknown_ca" for 48, as RFC 8446 section 6 and its forerunners name them; "alert 77" for a number without a name.
[[nodiscard]] std::string alert_name(std::uint8_t description);

// What OpenSSL noted on this thread since the queue was cleared, oldest first; clears it. "unknown error" if nothing.
[[nodiscard]] std::string take_openssl_errors();

// The peer's bytes for a log line: its first line, at most 60 bytes, with what is not printable as dots.
[[nodiscard]] std::string printable_excerpt(std::string_view bytes);

}  // namespace clearline::net
