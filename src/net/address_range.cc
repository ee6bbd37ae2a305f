#include "net/address_range.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace clearline::net {

namespace {

constexpr std::string_view unix_text = "unix:";
constexpr unsigned bits_per_byte = 8;

std::optional<unsigned> parse_bits(std::string_view text, unsigned max) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc{} || end != text.data() + text.size() || bits > max) return std::nullopt;
  return bits;
}

// The bits of this byte that belong to the prefix.
std::byte byte_mask(std::size_t index, unsigned prefix_bits) {
  const std::size_t first_bit = index * bits_per_byte;
  if (prefix_bits <= first_bit) return std::byte{0};
  const std::size_t bits = std::min<std::size_t>(prefix_bits - first_bit, bits_per_byte);
  return static_cast<std::byte>(0xFFU << (bits_per_byte - bits));
}

tl::unexpected<Error> wrong(std::string_view text, const std::string& why) {
  return fail(ErrorCode::invalid_argument, "'" + std::string(text) + "' is not a range of addresses: " + why);
}

SocketAddress to_address(int family, const std::array<std::byte, 16>& bytes) {
  return family == AF_INET ? SocketAddress::from_bytes(std::span(bytes).first<4>(), 0)
                           : SocketAddress::from_bytes(std::span<const std::byte, 16>(bytes), 0);
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  AddressRange range;
  if (text == unix_text) {
    range.family_ = AF_UNIX;
    return range;
  }
  const std::size_t slash = text.find('/');
  const auto address = SocketAddress::parse(text.substr(0, slash), 0);
  if (!address) return wrong(text, "write 10.0.0.0/8, 2001:db8::/32, a single address, or unix:");
  if (address->unmapped().family() != address->family()) return wrong(text, "write an IPv4 range as IPv4");
  const auto bytes = address->ip_bytes();
  range.family_ = address->family();
  range.prefix_bits_ = static_cast<unsigned>(bytes.size()) * bits_per_byte;
  if (slash != std::string_view::npos) {
    const auto bits = parse_bits(text.substr(slash + 1), range.prefix_bits_);
    if (!bits) return wrong(text, "behind the / stands a number up to " + std::to_string(range.prefix_bits_));
    range.prefix_bits_ = *bits;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) range.prefix_[i] = bytes[i] & byte_mask(i, range.prefix_bits_);
  if (!std::equal(bytes.begin(), bytes.end(), range.prefix_.begin())) {
    return wrong(text, "there are bits behind the prefix; did you mean " + range.text() + "?");
  }
  return range;
}

bool AddressRange::contains(const SocketAddress& address) const {
  const SocketAddress own = address.unmapped();
  if (own.family() != family_) return false;
  const auto bytes = own.ip_bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((bytes[i] & byte_mask(i, prefix_bits_)) != prefix_[i]) return false;
  }
  return true;
}

std::string AddressRange::text() const {
  if (family_ == AF_UNIX) return std::string(unix_text);
  return to_address(family_, prefix_).ip() + "/" + std::to_string(prefix_bits_);
}

bool contains(std::span<const AddressRange> ranges, const SocketAddress& address) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace clearline::net
