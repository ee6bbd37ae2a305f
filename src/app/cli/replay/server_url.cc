#include "app/cli/replay/server_url.h"

#include <fmt/core.h>

#include <charconv>

#include "app/names.h"

namespace clearline::app::replay {

Result<ServerUrl> parse_server_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (url.substr(0, 8) == "https://")
    return fail(ErrorCode::invalid_argument,
                fmt::format("--server {}: replay speaks plain HTTP only; name the server's http:// address", url));
  // An origin is what is left of a URL without a path, so its rules are the rules here.
  const Result<std::string> origin = normalise_origin(url);
  if (!origin || origin->substr(0, scheme.size()) != scheme)
    return fail(ErrorCode::invalid_argument, fmt::format("--server {}: write http://host:port", url));
  ServerUrl server;
  server.origin = *origin;
  std::string_view authority = std::string_view(*origin).substr(scheme.size());
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
