// The --server option.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace clearline::app::replay {

struct ServerUrl {
  std::string host;
  std::uint16_t port = 80;
  std::string origin;  // as a page of this server would send it: no default port
};

// "http://host[:port]". https is refused by name: this client speaks no TLS yet.
[[nodiscard]] Result<ServerUrl> parse_server_url(std::string_view url);

// Whether the name is this machine's own, so that the server's data may be found on it.
[[nodiscard]] bool is_this_machine(std::string_view host);

}  // namespace clearline::app::replay
