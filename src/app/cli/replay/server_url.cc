#include "app/cli/replay/server_url.h"

#include <fmt/core.h>

#include <charconv>

#include "app/names.h"

namespace clearline::app::replay {

Result<ServerUrl> parse_server_url(std::string_view url) {
  // An origin is what is left of a URL without a path, so its rules are the rules here.
  const Result<std::string> origin = normalise_origin(url);
  const std::size_t scheme_end = origin ? origin->find("://") : std::string::npos;
  if (scheme_end == std::string::npos)
    return fail(ErrorCode::invalid_argument,
                fmt::format("--server {}: write http://host:port or https://host:port", url));
  ServerUrl server;
  server.origin = *origin;
  server.port = server.is_https() ? 443 : 80;
  std::string_view authority = std::string_view(*origin).substr(scheme_end + 3);
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(), server.port);
    authority = authority.substr(0, colon);
  }
  if (authority.front() == '[') authority = authority.substr(1, authority.size() - 2);
  server.host = authority;
  return server;
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || host.substr(0, 4) == "127.";
}

}  // namespace clearline::app::replay
