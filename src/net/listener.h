// A listening TCP socket. Not part of the public interface.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/file_descriptor.h"
#include "net/loop.h"
#include "net/socket_address.h"

namespace clearline::net {

class Listener final : private Watcher {
 public:
  Listener(Loop& loop, std::function<void(int fd)> on_accepted);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] Result<void> listen(const SocketAddress& address, int backlog, bool reuse_port);
  // Accepts what the kernel has already connected, then releases the port.
  void stop();
  [[nodiscard]] const SocketAddress& address() const { return address_; }

 private:
  void on_ready(std::uint32_t epoll_events) override;
  // False when there is nobody, or nothing can be accepted for now.
  bool accept_one();
  void drop_one();
  void pause(int error);

  Loop& loop_;
  std::function<void(int fd)> on_accepted_;
  FileDescriptor socket_;
  // Given up when descriptors run out, to accept and drop whoever waits: otherwise they would wait in silence, and
  // epoll would report them in a busy loop.
  FileDescriptor reserve_;
  SocketAddress address_;
  TimerId resume_timer_;
  MonotonicTime last_complaint_{-1'000'000};
};

}  // namespace clearline::net
