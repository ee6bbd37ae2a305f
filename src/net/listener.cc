#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace clearline::net {

namespace {

// Accepting must not starve the connections that are already there.
constexpr int accepts_per_turn_max = 128;
constexpr std::int64_t pause_ms = 100;
constexpr std::int64_t complaint_interval_ms = 1000;

Error system_error(const std::string& what) {
  return {ErrorCode::io, what + ": " + std::strerror(errno)};
}

FileDescriptor open_reserve() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Listener::Listener(Loop& loop, std::function<void(int fd)> on_accepted)
    : loop_(loop), on_accepted_(std::move(on_accepted)), reserve_(open_reserve()) {}

Listener::~Listener() {
  if (resume_timer_) loop_.cancel(resume_timer_);
}

Result<void> Listener::listen(const SocketAddress& address, int backlog, bool reuse_port) {
  socket_ = FileDescriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_) return tl::unexpected(system_error("socket"));
  const int on = 1;
  const auto set = [&](int level, int option) { return ::setsockopt(socket_.get(), level, option, &on, sizeof on); };
  if (set(SOL_SOCKET, SO_REUSEADDR) != 0) return tl::unexpected(system_error("SO_REUSEADDR"));
  if (reuse_port && set(SOL_SOCKET, SO_REUSEPORT) != 0) return tl::unexpected(system_error("SO_REUSEPORT"));
  // Inherited by every accepted socket: output is already gathered, waiting for more of it only adds delay.
  if (set(IPPROTO_TCP, TCP_NODELAY) != 0) return tl::unexpected(system_error("TCP_NODELAY"));
  if (::bind(socket_.get(), address.data(), address.size()) != 0) {
    return tl::unexpected(system_error("cannot listen on " + address.text()));
  }
  if (::listen(socket_.get(), backlog) != 0) {
    return tl::unexpected(system_error("cannot listen on " + address.text()));
  }
  CLEARLINE_TRY(address_, SocketAddress::local_of(socket_.get()));
  return loop_.watch(socket_.get(), EPOLLIN, *this);
}

void Listener::stop() {
  if (!socket_) return;
  while (accept_one()) {
  }
  if (resume_timer_) loop_.cancel(std::exchange(resume_timer_, {}));
  socket_.reset();
}

void Listener::on_ready(std::uint32_t /*epoll_events*/) {
  for (int i = 0; i < accepts_per_turn_max && socket_; ++i) {
    if (!accept_one()) return;
  }
}

bool Listener::accept_one() {
  const int fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    on_accepted_(fd);
    return true;
  }
  switch (errno) {
    case EAGAIN:
      return false;
    case EINTR:
    case ECONNABORTED:  // gone before we came to it
    case EPROTO:
    case EPERM:
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

void Listener::drop_one() {
  const int error = errno;
  reserve_.reset();
  FileDescriptor dropped(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool somebody = static_cast<bool>(dropped);
  dropped.reset();
  reserve_ = open_reserve();
  if (!somebody || !reserve_) return pause(error);
  if (loop_.now().ms - last_complaint_.ms < complaint_interval_ms) return;
  last_complaint_ = loop_.now();
  log_error("connection dropped: out of file descriptors ({})", std::strerror(error));
}

void Listener::pause(int error) {
  log_error("accepting pauses for {} ms: {}", pause_ms, std::strerror(error));
  if (resume_timer_) return;
  loop_.change(socket_.get(), 0, *this);
  resume_timer_ = loop_.after(pause_ms, [this] {
    resume_timer_ = {};
    if (!reserve_) reserve_ = open_reserve();
    if (socket_) loop_.change(socket_.get(), EPOLLIN, *this);
  });
}

}  // namespace clearline::net
