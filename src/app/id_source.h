// New ids of this process. Chance alone is not enough here: in a storm of arrivals two visitors of the same millisecond
// would share an id about once in 2^21 pairs, and nothing is stored that could refuse the second. A counter in place of
// the random bits cannot repeat within a process; it starts at a random number, so that ids are no count of customers.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/ids.h"

namespace clearline::app {

class IdSource {
 public:
  explicit IdSource(std::uint64_t random) : next_(random) {}

  // Thread-safe. No two calls give the same id, unless 2^21 are asked for within a millisecond.
  [[nodiscard]] std::int64_t next(WallTime now) { return make_id(now, next_.fetch_add(1, std::memory_order_relaxed)); }

 private:
  std::atomic<std::uint64_t> next_;
};

}  // namespace clearline::app
