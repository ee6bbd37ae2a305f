#include "store/sqlite/write_turn.h"

#include <algorithm>

namespace clearline::store {

bool WriteTurn::acquire(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = next_ticket_++;
  queue_.push_back(ticket);
  if (changed_.wait_for(lock, timeout, [&] { return queue_.front() == ticket; })) return true;
  queue_.erase(std::find(queue_.begin(), queue_.end(), ticket));
  return false;
}

void WriteTurn::release() {
  {
    const std::lock_guard lock(mutex_);
    queue_.pop_front();
  }
  changed_.notify_all();
}

std::size_t WriteTurn::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.empty() ? 0 : queue_.size() - 1;
}

}  // namespace clearline::store
