// Counts calls of operator new in a test binary that has allocation_counter.cc among its sources.
#pragma once

#include <cstddef>

// The sanitizers have an operator new of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CLEARLINE_COUNTS_ALLOCATIONS 0
#else
#define CLEARLINE_COUNTS_ALLOCATIONS 1
#endif

namespace clearline::testing {

[[nodiscard]] std::size_t allocation_count();

}  // namespace clearline::testing
