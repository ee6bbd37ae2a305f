// SHA-1 and base64, for the one purpose that RFC 6455 section 4.2.2 has for them: Sec-WebSocket-Accept, which proves
// that the other side read the handshake and is no security measure (section 10.8). Nothing else may use this.
//
// Why not OpenSSL's: its SHA1() loads the library's providers, 2 MB of resident memory at the first handshake.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace clearline::ws {

using Sha1Digest = std::array<std::byte, 20>;

// RFC 3174.
[[nodiscard]] Sha1Digest sha1(std::span<const std::byte> bytes);

// RFC 4648 section 4, padded.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

}  // namespace clearline::ws
