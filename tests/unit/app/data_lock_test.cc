#include "app/data_lock.h"

#include <gtest/gtest.h>

#include "temporary_directory.h"

namespace clearline::app {
namespace {

TEST(DataLockTest, OneAtATime) {
  const TemporaryDirectory directory;
  auto first = DataLock::acquire(directory.path());
  ASSERT_TRUE(first);
  const auto second = DataLock::acquire(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);
  EXPECT_NE(second.error().message.find(directory.path().string()), std::string::npos);
}

TEST(DataLockTest, IsFreeWhenItsHolderHasGone) {
  const TemporaryDirectory directory;
  { ASSERT_TRUE(DataLock::acquire(directory.path())); }
  EXPECT_TRUE(DataLock::acquire(directory.path()));
}

TEST(DataLockTest, DirectoriesDoNotShareIt) {
  const TemporaryDirectory one, other;
  const auto first = DataLock::acquire(one.path());
  EXPECT_TRUE(DataLock::acquire(other.path()));
}

TEST(DataLockTest, ADirectoryThatIsNotThere) {
  const TemporaryDirectory directory;
  const auto lock = DataLock::acquire(directory.path() / "missing");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace clearline::app
