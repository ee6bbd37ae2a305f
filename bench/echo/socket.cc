#include "socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace clearline::bench {

namespace {

constexpr std::size_t head_bytes_max = 4096;

tl::unexpected<Error> system_error(std::string_view what) {
  return fail(ErrorCode::io, std::string(what) + ": " + std::strerror(errno));
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

std::string upgrade_request(std::string_view host, std::uint16_t port) {
  return "GET / HTTP/1.1\r\nHost: " + std::string(host) + ":" + std::to_string(port) +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "Sec-WebSocket-Version: 13\r\n\r\n";
}

Result<void> check_upgrade_response(std::string_view head) {
  const bool switches = head.substr(0, 12) == "HTTP/1.1 101";
  if (switches && head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string_view::npos) return {};
  return fail(ErrorCode::corrupt, "the handshake was answered with: " + std::string(head.substr(0, head.find('\r'))));
}

Result<Socket> Socket::connect(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return fail(ErrorCode::invalid_argument, host + " is no IPv4 address");
  }
  Socket socket(net::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  if (!socket.fd_) return system_error("socket");
  const int on = 1;
  (void)setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_error("connect");
  }
  return socket;
}

Result<void> Socket::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) return system_error("send");
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::string> Socket::receive_head() {
  std::string head;
  std::array<char, head_bytes_max> buffer;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno != EINTR) return system_error("recv");
    if (count == 0) return fail(ErrorCode::io, "the server closed the connection during the handshake");
    if (count > 0) head.append(buffer.data(), static_cast<std::size_t>(count));
    if (head.size() > head_bytes_max) return fail(ErrorCode::corrupt, "the handshake's answer has no end");
  }
  if (head.find("\r\n\r\n") + 4 != head.size()) return fail(ErrorCode::corrupt, "bytes behind the handshake's answer");
  return head;
}

void Socket::set_non_blocking() {
  (void)::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) | O_NONBLOCK);
}

Result<std::size_t> Socket::send(std::span<const std::byte> bytes) {
  const ssize_t count = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (would_block()) return std::size_t{0};
  return system_error("send");
}

Result<std::size_t> Socket::receive(std::span<std::byte> buffer) {
  const ssize_t count = ::recv(fd(), buffer.data(), buffer.size(), 0);
  if (count > 0) return static_cast<std::size_t>(count);
  if (count == 0) return fail(ErrorCode::io, "the server closed the connection");
  if (would_block()) return std::size_t{0};
  return system_error("recv");
}

void Socket::reset() {
  const linger reset_on_close{1, 0};
  (void)setsockopt(fd(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof reset_on_close);
  fd_.reset();
}

}  // namespace clearline::bench
