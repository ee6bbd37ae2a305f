// Reads a descriptor in a thread of its own: standard input may be a file, which epoll refuses, or a terminal, which
// must not be made non-blocking for the shell that shares it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/loop.h"

namespace clearline::app::connect {

struct Input {
  std::string bytes;
  bool ended = false;
  std::string error;  // why it ended, if not by its own end
};

class InputReader {
 public:
  using Callback = std::function<void(const Input&)>;

  // Calls back on the loop's thread with what was read, then waits for resume(): so no more than one read is held here,
  // however slowly the other side takes it. The descriptor and the loop outlive it.
  [[nodiscard]] static Result<std::unique_ptr<InputReader>> start(net::Loop& loop, int fd, Callback callback);
  ~InputReader();
  InputReader(const InputReader&) = delete;
  InputReader& operator=(const InputReader&) = delete;

  // On the loop's thread. Without effect after the end.
  void resume();

 private:
  InputReader(net::Loop& loop, int fd, net::FileDescriptor wake_up, Callback callback);
  void run();
  // Waits until there is input, or returns false when it is to stop.
  [[nodiscard]] bool wait_for_input() const;
  void take_wake_up() const;
  [[nodiscard]] Input read_once() const;
  void wake_up() const;

  net::Loop& loop_;
  int fd_;
  net::FileDescriptor wake_up_;  // readable: resume, or stop
  Callback callback_;
  std::atomic<bool> stopping_ = false;
  // Tasks that were posted before we were destroyed find it expired.
  std::shared_ptr<InputReader*> self_;
  std::thread thread_;
};

}  // namespace clearline::app::connect
