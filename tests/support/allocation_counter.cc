#include "support/allocation_counter.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::size_t> count{0};
}

namespace clearline::testing {
std::size_t allocation_count() {
  return count;
}
}  // namespace clearline::testing

#if CLEARLINE_COUNTS_ALLOCATIONS
void* operator new(std::size_t size) {
  ++count;
  if (void* const memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif
