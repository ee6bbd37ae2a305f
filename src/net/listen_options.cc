#include "net/listen_options.h"

#include <charconv>
#include <system_error>

namespace clearline::net {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::uint32_t mode_max = 0777;

tl::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail(ErrorCode::invalid_argument, "'" + std::string(text) + "': " + std::string(why));
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// "127.0.0.1:8080", "[::1]:8080"
Result<SocketAddress> parse_ip_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return wrong(text, "an address to listen on is IPV4:PORT, [IPV6]:PORT, unix:/PATH or unix:@NAME");
  }
  std::string_view ip = text.substr(0, colon);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1), 10);
  if (!port) return wrong(text, "the port behind the last ':' is not a number from 0 to 65535");
  const bool brackets = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
  if (brackets) ip = ip.substr(1, ip.size() - 2);
  if (brackets != (ip.find(':') != std::string_view::npos)) {
    return wrong(text, "an IPv6 address stands in brackets, and nothing else does: [::1]:8080");
  }
  auto address = SocketAddress::parse(ip, *port);
  if (!address) return tl::unexpected(address.error().at("'" + std::string(text) + "'"));
  return address;
}

Result<SocketAddress> parse_address(std::string_view text) {
  if (!text.starts_with(unix_prefix)) return parse_ip_and_port(text);
  auto address = SocketAddress::unix_socket(text.substr(unix_prefix.size()));
  if (!address) return tl::unexpected(address.error().at("'" + std::string(text) + "'"));
  return address;
}

Result<void> add_option(ListenOptions& options, std::string_view name, std::optional<std::string_view> value) {
  const bool has_file = options.address.is_unix() && !options.address.unix_path().starts_with('@');
  if (name == "proxy-protocol" && !value) {
    options.proxy_protocol = true;
    return {};
  }
  if (name == "ipv6-only" && !value) {
    if (options.address.family() != AF_INET6) return wrong(name, "is for IPv6 addresses only");
    options.ipv6_only = true;
    return {};
  }
  if (name != "mode" && name != "user" && name != "group") {
    return wrong(name, "there is no such option; there are proxy-protocol, ipv6-only, mode=, user= and group=");
  }
  if (!value || value->empty()) return wrong(name, "needs a value");
  if (!has_file) return wrong(name, "is for Unix sockets with a path only");
  if (name == "user") options.user = *value;
  if (name == "group") options.group = *value;
  if (name != "mode") return {};
  const auto mode = parse_number<std::uint32_t>(*value, 8);
  if (!mode || *mode > mode_max) return wrong(*value, "a mode is an octal number up to 777, for example 0660");
  options.mode = *mode;
  return {};
}

}  // namespace

Result<ListenOptions> ListenOptions::parse(std::string_view text) {
  const std::size_t comma = text.find(',');
  ListenOptions options;
  CLEARLINE_TRY(options.address, parse_address(text.substr(0, comma)));
  if (comma != std::string_view::npos) {
    if (auto added = options.add_options(text.substr(comma + 1)); !added) {
      return tl::unexpected(added.error().at("'" + std::string(text) + "'"));
    }
  }
  return options;
}

Result<void> ListenOptions::add_options(std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view option = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t equals = option.find('=');
    const auto value = equals == std::string_view::npos ? std::nullopt : std::optional(option.substr(equals + 1));
    CLEARLINE_CHECK(add_option(*this, option.substr(0, equals), value));
  }
  return {};
}

}  // namespace clearline::net
