#include "base/random.h"

#include <sodium.h>

#include "base/result.h"

namespace clearline {

void random_bytes(std::span<std::byte> out) {
  // sodium_init is idempotent and thread-safe; doing it here spares every program a start-up step that it could forget.
  static const bool ready = sodium_init() >= 0;
  CLEARLINE_ASSERT(ready);
  randombytes_buf(out.data(), out.size());
}

std::uint64_t random_u64() {
  std::uint64_t value = 0;
  random_bytes(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

std::uint32_t random_below(std::uint32_t bound) {
  CLEARLINE_ASSERT(bound > 0);
  return randombytes_uniform(bound);
}

}  // namespace clearline
