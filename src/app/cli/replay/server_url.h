// The --server option.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/tls/client_context.h"

namespace clearline::app::replay {

struct ServerUrl {
  std::string host;
  std::uint16_t port = 80;
  std::string origin;  // as a page of this server would send it: no default port
  // For https; who parsed the URL fills it in.
  std::shared_ptr<const net::TlsClientContext> tls;

  [[nodiscard]] bool is_https() const { return origin.starts_with("https:"); }
};

// "http://host[:port]" or "https://host[:port]".
[[nodiscard]] Result<ServerUrl> parse_server_url(std::string_view url);

// Whether the name is this machine's own, so that the server's data may be found on it.
[[nodiscard]] bool is_this_machine(std::string_view host);

}  // namespace clearline::app::replay
