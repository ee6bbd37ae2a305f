// Ctrl-C and SIGTERM as something to ask for, so that a replay cleans up behind itself.
#pragma once

#include <signal.h>

#include <memory>

#include "base/result.h"
#include "net/file_descriptor.h"

namespace clearline::app::replay {

// Blocks the two signals in this thread and all that it starts afterwards, until destroyed.
class Interrupt {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Interrupt>> create();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  // Whether one of them has come. Does not wait.
  [[nodiscard]] bool came();

 private:
  Interrupt(net::FileDescriptor fd, const sigset_t& before);

  net::FileDescriptor fd_;
  sigset_t before_;
  bool came_ = false;
};

}  // namespace clearline::app::replay
