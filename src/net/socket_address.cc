#include "net/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/types.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>

#include "net/system_error.h"

namespace clearline::net {

namespace {

const sockaddr_in& as_ipv4(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in&>(storage);
}
const sockaddr_in6& as_ipv6(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in6&>(storage);
}

}  // namespace

Result<SocketAddress> SocketAddress::parse(std::string_view ip, std::uint16_t port) {
  const std::string text(ip);
  std::array<std::byte, 16> bytes;
  const bool whole = text.find('\0') == std::string::npos;
  if (whole && ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return from_bytes(std::span(bytes).first<4>(), port);
  }
  if (whole && ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
    return from_bytes(std::span<const std::byte, 16>(bytes), port);
  }
  return fail(ErrorCode::invalid_argument, "'" + text + "' is not an IPv4 or IPv6 address");
}

Result<SocketAddress> SocketAddress::unix_socket(std::string_view path) {
  SocketAddress address;
  auto& unix_address = reinterpret_cast<sockaddr_un&>(address.storage_);
  constexpr std::size_t path_bytes_max = sizeof unix_address.sun_path - 1;
  if (path.empty() || path == "@") return fail(ErrorCode::invalid_argument, "a Unix socket needs a path or a @name");
  if (path.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::invalid_argument, "the path of a Unix socket cannot have a zero byte in it");
  }
  if (path.size() > path_bytes_max) {
    return fail(ErrorCode::invalid_argument, "the path of a Unix socket has " + std::to_string(path.size()) +
                                                 " bytes, at most " + std::to_string(path_bytes_max) +
                                                 " are allowed: " + std::string(path));
  }
  unix_address.sun_family = AF_UNIX;
  std::memcpy(unix_address.sun_path, path.data(), path.size());
  const bool abstract = path.front() == '@';
  if (abstract) unix_address.sun_path[0] = '\0';
  // A path ends with a zero byte; an abstract name ends where the address ends.
  address.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return address;
}

SocketAddress SocketAddress::unnamed_unix() {
  SocketAddress address;
  address.storage_.ss_family = AF_UNIX;
  address.size_ = offsetof(sockaddr_un, sun_path);
  return address;
}

SocketAddress SocketAddress::from_bytes(std::span<const std::byte, 4> ipv4, std::uint16_t port) {
  SocketAddress address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage_);
  v4.sin_family = AF_INET;
  std::memcpy(&v4.sin_addr, ipv4.data(), ipv4.size());
  address.size_ = sizeof v4;
  address.set_port(port);
  return address;
}

SocketAddress SocketAddress::from_bytes(std::span<const std::byte, 16> ipv6, std::uint16_t port) {
  SocketAddress address;
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage_);
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, ipv6.data(), ipv6.size());
  address.size_ = sizeof v6;
  address.set_port(port);
  return address;
}

Result<SocketAddress> SocketAddress::local_of(int fd) {
  SocketAddress address;
  address.size_ = sizeof address.storage_;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage_), &address.size_) != 0) {
    return tl::unexpected(system_error("getsockname"));
  }
  return address;
}

Result<SocketAddress> SocketAddress::peer_of(int fd) {
  SocketAddress address;
  address.size_ = sizeof address.storage_;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address.storage_), &address.size_) != 0) {
    return tl::unexpected(system_error("getpeername"));
  }
  return address.unmapped();
}

SocketAddress SocketAddress::unmapped() const {
  constexpr std::size_t prefix_bytes = 12;
  const auto bytes = ip_bytes();
  if (family() != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&as_ipv6(storage_).sin6_addr)) return *this;
  return from_bytes(bytes.subspan(prefix_bytes).first<4>(), port());
}

std::span<const std::byte> SocketAddress::ip_bytes() const {
  if (family() == AF_INET) return std::as_bytes(std::span(&as_ipv4(storage_).sin_addr, 1));
  if (family() == AF_INET6) return std::as_bytes(std::span(&as_ipv6(storage_).sin6_addr, 1));
  return {};
}

std::string SocketAddress::ip() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto bytes = ip_bytes();
  if (bytes.empty() || ::inet_ntop(family(), bytes.data(), text.data(), text.size()) == nullptr) return {};
  return text.data();
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET6) return ntohs(as_ipv6(storage_).sin6_port);
  return family() == AF_INET ? ntohs(as_ipv4(storage_).sin_port) : std::uint16_t{0};
}

void SocketAddress::set_port(std::uint16_t port) {
  if (family() == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(storage_).sin6_port = htons(port);
  } else if (family() == AF_INET) {
    reinterpret_cast<sockaddr_in&>(storage_).sin_port = htons(port);
  }
}

std::string SocketAddress::unix_path() const {
  if (!is_unix() || size_ <= offsetof(sockaddr_un, sun_path)) return {};
  const char* start = reinterpret_cast<const sockaddr_un&>(storage_).sun_path;
  const std::size_t bytes = size_ - offsetof(sockaddr_un, sun_path);
  if (start[0] == '\0') return "@" + std::string(start + 1, bytes - 1);
  return {start, std::find(start, start + bytes, '\0')};
}

std::string SocketAddress::text() const {
  if (is_unix()) return "unix:" + unix_path();
  const std::string host = family() == AF_INET6 ? "[" + ip() + "]" : ip();
  return host + ":" + std::to_string(port());
}

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0) {
    return fail(ErrorCode::not_found, "the name '" + host + "' could not be resolved: " + ::gai_strerror(status));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage_, entry->ai_addr, entry->ai_addrlen);
    address.size_ = entry->ai_addrlen;
    address.set_port(port);
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace clearline::net
