#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace clearline {
namespace {

TEST(Random, FillsAllOfTheSpan) {
  // More than the kernel gives in one uninterrupted call. A byte is 0 in all eight rounds once in 2^64.
  std::vector<std::byte> sum(1 << 16);
  for (int round = 0; round < 8; ++round) {
    std::vector<std::byte> bytes(sum.size());
    random_bytes(bytes);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] |= bytes[i];
  }
  for (const std::byte byte : sum) EXPECT_NE(byte, std::byte{});
}

TEST(Random, NumbersDiffer) {
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) numbers.insert(random_u64());
  EXPECT_EQ(numbers.size(), 1000U);
}

TEST(Random, BelowReachesAllAndNoMore) {
  std::array<int, 7> counts{};
  for (int i = 0; i < 7000; ++i) ++counts.at(random_below(7));
  // One of them misses this with a probability of less than 10^-60.
  for (const int count : counts) EXPECT_GT(count, 500);
  EXPECT_EQ(random_below(1), 0U);
}

}  // namespace
}  // namespace clearline
