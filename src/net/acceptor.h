// Accepts from a listening socket: a bounded number a turn, so that the connections that are there already are not
// starved, and with something left for the hour in which descriptors run out. Not part of the public interface.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/loop.h"

namespace clearline::net {

class Acceptor final : private Watcher {
 public:
  Acceptor(Loop& loop, std::function<void(FileDescriptor fd)> on_accepted);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // The listening socket stays the caller's, and open until stop() or the end of the acceptor.
  [[nodiscard]] Result<void> start(int listening_fd);
  // Accepts what the kernel has already connected, then lets go of the socket.
  void stop();

 private:
  void on_ready(std::uint32_t epoll_events) override;
  // False when there is nobody, or nothing can be accepted for now.
  bool accept_one();
  void release();
  void drop_one();
  void pause(int error);

  Loop& loop_;
  std::function<void(FileDescriptor fd)> on_accepted_;
  int listening_fd_ = -1;
  // Given up when descriptors run out, to accept and drop whoever waits: otherwise they would wait in silence, and
  // epoll would report them in a busy loop.
  FileDescriptor reserve_;
  TimerId resume_timer_;
  MonotonicTime last_complaint_{-1'000'000};
};

}  // namespace clearline::net
