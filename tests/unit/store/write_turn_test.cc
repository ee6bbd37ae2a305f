#include "store/sqlite/write_turn.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace clearline::store {
namespace {

using namespace std::chrono_literals;

TEST(WriteTurn, IsOnesAtATime) {
  WriteTurn turn;
  ASSERT_TRUE(turn.acquire(0ms));
  EXPECT_FALSE(turn.acquire(0ms)) << "had twice";
  EXPECT_FALSE(turn.acquire(1ms));
  EXPECT_EQ(turn.waiting(), 0U) << "one that gave up still waits";
  turn.release();
  EXPECT_TRUE(turn.acquire(0ms));
  turn.release();
}

TEST(WriteTurn, GoesToTheOneThatWaitsLongest) {
  constexpr int waiters = 8;
  WriteTurn turn;
  ASSERT_TRUE(turn.acquire(0ms));
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < waiters; ++i) {
    threads.emplace_back([&, i] {
      ASSERT_TRUE(turn.acquire(1h));
      {
        const std::lock_guard lock(mutex);
        order.push_back(i);
      }
      turn.release();
    });
    while (turn.waiting() != static_cast<std::size_t>(i) + 1) std::this_thread::yield();
  }
  turn.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(WriteTurn, SkipsTheOnesThatGaveUp) {
  WriteTurn turn;
  ASSERT_TRUE(turn.acquire(0ms));
  std::thread patient([&] {
    EXPECT_TRUE(turn.acquire(1h));
    turn.release();
  });
  while (turn.waiting() != 1) std::this_thread::yield();
  EXPECT_FALSE(turn.acquire(0ms));
  turn.release();
  patient.join();
  EXPECT_TRUE(turn.acquire(1h));
  turn.release();
}

}  // namespace
}  // namespace clearline::store
