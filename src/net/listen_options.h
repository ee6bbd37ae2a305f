// Where and how to listen: one socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/socket_address.h"

namespace clearline::net {

struct ListenOptions {
  // "127.0.0.1:8080", "[::1]:8080", "[::]:8080", "unix:/run/clearline/clearline.sock", "unix:@abstract", each with
  // options behind commas: "proxy-protocol", "ipv6-only", "mode=0660", "user=NAME", "group=NAME". Port 0 is any free
  // one. A path with a comma in it cannot be written. Errors name the part that is wrong.
  [[nodiscard]] static Result<ListenOptions> parse(std::string_view text);
  // The options behind the address alone: "", "proxy-protocol", "mode=0600,group=www-data".
  [[nodiscard]] Result<void> add_options(std::string_view text);

  SocketAddress address;
  // Connections that the kernel completes before they are accepted; it caps the number at net.core.somaxconn.
  int backlog = 4096;
  bool reuse_port = false;  // SO_REUSEPORT; needless with a Listener for all servers of a program
  // [::] takes IPv4 as well, whatever net.ipv6.bindv6only says, unless this is set.
  bool ipv6_only = false;
  // Every connection begins with a header of the PROXY protocol, version 1 or 2; see Server for who may send it.
  bool proxy_protocol = false;
  // Of a Unix socket's file: who may connect. Write permission is what counts (unix(7)).
  std::uint32_t mode = 0660;
  std::optional<std::string> user;   // owner: a name or a number; none: who runs the program
  std::optional<std::string> group;  // likewise
  // How long bytes that we sent may stay unacknowledged before the kernel gives the peer up (TCP_USER_TIMEOUT); 0
  // leaves it to the kernel, about 15 minutes. See listening_socket.cc.
  std::uint32_t unacknowledged_timeout_ms = 120'000;
};

}  // namespace clearline::net
