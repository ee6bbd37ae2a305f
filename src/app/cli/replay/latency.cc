#include "app/cli/replay/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace clearline::app::replay {

void LatencyHistogram::add(std::int64_t microseconds) {
  const std::int64_t value = std::max<std::int64_t>(microseconds, 0);
  ++buckets_[bucket_of(static_cast<std::uint64_t>(value))];
  ++count_;
  max_us_ = std::max(max_us_, value);
}

std::int64_t LatencyHistogram::quantile_us(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= std::max<std::uint64_t>(wanted, 1))
      return std::min(static_cast<std::int64_t>(highest_of(bucket)), max_us_);
  }
  return max_us_;
}

std::size_t LatencyHistogram::bucket_of(std::uint64_t value) {
  if (value < buckets_per_doubling) return value;
  const auto doubling = static_cast<std::size_t>(std::bit_width(value)) - 6;  // 64 … 127 are in the first
  const std::size_t bucket = doubling * buckets_per_doubling + ((value >> (doubling - 1)) - buckets_per_doubling);
  return std::min(bucket, buckets_per_doubling * (doublings + 1) - 1);
}

std::uint64_t LatencyHistogram::highest_of(std::size_t bucket) {
  if (bucket < buckets_per_doubling) return bucket;
  const std::size_t doubling = bucket / buckets_per_doubling;
  const std::uint64_t step = bucket % buckets_per_doubling + buckets_per_doubling;
  return ((step + 1) << (doubling - 1)) - 1;
}

}  // namespace clearline::app::replay
