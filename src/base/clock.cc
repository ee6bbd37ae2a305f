#include "base/clock.h"

#include <chrono>

namespace clearline {

namespace {
template <typename Clock>
std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}
}  // namespace

WallTime wall_now() {
  return {now_ms<std::chrono::system_clock>()};
}
MonotonicTime monotonic_now() {
  return {now_ms<std::chrono::steady_clock>()};
}

}  // namespace clearline
