// Who of this process writes next. SQLite has one writer at a time, and its busy handler polls with growing sleeps: a
// sign-in would starve beside a busy log. Here writers queue, first come first served, without polling.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

namespace clearline::store {

class WriteTurn {
 public:
  // False if the turn did not come in time.
  [[nodiscard]] bool acquire(std::chrono::milliseconds timeout);
  void release();

  // How many wait, without the one that has the turn.
  [[nodiscard]] std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_ticket_ = 0;
  std::deque<std::uint64_t> queue_;  // its front has the turn
};

}  // namespace clearline::store
