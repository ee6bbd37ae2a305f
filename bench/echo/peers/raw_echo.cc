// The floor: a TCP server without any protocol. For every REQUEST bytes that arrive it sends ANSWER bytes, with the
// system calls that a WebSocket echo cannot do without: one epoll_wait a turn, one recv and one send for whatever a
// connection has.
//
//   raw_echo --request-bytes N --answer-bytes N
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace {

// The best size for the floor of those tried (32 KiB to 512 KiB): what is read stays in the second-level cache.
constexpr std::size_t buffer_bytes = std::size_t{512} << 10;
constexpr int events_per_turn_max = 1024;

struct Connection {
  int fd = -1;
  std::size_t partial_bytes = 0;  // of a request
  std::size_t unsent_bytes = 0;   // refused by the kernel
};

class RawEcho {
 public:
  RawEcho(std::size_t request_bytes, std::size_t answer_bytes)
      : request_bytes_(request_bytes), answer_bytes_(answer_bytes), buffer_(buffer_bytes, 'x') {}

  // Returns the port, or 0.
  std::uint16_t listen() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    listener_.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const int on = 1;
    (void)::setsockopt(listener_.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::bind(listener_.fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_.fd, 4096) != 0 ||
        ::getsockname(listener_.fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      return 0;
    }
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    return ntohs(address.sin_port);
  }

  [[noreturn]] void run() {
    while (true) {
      std::array<epoll_event, events_per_turn_max> events;
      const int count = ::epoll_wait(epoll_, events.data(), events_per_turn_max, -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto& connection = *static_cast<Connection*>(event.data.ptr);
        if (&connection == &listener_) {
          accept();
        } else if ((event.events & EPOLLOUT) != 0) {
          send(connection, std::exchange(connection.unsent_bytes, 0));
          if (connection.unsent_bytes == 0) watch(EPOLL_CTL_MOD, connection, EPOLLIN);
        } else {
          receive(connection);
        }
      }
    }
  }

 private:
  void watch(int operation, Connection& connection, std::uint32_t wanted) const {
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = &connection;
    (void)::epoll_ctl(epoll_, operation, connection.fd, &event);
  }

  void accept() {
    for (int i = 0; i < 128; ++i) {
      const int fd = ::accept4(listener_.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      watch(EPOLL_CTL_ADD, *connection.release(), EPOLLIN);
    }
  }

  void receive(Connection& connection) {
    const ssize_t count = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      ::close(connection.fd);
      delete &connection;
      return;
    }
    const std::size_t bytes = connection.partial_bytes + static_cast<std::size_t>(count);
    connection.partial_bytes = bytes % request_bytes_;
    if (bytes >= request_bytes_) send(connection, bytes / request_bytes_ * answer_bytes_);
  }

  // All bytes of the traffic are alike, so whatever the buffer holds is right.
  void send(Connection& connection, std::size_t bytes) {
    if (connection.unsent_bytes > 0) {
      connection.unsent_bytes += bytes;
      return;
    }
    while (bytes > 0) {
      const ssize_t sent = ::send(connection.fd, buffer_.data(), std::min(bytes, buffer_.size()), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return;  // the next recv says why
      if (sent > 0) bytes -= static_cast<std::size_t>(sent);
      if (sent < 0) break;
    }
    connection.unsent_bytes = bytes;
    if (bytes > 0) watch(EPOLL_CTL_MOD, connection, EPOLLIN | EPOLLOUT);
  }

  std::size_t request_bytes_;
  std::size_t answer_bytes_;
  std::vector<char> buffer_;
  int epoll_ = -1;
  Connection listener_;
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t request_bytes = 0;
  std::size_t answer_bytes = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--request-bytes") request_bytes = std::strtoul(argv[i + 1], nullptr, 10);
    if (option == "--answer-bytes") answer_bytes = std::strtoul(argv[i + 1], nullptr, 10);
  }
  if (request_bytes == 0 || answer_bytes == 0) {
    std::fprintf(stderr, "Usage: raw_echo --request-bytes N --answer-bytes N\n");
    return 2;
  }
  RawEcho server(request_bytes, answer_bytes);
  const std::uint16_t port = server.listen();
  if (port == 0) {
    std::perror("raw_echo: cannot listen on 127.0.0.1");
    return 1;
  }
  std::printf("listening on 127.0.0.1:%u\n", port);
  std::fflush(stdout);
  server.run();
}
