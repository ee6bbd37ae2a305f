#include "app/cli/interrupt.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace clearline::app {

Result<std::unique_ptr<Interrupt>> Interrupt::create() {
  sigset_t signals;
  sigset_t before;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  net::FileDescriptor fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return fail(ErrorCode::io, "signalfd: " + std::generic_category().message(errno));
  return std::unique_ptr<Interrupt>(new Interrupt(std::move(fd), before));
}

Interrupt::Interrupt(net::FileDescriptor fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

Interrupt::~Interrupt() {
  // One that came meanwhile was heard: it must not end the process now.
  static_cast<void>(times());
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::size_t Interrupt::times() {
  signalfd_siginfo info;
  while (::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) ++times_;
  return times_;
}

}  // namespace clearline::app
