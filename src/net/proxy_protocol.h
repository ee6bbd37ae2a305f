// The PROXY protocol, versions 1 and 2, as its receiver, without I/O: what a proxy says about its client in front of
// the client's bytes. After "The PROXY protocol", haproxy's doc/proxy-protocol.txt; sections are of that text. Not part
// of the public interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/socket_address.h"

namespace clearline::net {

struct ProxyHeader {
  std::uint8_t version = 0;
  // None when the proxy speaks for itself (LOCAL: its health checks) or does not know (UNKNOWN, UNSPEC): then the
  // connection's own addresses count.
  std::optional<SocketAddress> source;
  std::optional<SocketAddress> destination;
  bool encrypted = false;  // the client came to the proxy by TLS (PP2_CLIENT_SSL)
};

struct ProxyParse {
  enum class Status : std::uint8_t { need_more, complete, invalid };

  Status status = Status::need_more;
  std::size_t bytes = 0;  // of the header, when complete
  ProxyHeader header;
  std::string_view error{};  // what is wrong, when invalid
};

// The longest header that is taken. Version 1 has at most 107 bytes, and version 2 as a rule below 200: its length
// field allows 65,551, which nobody needs.
inline constexpr std::size_t proxy_header_bytes_max = 4096;

// `input` is everything that has come so far, from the connection's first byte. need_more means that all of it belongs
// to the header.
[[nodiscard]] ProxyParse parse_proxy_header(std::span<const std::byte> input);

}  // namespace clearline::net
