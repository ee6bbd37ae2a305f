// UTF-8 validation 32 bytes at a time (AVX2, chosen at run time), by the "lookup4" algorithm of J. Keiser and
// D. Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2021). Internal to utf8.cc.
#pragma once

#include <cstddef>
#include <span>

namespace clearline::ws {

// Up to this size a plain ASCII test by words comes first.
inline constexpr std::size_t utf8_short_bytes_max = 64;
// Below this size the automaton is as fast.
inline constexpr std::size_t utf8_wide_bytes_min = 16;

[[nodiscard]] bool utf8_wide_available();
[[nodiscard]] bool utf8_wide_valid(std::span<const std::byte> text);
// The length of a prefix that is valid and ends between two code points. What follows it is not known yet; it is
// shorter than two blocks unless it is bad.
[[nodiscard]] std::size_t utf8_wide_prefix(std::span<const std::byte> text);

}  // namespace clearline::ws
