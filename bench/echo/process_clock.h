// What the kernel says of another process: the CPU time of all its threads, to the nanosecond, and how long they were
// ready to run while others had the core.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>

#include "base/result.h"

namespace clearline::bench {

struct ProcessTimes {
  std::int64_t cpu_ns = 0;
  std::int64_t waiting_ns = 0;
};

class ProcessClock {
 public:
  [[nodiscard]] static Result<ProcessClock> of(pid_t pid);
  [[nodiscard]] ProcessTimes read() const;

 private:
  ProcessClock(pid_t pid, clockid_t clock) : pid_(pid), clock_(clock) {}

  pid_t pid_;
  clockid_t clock_;
};

[[nodiscard]] std::int64_t monotonic_ns();

}  // namespace clearline::bench
