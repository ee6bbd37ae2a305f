// Ctrl-C and SIGTERM as something to ask for, so that a command cleans up behind itself.
#pragma once

#include <signal.h>

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "net/file_descriptor.h"

namespace clearline::app {

// Blocks the two signals in this thread and all that it starts afterwards, until destroyed.
class Interrupt {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Interrupt>> create();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  // Whether one of them has come, and how many have. Neither waits.
  [[nodiscard]] bool came() { return times() > 0; }
  [[nodiscard]] std::size_t times();

 private:
  Interrupt(net::FileDescriptor fd, const sigset_t& before);

  net::FileDescriptor fd_;
  sigset_t before_;
  std::size_t times_ = 0;
};

}  // namespace clearline::app
