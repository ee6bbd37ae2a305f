#include "net/forwarded.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

#include "http/request.h"
#include "http/token.h"

namespace clearline::net {

namespace {

// More than any chain of proxies has. What the client put in front of it is not looked at.
constexpr std::size_t hops_max = 32;
constexpr std::size_t host_bytes_max = 260;  // 253 of a name, and a port
constexpr std::string_view white_space = " \t";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::optional<bool> parse_scheme(std::string_view scheme) {
  if (http::equal_without_case(scheme, "https") || http::equal_without_case(scheme, "wss")) return true;
  if (http::equal_without_case(scheme, "http") || http::equal_without_case(scheme, "ws")) return false;
  return std::nullopt;
}

std::string parse_host(std::string_view host) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  const bool good = host.size() <= host_bytes_max && host.find_first_not_of(allowed) == std::string_view::npos;
  return good ? std::string(host) : std::string();
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// --- Forwarded ------------------------------------------------------------------------------------------------------

// One field's value, read from the front. RFC 7239 section 4:
//   Forwarded = 1#( [ pair ] *( ";" [ pair ] ) ),  pair = token "=" ( token / quoted-string )
class ForwardedReader {
 public:
  explicit ForwardedReader(std::string_view field) : rest_(field) {}

  // None when the grammar is broken anywhere.
  std::optional<std::vector<ForwardedHop>> read() {
    std::vector<ForwardedHop> hops;
    do {
      ForwardedHop hop;
      do {
        if (!read_pair(hop)) return std::nullopt;
      } while (take(';'));
      hops.push_back(std::move(hop));
    } while (take(','));
    if (!rest_.empty()) return std::nullopt;
    return hops;
  }

 private:
  bool take(char wanted) {
    rest_ = trim(rest_);
    if (!rest_.starts_with(wanted)) return false;
    rest_ = trim(rest_.substr(1));
    return true;
  }

  // Pairs may be missing: "for=a;;proto=http" and ", for=a".
  bool read_pair(ForwardedHop& hop) {
    rest_ = trim(rest_);
    if (rest_.empty() || rest_.front() == ';' || rest_.front() == ',') return true;
    const std::size_t equals = rest_.find('=');
    if (equals == std::string_view::npos || !http::is_token(rest_.substr(0, equals))) return false;
    const std::string_view name = rest_.substr(0, equals);
    rest_.remove_prefix(equals + 1);
    std::string value;
    if (!read_value(value)) return false;
    if (http::equal_without_case(name, "for")) hop.address = parse_node(value);
    if (http::equal_without_case(name, "proto")) hop.encrypted = parse_scheme(value);
    if (http::equal_without_case(name, "host")) hop.host = parse_host(value);
    return true;
  }

  bool read_value(std::string& value) {
    if (rest_.starts_with('"')) return read_quoted(value);
    value = rest_.substr(0, rest_.find_first_of(";, \t"));
    // Strictly a port needs quotes, for a colon is not allowed in a token; many proxies leave them out.
    std::string plain = value;
    std::replace(plain.begin(), plain.end(), ':', '.');
    rest_.remove_prefix(value.size());
    return http::is_token(plain);
  }

  bool read_quoted(std::string& value) {
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      value.push_back(rest_[i]);
    }
    return false;
  }

  std::string_view rest_;
};

// --- X-Forwarded ----------------------------------------------------------------------------------------------------

// The entries of all fields of that name, the last ones first.
std::vector<std::string_view> entries_from_right(std::span<const HeaderView> headers, std::string_view name) {
  std::vector<std::string_view> entries;
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (!http::equal_without_case(headers[i].name, name)) continue;
    std::string_view rest = headers[i].value;
    while (entries.size() < hops_max) {
      const std::size_t comma = rest.rfind(',');
      entries.push_back(trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1)));
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return entries;
}

}  // namespace

std::optional<SocketAddress> parse_node(std::string_view node) {
  std::string_view port;
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    port = node.substr(end + 1);
    node = node.substr(1, end - 1);
    if (node.find(':') == std::string_view::npos) return std::nullopt;
  } else if (const std::size_t colon = node.find(':'); colon != std::string_view::npos && colon == node.rfind(':')) {
    port = node.substr(colon);
    node = node.substr(0, colon);
  }
  std::uint16_t number = 0;
  if (!port.empty()) {
    const auto parsed = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
    // RFC 7239 section 6: the port may be an obfuscated name too.
    if (!parsed && !port.starts_with(":_")) return std::nullopt;
    number = parsed.value_or(0);
  }
  const auto address = SocketAddress::parse(node, number);
  return address ? std::optional(address->unmapped()) : std::nullopt;
}

std::vector<ForwardedHop> parse_forwarded(std::span<const HeaderView> headers) {
  std::vector<ForwardedHop> hops;
  for (const HeaderView& header : headers) {
    if (!http::equal_without_case(header.name, "forwarded")) continue;
    auto read = ForwardedReader(header.value).read();
    if (!read) {
      hops.emplace_back();
      continue;
    }
    hops.insert(hops.end(), std::make_move_iterator(read->begin()), std::make_move_iterator(read->end()));
  }
  if (hops.size() > hops_max) hops.erase(hops.begin(), hops.end() - static_cast<std::ptrdiff_t>(hops_max));
  return hops;
}

std::vector<ForwardedHop> parse_x_forwarded(std::span<const HeaderView> headers) {
  const auto addresses = entries_from_right(headers, "x-forwarded-for");
  const auto schemes = entries_from_right(headers, "x-forwarded-proto");
  const auto hosts = entries_from_right(headers, "x-forwarded-host");
  const bool said = !addresses.empty() || !schemes.empty() || !hosts.empty();
  std::vector<ForwardedHop> hops(said ? std::max<std::size_t>(addresses.size(), 1) : 0);
  for (std::size_t i = 0; i < hops.size(); ++i) {
    ForwardedHop& hop = hops[hops.size() - 1 - i];
    if (i < addresses.size()) hop.address = parse_node(addresses[i]);
    if (!schemes.empty()) hop.encrypted = parse_scheme(schemes[std::min(i, schemes.size() - 1)]);
    if (!hosts.empty()) hop.host = parse_host(hosts[std::min(i, hosts.size() - 1)]);
  }
  return hops;
}

}  // namespace clearline::net
