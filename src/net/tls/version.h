#pragma once

#include <cstdint>

namespace clearline::net {

// Older ones are not spoken: RFC 8996 forbids them.
enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

}  // namespace clearline::net
