// Token bucket: `burst` at once, then `per_second`. The time is an argument.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace clearline::app {

struct RateLimit {
  double per_second = 1;
  double burst = 1;
};

class TokenBucket {
 public:
  // Starts full.
  explicit TokenBucket(RateLimit limit) : tokens_(static_cast<float>(limit.burst)) {}

  // 0 if the event may pass now, else the milliseconds after which it may.
  [[nodiscard]] std::int64_t take(RateLimit limit, MonotonicTime now) {
    const double elapsed_s = static_cast<double>(std::max<std::int64_t>(0, now.ms - last_.ms)) / 1000.0;
    const double tokens = std::min(limit.burst, static_cast<double>(tokens_) + elapsed_s * limit.per_second);
    last_ = now;
    if (tokens >= 1) {
      tokens_ = static_cast<float>(tokens - 1);
      return 0;
    }
    tokens_ = static_cast<float>(tokens);
    return static_cast<std::int64_t>((1 - tokens) / limit.per_second * 1000.0) + 1;
  }

 private:
  float tokens_;
  MonotonicTime last_;
};

}  // namespace clearline::app
