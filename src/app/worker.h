// A thread with a bounded queue of tasks: for what must not block a loop (reading pages, hashing passwords).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace clearline::app {

class Worker {
 public:
  explicit Worker(std::size_t queue_max) : queue_max_(queue_max), thread_([this] { run(); }) {}
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Thread-safe. False: the queue is full (or the worker stopped), nothing was taken.
  [[nodiscard]] bool submit(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || tasks_.size() >= queue_max_) return false;
      tasks_.push_back(std::move(task));
    }
    queued_.notify_one();
    return true;
  }

  // Runs what is queued, then ends the thread.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    queued_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    for (std::unique_lock lock(mutex_);;) {
      queued_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace clearline::app
