#include "net/acceptor.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace clearline::net {

namespace {

// Accepting must not starve the connections that are already there.
constexpr int accepts_per_turn_max = 128;
// More than the kernel queues; new ones that keep coming meanwhile must not keep a stopping server.
constexpr int accepts_at_stop_max = 8192;
constexpr std::int64_t pause_ms = 100;
constexpr std::int64_t complaint_interval_ms = 1000;

FileDescriptor open_reserve() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Acceptor::Acceptor(Loop& loop, std::function<void(FileDescriptor fd)> on_accepted)
    : loop_(loop), on_accepted_(std::move(on_accepted)), reserve_(open_reserve()) {}

Acceptor::~Acceptor() {
  release();
}

Result<void> Acceptor::start(int listening_fd) {
  CLEARLINE_CHECK(loop_.watch(listening_fd, EPOLLIN, *this));
  listening_fd_ = listening_fd;
  return {};
}

void Acceptor::stop() {
  for (int i = 0; i < accepts_at_stop_max && listening_fd_ >= 0 && accept_one(); ++i) {
  }
  release();
}

void Acceptor::release() {
  if (resume_timer_) loop_.cancel(std::exchange(resume_timer_, {}));
  // Closing alone would not do: of a socket that a service manager passed, another process holds the same description,
  // and epoll would go on to report it.
  if (listening_fd_ >= 0) loop_.unwatch(std::exchange(listening_fd_, -1));
}

void Acceptor::on_ready(std::uint32_t /*epoll_events*/) {
  for (int i = 0; i < accepts_per_turn_max && listening_fd_ >= 0; ++i) {
    if (!accept_one()) return;
  }
}

bool Acceptor::accept_one() {
  FileDescriptor fd(::accept4(listening_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) {
    on_accepted_(std::move(fd));
    return true;
  }
  switch (errno) {
    case EAGAIN:
      return false;
    case EINTR:
    case ECONNABORTED:  // gone before we came to it
    case EPROTO:
    case EPERM:
    // accept(2): Linux passes on what the network said about the new connection. The next one may be well.
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return true;
    case EMFILE:
    case ENFILE:
      drop_one();
      return false;
    default:
      pause(errno);
      return false;
  }
}

void Acceptor::drop_one() {
  const int error = errno;
  reserve_.reset();
  FileDescriptor dropped(::accept4(listening_fd_, nullptr, nullptr, SOCK_CLOEXEC));
  const bool somebody = static_cast<bool>(dropped);
  dropped.reset();
  reserve_ = open_reserve();
  if (!somebody || !reserve_) return pause(error);
  if (loop_.now().ms - last_complaint_.ms < complaint_interval_ms) return;
  last_complaint_ = loop_.now();
  log_error("connection dropped: out of file descriptors ({})", std::strerror(error));
}

void Acceptor::pause(int error) {
  log_error("accepting pauses for {} ms: {}", pause_ms, std::strerror(error));
  if (resume_timer_) return;
  loop_.change(listening_fd_, 0, *this);
  resume_timer_ = loop_.after(pause_ms, [this] {
    resume_timer_ = {};
    if (!reserve_) reserve_ = open_reserve();
    if (listening_fd_ >= 0) loop_.change(listening_fd_, EPOLLIN, *this);
  });
}

}  // namespace clearline::net
