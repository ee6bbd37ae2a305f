// recv, send and epoll_wait as plain system calls. glibc's own are cancellation points of pthread_cancel, which nobody
// here uses: once a program has a second thread, each of them costs two locked instructions.
//
// Sanitizers know the calls by glibc's names: that they touch the buffer, and that what one thread sends happens before
// another receives it. Under them glibc's recv and send are used.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <span>

struct epoll_event;

namespace clearline::net {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CLEARLINE_GLIBC_CALLS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define CLEARLINE_GLIBC_CALLS 1
#endif
#endif

// They report as the calls that they stand for: a count, or -1 with errno.
#ifdef CLEARLINE_GLIBC_CALLS

[[nodiscard]] inline ssize_t receive_bytes(int fd, std::span<char> buffer) {
  return ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
}

[[nodiscard]] inline ssize_t send_bytes(int fd, std::span<const std::byte> bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

[[nodiscard]] inline ssize_t send_pieces(int fd, const msghdr& message) {
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#else

[[nodiscard]] inline ssize_t receive_bytes(int fd, std::span<char> buffer) {
  return ::syscall(SYS_recvfrom, fd, buffer.data(), buffer.size(), MSG_DONTWAIT, nullptr, nullptr);
}

[[nodiscard]] inline ssize_t send_bytes(int fd, std::span<const std::byte> bytes) {
  return ::syscall(SYS_sendto, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT, nullptr, 0);
}

[[nodiscard]] inline ssize_t send_pieces(int fd, const msghdr& message) {
  return ::syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#endif

// No bytes are exchanged here, so sanitizers need not see it.
[[nodiscard]] inline int wait_for_events(int epoll_fd, epoll_event* events, int events_max, int timeout_ms) {
  // Every architecture has epoll_pwait; without a signal mask it is epoll_wait.
  return static_cast<int>(::syscall(SYS_epoll_pwait, epoll_fd, events, events_max, timeout_ms, nullptr, 0));
}

}  // namespace clearline::net
