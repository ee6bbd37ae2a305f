#include "process_clock.h"

#include <cstring>
#include <filesystem>
#include <fstream>

namespace clearline::bench {

namespace {

std::int64_t read_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<ProcessClock> ProcessClock::of(pid_t pid) {
  clockid_t clock{};
  if (const int error = clock_getcpuclockid(pid, &clock); error != 0) {
    return fail(ErrorCode::io, "the CPU clock of process " + std::to_string(pid) + ": " + std::strerror(error));
  }
  return ProcessClock(pid, clock);
}

ProcessTimes ProcessClock::read() const {
  ProcessTimes times;
  times.cpu_ns = read_ns(clock_);
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task", gone)) {
    // Run time, time spent waiting to run, turns. Absent where the kernel was built without it: then nothing is known.
    std::ifstream file(task.path() / "schedstat");
    std::int64_t running = 0;
    std::int64_t waiting = 0;
    if (file >> running >> waiting) times.waiting_ns += waiting;
  }
  return times;
}

std::int64_t monotonic_ns() {
  return read_ns(CLOCK_MONOTONIC);
}

}  // namespace clearline::bench
