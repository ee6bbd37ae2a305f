// Version 1 (section 2.1):  PROXY SP (TCP4|TCP6) SP source SP destination SP source port SP destination port CRLF
//                           PROXY SP UNKNOWN anything CRLF
// Version 2 (section 2.2):  12 bytes of signature, version and command (4 bits each), family and protocol (4 bits
//                           each), length (16 bits) of what follows: addresses by family, then TLVs
#include "net/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include "net/crc32c.h"

namespace clearline::net {

namespace {

using Bytes = std::span<const std::byte>;
using Status = ProxyParse::Status;

constexpr std::string_view v1_start = "PROXY ";
constexpr std::size_t v1_bytes_max = 107;
constexpr std::string_view v2_signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t v2_fixed_bytes = 16;
constexpr std::size_t unix_path_bytes = 108;

constexpr std::uint8_t tlv_crc32c = 0x03;
constexpr std::uint8_t tlv_ssl = 0x20;
constexpr std::size_t tlv_head_bytes = 3;
constexpr std::size_t ssl_fixed_bytes = 5;  // client bits, verification result
constexpr std::uint8_t client_ssl = 0x01;

ProxyParse invalid(std::string_view why) {
  ProxyParse parse;
  parse.status = Status::invalid;
  parse.error = why;
  return parse;
}

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint8_t byte_at(Bytes bytes, std::size_t index) {
  return std::to_integer<std::uint8_t>(bytes[index]);
}

std::uint16_t u16_at(Bytes bytes, std::size_t index) {
  return static_cast<std::uint16_t>(byte_at(bytes, index) << 8 | byte_at(bytes, index + 1));
}

// The input may still become one that begins with `start`.
bool may_begin_with(std::string_view input, std::string_view start) {
  return start.starts_with(input.substr(0, start.size()));
}

// --- Version 1 ------------------------------------------------------------------------------------------------------

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return port;
}

std::optional<SocketAddress> parse_v1_address(std::string_view ip, std::string_view port, int family) {
  const auto number = parse_port(port);
  if (!number) return std::nullopt;
  const auto address = SocketAddress::parse(ip, *number);
  if (!address || address->family() != family) return std::nullopt;
  return address->unmapped();
}

// Words with exactly one space between them; an empty word where there are more.
template <std::size_t count>
std::optional<std::array<std::string_view, count>> split_words(std::string_view line) {
  std::array<std::string_view, count> words;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t space = line.find(' ');
    const bool last = i + 1 == count;
    if (last != (space == std::string_view::npos)) return std::nullopt;
    words[i] = line.substr(0, space);
    if (!last) line.remove_prefix(space + 1);
  }
  return words;
}

// The line behind "PROXY ", without CRLF.
ProxyParse parse_v1_line(std::string_view line, std::size_t bytes) {
  ProxyParse parse;
  parse.status = Status::complete;
  parse.bytes = bytes;
  parse.header.version = 1;
  // What follows UNKNOWN must be ignored.
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return parse;
  const auto words = split_words<5>(line);
  if (!words) return invalid("the PROXY line does not have its six words");
  const auto& [protocol, source, destination, source_port, destination_port] = *words;
  if (protocol != "TCP4" && protocol != "TCP6") return invalid("the PROXY line is of an unknown protocol");
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  parse.header.source = parse_v1_address(source, source_port, family);
  parse.header.destination = parse_v1_address(destination, destination_port, family);
  if (!parse.header.source) return invalid("the source in the PROXY line is not an address with a port");
  if (!parse.header.destination) return invalid("the destination in the PROXY line is not an address with a port");
  return parse;
}

ProxyParse parse_v1(std::string_view input) {
  if (input.size() < v1_start.size()) return {};
  const std::string_view window = input.substr(0, v1_bytes_max);
  const std::size_t end = window.find_first_of("\r\n");
  if (end == std::string_view::npos) {
    return window.size() < v1_bytes_max ? ProxyParse{} : invalid("the PROXY line is longer than 107 bytes");
  }
  if (window[end] == '\r' && end + 1 == window.size() && window.size() < v1_bytes_max) return {};
  if (window[end] != '\r' || end + 1 == window.size() || window[end + 1] != '\n') {
    return invalid("the PROXY line does not end with CR LF");
  }
  return parse_v1_line(window.substr(v1_start.size(), end - v1_start.size()), end + 2);
}

// --- Version 2 ------------------------------------------------------------------------------------------------------

std::optional<SocketAddress> parse_unix_path(Bytes field) {
  std::string path(as_text(field));
  path.erase(path.find_last_not_of('\0') + 1);
  if (path.empty()) return SocketAddress::unnamed_unix();
  if (path.front() == '\0') path.front() = '@';
  const auto address = SocketAddress::unix_socket(path);
  return address ? std::optional(*address) : std::nullopt;
}

// How many bytes the addresses take, or none for a family that is not taken.
std::optional<std::size_t> address_bytes(std::uint8_t family_and_protocol) {
  switch (family_and_protocol) {
    case 0x00:  // AF_UNSPEC
      return 0;
    case 0x11:  // AF_INET, SOCK_STREAM
      return 2 * 4 + 2 * 2;
    case 0x21:  // AF_INET6, SOCK_STREAM
      return 2 * 16 + 2 * 2;
    case 0x31:  // AF_UNIX, SOCK_STREAM
      return 2 * unix_path_bytes;
    default:
      return std::nullopt;
  }
}

