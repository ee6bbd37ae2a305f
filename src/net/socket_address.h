// The address of a stream socket: IPv4 or IPv6 with a port, or a Unix socket.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
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
  // A path, or a name in the abstract namespace when it begins with '@' (unix(7)). At most 107 bytes.
  [[nodiscard]] static Result<SocketAddress> unix_socket(std::string_view path);
  // Of the connecting side of a Unix socket, as a rule.
  [[nodiscard]] static SocketAddress unnamed_unix();
  // In network byte order, as they stand in a packet.
  [[nodiscard]] static SocketAddress from_bytes(std::span<const std::byte, 4> ipv4, std::uint16_t port);
  [[nodiscard]] static SocketAddress from_bytes(std::span<const std::byte, 16> ipv6, std::uint16_t port);
  [[nodiscard]] static Result<SocketAddress> local_of(int fd);
  // As unmapped().
  [[nodiscard]] static Result<SocketAddress> peer_of(int fd);

  [[nodiscard]] int family() const { return storage_.ss_family; }
  [[nodiscard]] bool is_unix() const { return family() == AF_UNIX; }
  // The bytes of an IP address in network byte order, 4 or 16; none of a Unix socket's.
  [[nodiscard]] std::span<const std::byte> ip_bytes() const;
  // Empty of a Unix socket.
  [[nodiscard]] std::string ip() const;
  // 0 of a Unix socket.
  [[nodiscard]] std::uint16_t port() const;
  void set_port(std::uint16_t port);
  // "/run/x.sock", "@name"; empty when it has none (the connecting side, as a rule) and of IP addresses.
  [[nodiscard]] std::string unix_path() const;
  // "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock"
  [[nodiscard]] std::string text() const;
  // An IPv4 peer of a dual-stack socket comes as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2): the IPv4 address that is
  // meant. Every other address as it is.
  [[nodiscard]] SocketAddress unmapped() const;

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
