// One epoll instance, one thread. Everything bound to a loop lives and is called on that thread; post() is the only
// door from other threads. A turn: wait, handle the ready descriptors, run posted tasks and due timers, then the
// turn-end hooks (which send what the turn has queued), then destroy what ended.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "net/file_descriptor.h"
#include "net/task.h"

namespace clearline::net {

using TimerId = StrongId<struct TimerTag, std::uint64_t>;

// What epoll calls for one descriptor. Level-triggered: whatever is left unread is reported again next turn.
class Watcher {
 public:
  virtual void on_ready(std::uint32_t epoll_events) = 0;

 protected:
  ~Watcher() = default;
};

// Called after the callbacks of every turn, in order of registration.
class TurnEndHook {
 public:
  // True if it called the application, which may have given other hooks new work: all are then called again.
  virtual bool on_turn_end() = 0;

 protected:
  ~TurnEndHook() = default;
};

class Loop {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Loop>> create();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Turns until stop(). The thread that calls it becomes the loop's thread. Tasks still queued when it returns have not
  // run; a later run() runs them, the destructor drops them.
  void run();
  // One turn that waits at most timeout_ms for something to do; for programs that own their main loop, and tests.
  void run_once(int timeout_ms);
  // Thread-safe, and safe in a callback: run() returns at the end of the turn.
  void stop();
  // Thread-safe; the loop must outlive the call. Tasks run in the order of their posting; a burst costs one wake-up.
  void post(Task task);

  // Monotonic time, read once a turn.
  [[nodiscard]] MonotonicTime now() const { return now_; }

  // One-shot, on the loop's thread only. Thousands of them are fine; for a deadline per connection use
  // Connection::set_deadline, which costs no allocation. A zero delay runs it in the next turn.
  TimerId after(std::int64_t delay_ms, Task task);
  // False when it has run or was cancelled before.
  bool cancel(TimerId id);

  // For the shells of this folder.
  [[nodiscard]] Result<void> watch(int fd, std::uint32_t epoll_events, Watcher& watcher);
  void change(int fd, std::uint32_t epoll_events, Watcher& watcher);
  void unwatch(int fd);
  void add_turn_end_hook(TurnEndHook& hook);
  void remove_turn_end_hook(TurnEndHook& hook);
  // There is work for the hooks: output made outside any turn must not wait for the next event.
  void want_turn_end() { hooks_unfinished_ = true; }
  // The receive buffer that all connections of the loop share. Its contents die with the next read.
  [[nodiscard]] std::span<char> receive_buffer() { return {receive_buffer_.get(), receive_buffer_bytes}; }

  static constexpr std::size_t receive_buffer_bytes = std::size_t{512} << 10;

 private:
  struct Timer {
    MonotonicTime due;
    std::uint64_t id;
    friend constexpr auto operator<=>(const Timer&, const Timer&) = default;
  };
  class WakeUp final : public Watcher {
   public:
    void on_ready(std::uint32_t epoll_events) override;
    FileDescriptor fd;
  };

  Loop(FileDescriptor epoll, FileDescriptor wake_up);

  void turn(int timeout_ms);
  [[nodiscard]] int wait_ms(int timeout_ms) const;
  void run_posted();
  void run_due_timers();
  void run_turn_end_hooks();
  void drop_cancelled_timers();
  void read_clock();

  FileDescriptor epoll_;
  WakeUp wake_up_;
  std::unique_ptr<char[]> receive_buffer_;
  MonotonicTime now_;

  std::vector<Timer> timer_heap_;  // the next one at the front; cancelled ones stay until they are due
  std::unordered_map<std::uint64_t, Task> timer_tasks_;
  std::vector<decltype(timer_tasks_)::node_type> spare_timers_;  // of tasks that ran: periodic work takes no memory
  std::uint64_t next_timer_id_ = 1;

  std::vector<TurnEndHook*> turn_end_hooks_;
  bool hooks_unfinished_ = false;

  std::atomic<bool> stopping_ = false;
  std::mutex posted_mutex_;
  std::vector<Task> posted_;  // guarded by posted_mutex_
  std::atomic<bool> has_posted_ = false;
  std::vector<Task> running_;
};

}  // namespace clearline::net