bool parse_v2_addresses(std::uint8_t family_and_protocol, Bytes field, ProxyHeader& header) {
  switch (family_and_protocol) {
    case 0x11:
      header.source = SocketAddress::from_bytes(field.first<4>(), u16_at(field, 8));
      header.destination = SocketAddress::from_bytes(field.subspan<4, 4>(), u16_at(field, 10));
      return true;
    case 0x21:
      header.source = SocketAddress::from_bytes(field.first<16>(), u16_at(field, 32)).unmapped();
      header.destination = SocketAddress::from_bytes(field.subspan<16, 16>(), u16_at(field, 34)).unmapped();
      return true;
    case 0x31:
      header.source = parse_unix_path(field.first(unix_path_bytes));
      header.destination = parse_unix_path(field.subspan(unix_path_bytes));
      return header.source && header.destination;
    default:
      return true;
  }
}

// Section 2.2.3: over the whole header, with zeros in the place of the checksum.
bool checksum_is_right(Bytes header, std::size_t value_offset) {
  constexpr std::array<std::byte, 4> zeros{};
  std::uint32_t crc = crc32c(header.first(value_offset));
  crc = crc32c(zeros, crc);
  crc = crc32c(header.subspan(value_offset + zeros.size()), crc);
  return crc == (std::uint32_t{u16_at(header, value_offset)} << 16 | u16_at(header, value_offset + 2));
}

// Walks over TLVs; false when one reaches beyond the end. The function gets type, offset of the value, and its length.
template <typename Function>
bool for_each_tlv(Bytes header, std::size_t offset, Function function) {
  while (offset < header.size()) {
    if (header.size() - offset < tlv_head_bytes) return false;
    const std::size_t length = u16_at(header, offset + 1);
    const std::uint8_t type = byte_at(header, offset);
    offset += tlv_head_bytes;
    if (header.size() - offset < length) return false;
    function(type, offset, length);
    offset += length;
  }
  return true;
}

std::string_view parse_tlvs(Bytes header, std::size_t offset, ProxyHeader& parsed) {
  std::string_view error;
  const bool whole = for_each_tlv(header, offset, [&](std::uint8_t type, std::size_t value, std::size_t length) {
    if (type == tlv_crc32c && length != 4) error = "the checksum in the PROXY header does not have 4 bytes";
    if (type == tlv_crc32c && length == 4 && !checksum_is_right(header, value)) {
      error = "the checksum in the PROXY header is wrong";
    }
    if (type != tlv_ssl) return;
    const auto ignore = [](std::uint8_t, std::size_t, std::size_t) {};
    if (length < ssl_fixed_bytes || !for_each_tlv(header.first(value + length), value + ssl_fixed_bytes, ignore)) {
      error = "the TLS part of the PROXY header is cut short";
      return;
    }
    parsed.encrypted = (byte_at(header, value) & client_ssl) != 0;
  });
  return whole ? error : "a TLV of the PROXY header reaches beyond its end";
}

ProxyParse parse_v2(Bytes input) {
  if (input.size() < v2_fixed_bytes) return {};
  const std::uint8_t version_and_command = byte_at(input, 12);
  const std::uint8_t family_and_protocol = byte_at(input, 13);
  const std::size_t length = u16_at(input, 14);
  if (version_and_command >> 4 != 2) return invalid("the PROXY header is of an unknown version");
  if ((version_and_command & 0x0F) > 1) return invalid("the PROXY header has an unknown command");
  if (v2_fixed_bytes + length > proxy_header_bytes_max) return invalid("the PROXY header is longer than 4096 bytes");
  if (input.size() < v2_fixed_bytes + length) return {};
  const Bytes header = input.first(v2_fixed_bytes + length);
  ProxyParse parse;
  parse.status = Status::complete;
  parse.bytes = header.size();
  parse.header.version = 2;
  // LOCAL: the rest is to be discarded, family included.
  if ((version_and_command & 0x0F) == 0) return parse;
  const auto addresses = address_bytes(family_and_protocol);
  if (!addresses) return invalid("the PROXY header is of a family that is not served");
  if (length < *addresses) return invalid("the PROXY header is too short for its addresses");
  if (!parse_v2_addresses(family_and_protocol, header.subspan(v2_fixed_bytes, *addresses), parse.header)) {
    return invalid("the PROXY header has a bad Unix path");
  }
  const std::string_view error = parse_tlvs(header, v2_fixed_bytes + *addresses, parse.header);
  return error.empty() ? parse : invalid(error);
}

}  // namespace

ProxyParse parse_proxy_header(std::span<const std::byte> input) {
  const std::string_view text = as_text(input);
  if (may_begin_with(text, v1_start)) return parse_v1(text);
  if (may_begin_with(text, v2_signature)) return parse_v2(input);
  return invalid("there is no PROXY header");
}

}  // namespace clearline::net
