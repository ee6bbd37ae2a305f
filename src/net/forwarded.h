// The words of proxies in header fields, without I/O: Forwarded (RFC 7239) and the X-Forwarded family, which no RFC
// describes. Not part of the public interface.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/header.h"
#include "net/socket_address.h"

namespace clearline::net {

// What one proxy said about the side that it was asked by.
struct ForwardedHop {
  std::optional<SocketAddress> address;  // none: "unknown", an obfuscated name, or nonsense
  std::optional<bool> encrypted;
  std::string host;  // empty: not said, or not a host
};

// In the order of the fields: the nearest proxy's is the last. Of Forwarded, a field that breaks the grammar gives one
// hop that says nothing, since nobody knows where its parts begin.
[[nodiscard]] std::vector<ForwardedHop> parse_forwarded(std::span<const HeaderView> headers);

// Proto and Host have one entry a proxy, or fewer when only the outer ones write them: counted from the right, a hop
// beyond the first entry gets the first.
[[nodiscard]] std::vector<ForwardedHop> parse_x_forwarded(std::span<const HeaderView> headers);

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"
[[nodiscard]] std::optional<SocketAddress> parse_node(std::string_view node);

}  // namespace clearline::net
