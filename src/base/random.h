// Randomness is an argument of everything that decides; this is the source that the edges use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace clearline {

// Cryptographically secure bytes from the kernel (getrandom). Aborts where the kernel has none.
void random_bytes(std::span<std::byte> out);
[[nodiscard]] std::uint64_t random_u64();
// Uniform in [0, bound); bound > 0.
[[nodiscard]] std::uint32_t random_below(std::uint32_t bound);

}  // namespace clearline
