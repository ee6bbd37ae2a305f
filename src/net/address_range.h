// Ranges of peers, to say whom to believe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/socket_address.h"

namespace clearline::net {

class AddressRange {
 public:
  // "10.0.0.0/8", "2001:db8::/32", a single address, or "unix:" for whoever may connect to a Unix socket of ours. A
  // prefix with bits behind its length is refused, since one of the two must be a mistake.
  [[nodiscard]] static Result<AddressRange> parse(std::string_view text);

  // An IPv4 address in its IPv6 form (::ffff:a.b.c.d) counts as IPv4. Ports do not count.
  [[nodiscard]] bool contains(const SocketAddress& address) const;
  [[nodiscard]] std::string text() const;

 private:
  int family_ = 0;
  unsigned prefix_bits_ = 0;
  std::array<std::byte, 16> prefix_{};  // the first 4 of an IPv4 range
};

[[nodiscard]] bool contains(std::span<const AddressRange> ranges, const SocketAddress& address);

}  // namespace clearline::net
