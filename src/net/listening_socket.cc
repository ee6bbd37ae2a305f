#include "net/listening_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "net/system_error.h"

namespace clearline::net {

namespace {

Result<void> set_option(int fd, int level, int option, int value, const char* name) {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) return tl::unexpected(system_error(name));
  return {};
}

// Options that every accepted socket inherits, so they cost no call for each connection.
//
// TCP_NODELAY: output is gathered already, waiting for more of it would only add delay.
// TCP_USER_TIMEOUT: a peer that vanished without a word (a phone in a tunnel, a pulled cable) acknowledges nothing.
// What
//   is queued for it would be held for the 15 minutes that the kernel retransmits; the connection's queue has its own
//   limit, yet a server without heartbeats would keep the connection. Longer than the 90 s that a hidden tab is given.
// SO_KEEPALIVE is left off: it speaks of the peer's kernel only, not of the page or program behind it, wakes the radio
//   of every idle phone, and a proxy answers it in the client's place. A deadline and a ping of the application tell
//   more (Connection::set_deadline, send_ping).
Result<void> set_inherited_options(int fd, const ListenOptions& options, int family) {
  if (family == AF_UNIX) return {};
  CLEARLINE_CHECK(set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"));
  const int timeout_ms = static_cast<int>(options.unacknowledged_timeout_ms);
  return set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout_ms, "TCP_USER_TIMEOUT");
}

std::string advice(int error, const SocketAddress& address) {
  switch (error) {
    case EADDRINUSE:
      return " (another process listens there, or [::] and 0.0.0.0 are given with one port: then add ,ipv6-only)";
    case EADDRNOTAVAIL:
      return " (no interface of this machine has that address)";
    case EACCES:
      return address.port() > 0 && address.port() < IPPORT_RESERVED
                 ? " (ports below 1024 need the capability CAP_NET_BIND_SERVICE)"
                 : "";
    case EAFNOSUPPORT:
      return " (this machine has no IPv6)";
    default:
      return "";
  }
}

Error listen_error(int error, const SocketAddress& address) {
  Error failed = system_error("cannot listen on " + address.text(), error);
  failed.message += advice(error, address);
  return failed;
}

Result<int> integer_option(int fd, int option, const char* name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return tl::unexpected(system_error(name));
  return value;
}

}  // namespace

Result<ListeningSocket> ListeningSocket::open(const ListenOptions& options) {
  const SocketAddress& address = options.address;
  ListeningSocket socket;
  socket.fd_ = FileDescriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int fd = socket.fd();
  if (!socket.fd_) return tl::unexpected(listen_error(errno, address));
  CLEARLINE_CHECK(set_inherited_options(fd, options, address.family()));
  if (address.is_unix() && !address.unix_path().starts_with('@')) {
    CLEARLINE_TRY(socket.file_, UnixSocketFile::bind_and_listen(fd, options));
    socket.address_ = address;
    return socket;
  }
  if (!address.is_unix()) CLEARLINE_CHECK(set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR"));
  if (options.reuse_port) CLEARLINE_CHECK(set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT"));
  if (address.family() == AF_INET6) {
    // Said either way, or net.ipv6.bindv6only would decide what [::] means.
    CLEARLINE_CHECK(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0, "IPV6_V6ONLY"));
  }
  if (::bind(fd, address.data(), address.size()) != 0 || ::listen(fd, options.backlog) != 0) {
    return tl::unexpected(listen_error(errno, address));
  }
  CLEARLINE_TRY(socket.address_, SocketAddress::local_of(fd));
  return socket;
}

Result<ListeningSocket> ListeningSocket::adopt(FileDescriptor fd, const ListenOptions& options) {
  const std::string what = "descriptor " + std::to_string(fd.get());
  const auto type = integer_option(fd.get(), SO_TYPE, "SO_TYPE");
  if (!type) return tl::unexpected(type.error().at(what + " is not a socket"));
  if (*type != SOCK_STREAM) return fail(ErrorCode::invalid_argument, what + " is not a stream socket");
  CLEARLINE_TRY(const int listening, integer_option(fd.get(), SO_ACCEPTCONN, "SO_ACCEPTCONN"));
  if (listening == 0) return fail(ErrorCode::invalid_argument, what + " does not listen");
  ListeningSocket socket;
  CLEARLINE_TRY(socket.address_, SocketAddress::local_of(fd.get()));
  const int family = socket.address_.family();
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) {
    return fail(ErrorCode::invalid_argument, what + " is of a family that is not served: " + std::to_string(family));
  }
  CLEARLINE_CHECK(set_inherited_options(fd.get(), options, family));
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0) return tl::unexpected(system_error(what));
  if (::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) return tl::unexpected(system_error(what));
  socket.fd_ = std::move(fd);
  return socket;
}

void ListeningSocket::close() {
  file_.remove();
  fd_.reset();
}

}  // namespace clearline::net
