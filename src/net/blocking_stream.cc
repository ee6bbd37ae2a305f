#include "net/blocking_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace clearline::net {

namespace {

Error system_error(const std::string& what) {
  return {ErrorCode::io, what + ": " + std::strerror(errno)};
}

BlockingStream::Transfer failed_transfer() {
  using Status = BlockingStream::Status;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Status::would_block, 0, 0};
  const bool reset = errno == ECONNRESET || errno == EPIPE;
  return {reset ? Status::reset : Status::failed, 0, errno};
}

}  // namespace

Result<BlockingStream> BlockingStream::connect(const SocketAddress& address, MonotonicTime deadline) {
  BlockingStream stream(FileDescriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
  if (!stream.fd_) return tl::unexpected(system_error("socket"));
  const std::string place = "cannot connect to " + address.text();
  const int on = 1;
  (void)::setsockopt(stream.fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a delay at worst
  if (::connect(stream.fd_.get(), address.data(), address.size()) == 0) return stream;
  if (errno != EINPROGRESS) return tl::unexpected(system_error(place));
  CLEARLINE_TRY(const bool in_time, stream.wait({.write = true}, deadline));
  if (!in_time) return fail(ErrorCode::unavailable, place + ": timeout");
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(stream.fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail(ErrorCode::io, place + ": " + std::strerror(error));
  return stream;
}

Result<BlockingStream> BlockingStream::connect(const std::string& host, std::uint16_t port, MonotonicTime deadline) {
  CLEARLINE_TRY(const auto addresses, resolve(host, port));
  Result<BlockingStream> connected = fail(ErrorCode::not_found, "'" + host + "' has no address");
  for (const SocketAddress& address : addresses) {
    connected = connect(address, deadline);
    if (connected) break;
  }
  return connected;
}

BlockingStream::Transfer BlockingStream::send_some(std::span<const std::byte> bytes) {
  ssize_t count = 0;
  do {
    count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed_transfer();
  return {Status::moved, static_cast<std::size_t>(count), 0};
}

BlockingStream::Transfer BlockingStream::receive_some(std::span<std::byte> buffer) {
  ssize_t count = 0;
  do {
    count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed_transfer();
  if (count == 0) return {Status::end_of_stream, 0, 0};
  return {Status::moved, static_cast<std::size_t>(count), 0};
}

Result<bool> BlockingStream::wait(Interest interest, MonotonicTime deadline) {
  constexpr std::int64_t poll_ms_max = 1'000'000;
  pollfd poll{fd_.get(), static_cast<short>((interest.read ? POLLIN : 0) | (interest.write ? POLLOUT : 0)), 0};
  while (true) {
    const std::int64_t left_ms = std::max<std::int64_t>(deadline.ms - monotonic_now().ms, 0);
    const int ready = ::poll(&poll, 1, static_cast<int>(std::min(left_ms, poll_ms_max)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return tl::unexpected(system_error("poll"));
    if (ready == 0 && left_ms == 0) return false;
  }
}

void BlockingStream::shut_down_sending() {
  (void)::shutdown(fd_.get(), SHUT_WR);  // fails only when the peer has reset the connection
}

void BlockingStream::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

}  // namespace clearline::net
