// How long things took: counts in buckets of at most 1.6 % width, so memory does not grow with the run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace clearline::app::replay {

class LatencyHistogram {
 public:
  void add(std::int64_t microseconds);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t max_us() const { return max_us_; }
  // The smallest recorded value that at least this share (0 … 1) of all values does not exceed; rounded up to its
  // bucket, never above the maximum. 0 when there is none.
  [[nodiscard]] std::int64_t quantile_us(double share) const;

 private:
  // Values below 64 have buckets of their own; then 64 buckets for every doubling.
  static constexpr std::size_t buckets_per_doubling = 64;
  static constexpr std::size_t doublings = 40;
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value);
  [[nodiscard]] static std::uint64_t highest_of(std::size_t bucket);

  std::array<std::uint64_t, buckets_per_doubling*(doublings + 1)> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_us_ = 0;
};

}  // namespace clearline::app::replay
