#include "app/rate_limit.h"

#include <gtest/gtest.h>

namespace clearline::app {
namespace {

constexpr RateLimit limit{.per_second = 10, .burst = 3};
constexpr MonotonicTime start{1'000'000};

MonotonicTime after(std::int64_t ms) {
  return {start.ms + ms};
}

void use_up(TokenBucket& bucket) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(bucket.take(limit, start), 0);
}

TEST(RateLimitTest, LetsTheBurstPassAtOnceAndNoMore) {
  TokenBucket bucket(limit);
  use_up(bucket);
  EXPECT_GT(bucket.take(limit, start), 0);
}

TEST(RateLimitTest, TheWaitItNamesIsEnough) {
  TokenBucket bucket(limit);
  use_up(bucket);
  const std::int64_t wait_ms = bucket.take(limit, start);
  EXPECT_GE(wait_ms, 100);
  EXPECT_LE(wait_ms, 101);
  EXPECT_GT(bucket.take(limit, after(50)), 0);
  EXPECT_EQ(bucket.take(limit, after(wait_ms)), 0);
}

TEST(RateLimitTest, WhoAsksTooOftenWaitsNoLonger) {
  TokenBucket bucket(limit);
  use_up(bucket);
  for (int ms = 0; ms < 100; ++ms) EXPECT_GT(bucket.take(limit, after(ms)), 0) << ms;
  EXPECT_EQ(bucket.take(limit, after(102)), 0);
}

TEST(RateLimitTest, FillsUpToTheBurst) {
  TokenBucket bucket(limit);
  use_up(bucket);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(limit, after(3'600'000)), 0);
  EXPECT_GT(bucket.take(limit, after(3'600'000)), 0);
}

TEST(RateLimitTest, OverALongTimeTheRateHolds) {
  TokenBucket bucket(limit);
  int passed = 0;
  for (int ms = 0; ms < 60'000; ms += 7) passed += bucket.take(limit, after(ms)) == 0 ? 1 : 0;
  EXPECT_GE(passed, 600);
  EXPECT_LE(passed, 603);
}

}  // namespace
}  // namespace clearline::app
