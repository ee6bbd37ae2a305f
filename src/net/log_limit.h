// Lets a line that peers can provoke through a few times a second, and counts the rest. Not part of the public
// interface.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace clearline::net {

class LogLimit {
 public:
  // How many were held back since the last line, if one may be written now.
  [[nodiscard]] std::optional<std::uint64_t> take(MonotonicTime now) {
    if (now.ms - second_began_.ms >= 1000) {
      second_began_ = now;
      lines_ = 0;
    }
    if (lines_ >= lines_per_second) {
      ++suppressed_;
      return std::nullopt;
    }
    ++lines_;
    return std::exchange(suppressed_, 0);
  }

 private:
  static constexpr int lines_per_second = 10;

  MonotonicTime second_began_{-1'000'000};
  int lines_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace clearline::net
