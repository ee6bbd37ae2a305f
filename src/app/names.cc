#include "app/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ws/utf8.h"

namespace clearline::app {

namespace {

constexpr std::size_t site_key_length_max = 40;
constexpr std::size_t agent_name_length_max = 64;
constexpr std::size_t display_name_code_points_max = 80;
constexpr std::size_t host_length_max = 253;  // RFC 1035 section 2.3.4, as text

constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";

bool is_lower_or_digit(char c) {
  return lower_and_digits.find(c) != std::string_view::npos;
}

Result<void> check_characters(std::string_view what, std::string_view name, std::string_view others,
                              std::size_t length_max) {
  const bool allowed = std::all_of(name.begin(), name.end(), [others](char c) {
    return is_lower_or_digit(c) || others.find(c) != std::string_view::npos;
  });
  if (allowed && !name.empty() && name.size() <= length_max) return {};
  std::string marks;
  for (const char c : others) marks += fmt::format(" {}", c);
  return fail(ErrorCode::invalid_argument,
              fmt::format("\"{}\" is not {}: 1 to {} of a-z, 0-9 and{}", name, what, length_max, marks));
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

tl::unexpected<Error> bad_origin(std::string_view origin, std::string_view why) {
  return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is not an origin: {}", origin, why));
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > host_length_max) return false;
  if (host.front() == '[')  // an IPv6 address
    return host.size() > 3 && host.back() == ']' &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
  return host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == std::string_view::npos &&
         host.front() != '.' && host.front() != '-' && host.find("..") == std::string_view::npos;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<void> check_site_key(std::string_view key) {
  return check_characters("a site's key", key, "-", site_key_length_max);
}

Result<void> check_agent_name(std::string_view name) {
  return check_characters("an agent's name", name, "._-", agent_name_length_max);
}

Result<void> check_display_name(std::string_view name) {
  if (!ws::is_valid_utf8(std::as_bytes(std::span(name))))
    return fail(ErrorCode::invalid_argument, "the display name is not valid UTF-8");
  std::size_t code_points = 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      return fail(ErrorCode::invalid_argument, "the display name has a control character in it");
    code_points += (byte & 0xC0) != 0x80 ? 1 : 0;
  }
  if (name.find_first_not_of(' ') == std::string_view::npos)
    return fail(ErrorCode::invalid_argument, "the display name is empty");
  if (code_points > display_name_code_points_max)
    return fail(ErrorCode::invalid_argument, fmt::format("the display name has {} characters; at most {} are allowed",
                                                         code_points, display_name_code_points_max));
  return {};
}

Result<std::string> normalise_origin(std::string_view origin) {
  if (origin == "self" || origin == "*") return std::string(origin);
  const std::string lower = to_lower(origin);
  const std::size_t scheme_end = lower.find("://");
  const std::string_view scheme = std::string_view(lower).substr(0, scheme_end);
  if (scheme_end == std::string::npos || (scheme != "https" && scheme != "http"))
    return bad_origin(origin, "write https://shop.example, http://localhost:3000, self or *");

  std::string_view authority = std::string_view(lower).substr(scheme_end + 3);
  if (!authority.empty() && authority.back() == '/') authority.remove_suffix(1);
  if (authority.find_first_of("/?#") != std::string_view::npos)
    return bad_origin(origin, "it ends with the host or port, without a path");
  if (authority.find('@') != std::string_view::npos) return bad_origin(origin, "it has no user name");

  std::string_view host = authority;
  std::string_view port;
  if (const std::size_t colon = authority.rfind(':');
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    if (!port_number(port)) return bad_origin(origin, fmt::format("\"{}\" is not a port", port));
  }
  if (std::any_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return bad_origin(origin, "write an international name as browsers send it (xn--…)");
  if (!is_host(host)) return bad_origin(origin, fmt::format("\"{}\" is not a host", host));

  // RFC 6454 section 6.2: the port is left out when it is the scheme's own.
  const std::uint16_t default_port = scheme == "https" ? 443 : 80;
  std::string normal = fmt::format("{}://{}", scheme, host);
  if (!port.empty() && *port_number(port) != default_port) normal += fmt::format(":{}", *port_number(port));
  return normal;
}

}  // namespace clearline::app
