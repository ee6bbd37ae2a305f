// Where a request comes from, as far as it can be believed: what trusted proxies say in header fields, and for the rest
// what the connection itself shows.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/header.h"
#include "net/address_range.h"
#include "net/socket_address.h"

namespace clearline::net {

// Which header fields the proxies in front write. One kind only: a proxy that writes X-Forwarded-For passes a Forwarded
// that the client invented on as it is, and the other way round.
enum class ProxyHeaders : std::uint8_t {
  none,
  x_forwarded,  // X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host: nginx, HAProxy, Caddy, most others
  forwarded,    // Forwarded (RFC 7239)
};

struct RequestSource {
  SocketAddress address;   // the client's
  bool encrypted = false;  // the client speaks TLS, to us or to the proxy in front
  std::string host;        // as the client asked for it; empty: the request's own Host field holds
};

// Takes the fields from the right, where the nearest proxy has written, and goes on to the left for as long as the
// address found is one of `trusted` itself. `connection` is what is known without the fields; it is returned unchanged
// when its address is not trusted. What cannot be understood ends the walk: the last address that was believed counts.
[[nodiscard]] RequestSource trace_source(RequestSource connection, std::span<const HeaderView> headers,
                                         std::span<const AddressRange> trusted, ProxyHeaders kind);

}  // namespace clearline::net
