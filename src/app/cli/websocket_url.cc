#include "app/cli/websocket_url.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace clearline::app {

namespace {

constexpr std::uint16_t ws_port = 80;
constexpr std::uint16_t wss_port = 443;

tl::unexpected<Error> refuse(std::string_view url, std::string_view what) {
  return fail(ErrorCode::invalid_argument, fmt::format("{}: {}", url, what));
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Takes "scheme://" off the front, whatever its case.
bool take_scheme(std::string_view& rest, std::string_view scheme) {
  if (rest.size() < scheme.size()) return false;
  if (!std::equal(scheme.begin(), scheme.end(), rest.begin(), [](char a, char b) { return a == lower(b); }))
    return false;
  rest.remove_prefix(scheme.size());
  return true;
}

Result<std::uint16_t> parse_port(std::string_view url, std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0)
    return refuse(url, fmt::format("\"{}\" is not a port; write 1 to 65535", text));
  return port;
}

Result<void> take_authority(std::string_view url, std::string_view authority, WebSocketUrl& parsed) {
  if (authority.find('@') != std::string_view::npos)
    return refuse(url, "user and password do not belong into a URL; use --header \"Authorization: …\"");
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return refuse(url, "the bracket of the IPv6 address is not closed");
    parsed.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return refuse(url, "behind the IPv6 address comes a port or a path");
  } else {
    const std::size_t colon = authority.find(':');
    parsed.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (parsed.host.empty()) return refuse(url, "the host is missing");
  if (port.empty()) return {};
  CLEARLINE_TRY(parsed.port, parse_port(url, port.substr(1)));
  return {};
}

}  // namespace

std::string WebSocketUrl::host_field() const {
  std::string field = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (secure ? wss_port : ws_port)) field += ":" + std::to_string(port);
  return field;
}

std::string WebSocketUrl::text() const {
  return (secure ? "wss://" : "ws://") + host_field() + target;
}

Result<WebSocketUrl> parse_websocket_url(std::string_view url) {
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!printable) return refuse(url, "write the URL in ASCII, without spaces (percent-encode the rest)");
  WebSocketUrl parsed;
  std::string_view rest = url;
  parsed.secure = take_scheme(rest, "wss://");
  if (!parsed.secure && !take_scheme(rest, "ws://")) return refuse(url, "write ws://host[:port][/path], or wss://");
  parsed.port = parsed.secure ? wss_port : ws_port;
  if (rest.find('#') != std::string_view::npos) return refuse(url, "a WebSocket's URL has no fragment (#)");
  const std::size_t path = rest.find_first_of("/?");
  CLEARLINE_CHECK(take_authority(url, rest.substr(0, path), parsed));
  if (path != std::string_view::npos) parsed.target = rest.substr(path);
  if (!parsed.target.starts_with('/')) parsed.target.insert(0, 1, '/');
  return parsed;
}

}  // namespace clearline::app
