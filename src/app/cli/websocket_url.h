// The URL of a WebSocket (RFC 6455 section 3).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace clearline::app {

struct WebSocketUrl {
  bool secure = false;  // wss
  std::string host;     // to connect to: without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string target;  // path and query, "/" at least
  // As in the Host field: brackets around an IPv6 address, the port only when it is not the scheme's own.
  [[nodiscard]] std::string host_field() const;
  [[nodiscard]] std::string text() const;
};

// "ws://host[:port][/path][?query]", or wss. Refused with what is wrong: another scheme, user and password (they would
// stand in logs), a fragment (section 3 forbids it), a port that is none, white space and control characters.
[[nodiscard]] Result<WebSocketUrl> parse_websocket_url(std::string_view url);

}  // namespace clearline::app
