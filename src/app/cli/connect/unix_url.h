// ws+unix: URLs, as npm ws writes them: a WebSocket through a Unix socket.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace clearline::app::connect {

inline constexpr std::string_view unix_scheme = "ws+unix:";

struct UnixUrl {
  std::string path;          // of the socket; "@name" in the abstract namespace
  std::string target = "/";  // path and query
};

// "ws+unix:/run/chat.sock" or "ws+unix:/run/chat.sock:/path?query"; the path of the socket has no ':'.
[[nodiscard]] Result<UnixUrl> parse_unix_url(std::string_view url);

}  // namespace clearline::app::connect
