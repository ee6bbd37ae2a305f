#include "base/version.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace clearline {
namespace {

TEST(Version, TextAndNumbersAgree) {
  EXPECT_EQ(version,
            fmt::format("{}.{}.{}", CLEARLINE_VERSION_MAJOR, CLEARLINE_VERSION_MINOR, CLEARLINE_VERSION_PATCH));
}

}  // namespace
}  // namespace clearline
