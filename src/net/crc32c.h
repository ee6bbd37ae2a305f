// CRC-32C (Castagnoli), RFC 3720 appendix B.4: the checksum that a PROXY header may carry. Not part of the public
// interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace clearline::net {

// `seed` is the checksum of what came before, so a text can be given in pieces.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0);

}  // namespace clearline::net
