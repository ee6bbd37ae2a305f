// An IPv4 or IPv6 address with a port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace clearline::net {

class SocketAddress {
 public:
  SocketAddress() = default;

  // A numeric address ("127.0.0.1", "::1"); names are resolve()'s.
  [[nodiscard]] static Result<SocketAddress> parse(std::string_view ip, std::uint16_t port);
  [[nodiscard]] static Result<SocketAddress> local_of(int fd);
  [[nodiscard]] static Result<SocketAddress> peer_of(int fd);

  [[nodiscard]] int family() const { return storage_.ss_family; }
  [[nodiscard]] std::string ip() const;
  [[nodiscard]] std::uint16_t port() const;
  void set_port(std::uint16_t port);
  // "127.0.0.1:8080", "[::1]:8080"
  [[nodiscard]] std::string text() const;

  [[nodiscard]] const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const { return size_; }

  friend Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port);

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

// Blocks while the resolver works: not for a loop's thread, except with numeric addresses.
[[nodiscard]] Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port);

}  // namespace clearline::net
