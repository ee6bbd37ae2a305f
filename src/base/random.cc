#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/result.h"

namespace clearline {

void random_bytes(std::span<std::byte> out) {
  while (!out.empty()) {
    // Waits until the kernel's generator is seeded, which is once, early after the start of the machine.
    const ssize_t count = ::getrandom(out.data(), out.size(), 0);
    CLEARLINE_ASSERT(count > 0 || (count < 0 && errno == EINTR));
    if (count > 0) out = out.subspan(static_cast<std::size_t>(count));
  }
}

std::uint64_t random_u64() {
  std::uint64_t value = 0;
  random_bytes(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::uint32_t random_below(std::uint32_t bound) {
  CLEARLINE_ASSERT(bound > 0);
  // The last, incomplete repetition of the range would favour small results. Of 2^64 it is the 2^32nd part at most, so
  // this hardly ever asks twice.
  const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;
  std::uint64_t value = random_u64();
  while (value > UINT64_MAX - excess) value = random_u64();
  return static_cast<std::uint32_t>(value % bound);
}

}  // namespace clearline
