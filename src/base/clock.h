// Time is an argument everywhere; these are the two readings that the edges (loops, main) take.
#pragma once

#include <compare>
#include <cstdint>

namespace clearline {

// Wall clock, milliseconds since 1970-01-01 UTC. For records and people; it can jump.
struct WallTime {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(WallTime, WallTime) = default;
};

// Monotonic clock, milliseconds since an arbitrary start. For deadlines; it never jumps.
struct MonotonicTime {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(MonotonicTime, MonotonicTime) = default;
};

[[nodiscard]] WallTime wall_now();
[[nodiscard]] MonotonicTime monotonic_now();

}  // namespace clearline
