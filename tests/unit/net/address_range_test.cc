#include "net/address_range.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace clearline::net {
namespace {

SocketAddress ip(std::string_view text) {
  return *SocketAddress::parse(text, 1234);
}

bool contains(std::string_view range, const SocketAddress& address) {
  const auto parsed = AddressRange::parse(range);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed->contains(address);
}

TEST(AddressRange, ContainsWhatHasItsPrefix) {
  EXPECT_TRUE(contains("10.0.0.0/8", ip("10.255.0.1")));
  EXPECT_FALSE(contains("10.0.0.0/8", ip("11.0.0.1")));
  EXPECT_TRUE(contains("192.0.2.128/25", ip("192.0.2.128")));
  EXPECT_FALSE(contains("192.0.2.128/25", ip("192.0.2.127")));
  EXPECT_TRUE(contains("0.0.0.0/0", ip("203.0.113.9")));
  EXPECT_FALSE(contains("0.0.0.0/0", ip("::1"))) << "no IPv6 address is in an IPv4 range";
  EXPECT_TRUE(contains("127.0.0.1", ip("127.0.0.1")));
  EXPECT_FALSE(contains("127.0.0.1", ip("127.0.0.2")));
  EXPECT_TRUE(contains("2001:db8::/33", ip("2001:db8:7fff::1")));
  EXPECT_FALSE(contains("2001:db8::/33", ip("2001:db8:8000::1")));
  EXPECT_TRUE(contains("::/0", ip("2001:db8::1")));
  EXPECT_TRUE(contains("::1", ip("::1")));
}

TEST(AddressRange, TakesMappedAddressesForWhatTheyMean) {
  EXPECT_TRUE(contains("10.0.0.0/8", ip("::ffff:10.1.2.3")));
  EXPECT_FALSE(contains("::/0", ip("::ffff:10.1.2.3")));
}

TEST(AddressRange, KnowsUnixSockets) {
  EXPECT_TRUE(contains("unix:", *SocketAddress::unix_socket("/run/x")));
  EXPECT_TRUE(contains("unix:", SocketAddress::unnamed_unix()));
  EXPECT_FALSE(contains("unix:", ip("127.0.0.1")));
  EXPECT_FALSE(contains("0.0.0.0/0", SocketAddress::unnamed_unix()));
}

TEST(AddressRange, EveryLengthSplitsAtItsBit) {
  for (unsigned bits = 1; bits <= 32; ++bits) {
    std::array<std::byte, 4> inside{};
    std::array<std::byte, 4> outside{};
    outside[(bits - 1) / 8] = static_cast<std::byte>(0x80U >> ((bits - 1) % 8));  // the last bit of the prefix
    for (unsigned bit = bits; bit < 32; ++bit) inside[bit / 8] |= static_cast<std::byte>(0x80U >> (bit % 8));
    const std::string range = "0.0.0.0/" + std::to_string(bits);
    EXPECT_TRUE(contains(range, SocketAddress::from_bytes(std::span<const std::byte, 4>(inside), 0))) << range;
    EXPECT_FALSE(contains(range, SocketAddress::from_bytes(std::span<const std::byte, 4>(outside), 0))) << range;
  }
}

TEST(AddressRange, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "a single address"},
      {"localhost", "a single address"},
      {"unix:/run/x", "a single address"},
      {"10.0.0.0/", "a number up to 32"},
      {"10.0.0.0/33", "a number up to 32"},
      {"10.0.0.0/-1", "a number up to 32"},
      {"2001:db8::/129", "a number up to 128"},
      {"10.0.0.1/8", "did you mean 10.0.0.0/8?"},
      {"2001:db8::1/32", "did you mean 2001:db8::/32?"},
      {"::ffff:10.0.0.0/104", "write an IPv4 range as IPv4"},
  };
  for (const auto& [text, words] : cases) {
    const auto range = AddressRange::parse(text);
    ASSERT_FALSE(range) << text;
    EXPECT_NE(range.error().message.find(words), std::string::npos) << text << ": " << range.error().message;
  }
  EXPECT_EQ(AddressRange::parse("10.0.0.0/8")->text(), "10.0.0.0/8");
  EXPECT_EQ(AddressRange::parse("::1")->text(), "::1/128");
}

}  // namespace
}  // namespace clearline::net
