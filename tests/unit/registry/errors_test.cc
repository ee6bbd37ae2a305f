#include <gtest/gtest.h>

#include <set>

#include "registry/registry.h"

namespace clearline::registry {
namespace {

TEST(Errors, EveryNameIsFoundAndSaysWhetherToRepeat) {
  for (const ErrorEntry& entry : errors()) {
    EXPECT_EQ(error_from_name(entry.name), entry.error) << entry.name;
    EXPECT_EQ(error_name(entry.error), entry.name);
    EXPECT_FALSE(error_text(entry.error).empty()) << entry.name;
  }
  EXPECT_FALSE(error_from_name("nonsense").has_value());
}

TEST(Errors, OnlyThoseThatPassByThemselvesAreRetryable) {
  const std::set<ErrorName> retryable{ErrorName::busy, ErrorName::rate_limited, ErrorName::internal};
  for (const ErrorEntry& entry : errors()) {
    EXPECT_EQ(error_retryable(entry.error), retryable.contains(entry.error)) << entry.name;
  }
}

}  // namespace
}  // namespace clearline::registry
