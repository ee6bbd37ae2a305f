#include "app/id_source.h"

#include <gtest/gtest.h>

#include <limits>
#include <unordered_set>

namespace clearline::app {
namespace {

TEST(IdSource, NeverRepeatsWithinAMillisecond) {
  IdSource ids(std::numeric_limits<std::uint64_t>::max() - 1000);  // also across the counter's end
  std::unordered_set<std::int64_t> seen;
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t id = ids.next(WallTime{1'763'812'345'678});
    EXPECT_GT(id, 0);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

}  // namespace
}  // namespace clearline::app
