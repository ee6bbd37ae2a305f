#include "net/loop.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace clearline::net {
namespace {

std::unique_ptr<Loop> make_loop() {
  auto loop = Loop::create();
  EXPECT_TRUE(loop);
  return std::move(*loop);
}

TEST(Loop, RunsPostedTasksInOrder) {
  const auto loop = make_loop();
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    loop->post([&order, i] { order.push_back(i); });
  }
  loop->post([&loop] { loop->stop(); });
  loop->run();
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Loop, TakesPostsFromManyThreads) {
  constexpr int threads = 8;
  constexpr int posts_per_thread = 5000;
  const auto loop = make_loop();
  std::vector<int> last(threads, -1);
  int total = 0;
  std::vector<std::thread> posters;
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < posts_per_thread; ++i) {
        loop->post([&, thread, i] {
          EXPECT_EQ(last[static_cast<std::size_t>(thread)], i - 1);
          last[static_cast<std::size_t>(thread)] = i;
          if (++total == threads * posts_per_thread) loop->stop();
        });
      }
    });
  }
  loop->run();
  for (std::thread& poster : posters) poster.join();
  EXPECT_EQ(total, threads * posts_per_thread);
}

TEST(Loop, TaskPostedByATaskRunsInALaterTurn) {
  const auto loop = make_loop();
  int runs = 0;
  loop->post([&] {
    ++runs;
    loop->post([&] { ++runs; });
  });
  loop->run_once(0);
  EXPECT_EQ(runs, 1);
  loop->run_once(0);
  EXPECT_EQ(runs, 2);
}

TEST(Loop, StopsFromAnotherThread) {
  const auto loop = make_loop();
  std::atomic<bool> running = false;
  loop->post([&] { running = true; });
  std::thread runner([&] { loop->run(); });
  while (!running) std::this_thread::yield();
  loop->stop();
  runner.join();
}

TEST(Loop, StopBeforeRunIsNotLost) {
  const auto loop = make_loop();
  loop->stop();
  loop->run();
}

TEST(Loop, KeepsTasksThatItDidNotRun) {
  const auto loop = make_loop();
  int runs = 0;
  loop->post([&] { loop->stop(); });
  loop->run();
  loop->post([&] {
    ++runs;
    loop->stop();
  });
  loop->run();
  EXPECT_EQ(runs, 1);
}

TEST(Loop, DropsTasksWithItself) {
  const auto kept = std::make_shared<int>(0);
  {
    const auto loop = make_loop();
    loop->post([kept] {});
    loop->after(1'000'000, [kept] {});
    EXPECT_EQ(kept.use_count(), 3);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

TEST(Loop, RunsTimersInOrderOfTheirTime) {
  const auto loop = make_loop();
  std::vector<int> order;
  loop->after(20, [&] {
    order.push_back(20);
    loop->stop();
  });
  loop->after(0, [&] { order.push_back(0); });
  loop->after(10, [&] { order.push_back(10); });
  loop->after(0, [&] { order.push_back(1); });
  loop->run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 10, 20}));
}

TEST(Loop, TimerIsNeverEarly) {
  const auto loop = make_loop();
  const std::int64_t due_ms = monotonic_now().ms + 15;
  std::int64_t ran_ms = 0;
  loop->after(15, [&] {
    ran_ms = monotonic_now().ms;
    loop->stop();
  });
  loop->run();
  EXPECT_GE(ran_ms, due_ms);
}

TEST(Loop, CancelsTimers) {
  const auto loop = make_loop();
  bool ran = false;
  const TimerId cancelled = loop->after(0, [&] { ran = true; });
  EXPECT_TRUE(loop->cancel(cancelled));
  EXPECT_FALSE(loop->cancel(cancelled));
  const TimerId done = loop->after(1, [&] { loop->stop(); });
  loop->run();
  EXPECT_FALSE(ran);
  EXPECT_FALSE(loop->cancel(done)) << "it has run";
}

TEST(Loop, CancelsManyTimers) {
  const auto loop = make_loop();
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(loop->cancel(loop->after(1'000'000, [] { FAIL(); })));
  int runs = 0;
  loop->after(0, [&] { ++runs; });
  while (runs == 0) loop->run_once(1);
  EXPECT_EQ(runs, 1);
}

TEST(Loop, ZeroDelayDoesNotKeepTheTurn) {
  const auto loop = make_loop();
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop->after(0, [&] { again(); });
  };
  again();
  loop->run_once(0);
  EXPECT_LE(runs, 2);
}

TEST(Task, HoldsSmallAndLargeMoveOnlyFunctions) {
  int calls = 0;
  auto pointer = std::make_unique<int>(7);
  Task small([&calls, pointer = std::move(pointer)] { calls += *pointer; });
  std::array<char, 200> large_capture{};
  large_capture[199] = 5;
  Task large([&calls, large_capture] { calls += large_capture[199]; });
  Task moved = std::move(small);
  EXPECT_FALSE(small);  // NOLINT(bugprone-use-after-move): that it is empty is the point
  moved();
  moved = std::move(large);
  moved();
  EXPECT_EQ(calls, 12);
}

TEST(Task, DestroysWhatItHolds) {
  const auto kept = std::make_shared<int>(0);
  {
    Task task([kept] {});
    Task other = std::move(task);
    EXPECT_EQ(kept.use_count(), 2);
  }
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace clearline::net
