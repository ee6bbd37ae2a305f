// Addresses as people write them, and what is said about wrong ones.
#include "net/listen_options.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace clearline::net {
namespace {

TEST(ListenOptions, TakesEveryKindOfAddress) {
  for (const auto* text : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:8080", "[::]:65535", "[2001:db8::7]:1",
                           "unix:/run/clearline/clearline.sock", "unix:relative.sock", "unix:@clearline"}) {
    const auto options = ListenOptions::parse(text);
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->address.text(), text);
    EXPECT_FALSE(options->proxy_protocol);
    EXPECT_FALSE(options->ipv6_only);
  }
}

TEST(ListenOptions, TakesOptionsBehindCommas) {
  const auto tcp = ListenOptions::parse("[::]:8080,ipv6-only,proxy-protocol");
  ASSERT_TRUE(tcp) << tcp.error().message;
  EXPECT_TRUE(tcp->ipv6_only);
  EXPECT_TRUE(tcp->proxy_protocol);
  const auto file = ListenOptions::parse("unix:/run/c.sock,mode=0600,user=root,group=33");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->mode, 0600U);
  EXPECT_EQ(file->user, "root");
  EXPECT_EQ(file->group, "33");
  EXPECT_EQ(file->address.unix_path(), "/run/c.sock");
}

TEST(ListenOptions, SaysWhatIsWrong) {
  const std::string long_path = "unix:/" + std::string(107, 'x');
  const std::array<std::pair<std::string_view, std::string_view>, 17> cases = {{
      {"", "IPV4:PORT"},
      {"8080", "IPV4:PORT"},
      {"localhost:8080", "'localhost' is not an IPv4 or IPv6 address"},
      {"127.0.0.1:", "not a number from 0 to 65535"},
      {"127.0.0.1:65536", "not a number from 0 to 65535"},
      {"127.0.0.1:-1", "not a number from 0 to 65535"},
      {"::1:8080", "stands in brackets"},
      {"[127.0.0.1]:8080", "stands in brackets"},
      {"[::1]", "not a number from 0 to 65535"},
      {"unix:", "needs a path or a @name"},
      {"unix:@", "needs a path or a @name"},
      {long_path, "has 108 bytes, at most 107 are allowed"},
      {"127.0.0.1:80,mode=0600", "'mode': is for Unix sockets with a path only"},
      {"unix:@x,group=www-data", "'group': is for Unix sockets with a path only"},
      {"unix:/x,mode=1777", "a mode is an octal number up to 777"},
      {"127.0.0.1:80,ipv6-only", "is for IPv6 addresses only"},
      {"127.0.0.1:80,fast", "'fast': there is no such option"},
  }};
  for (const auto& [text, words] : cases) {
    const auto options = ListenOptions::parse(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(options.error().message.find(words), std::string::npos) << text << ": " << options.error().message;
  }
}

TEST(SocketAddress, KeepsTheLongestUnixPath) {
  const std::string path = "/" + std::string(106, 'x');
  const auto address = SocketAddress::unix_socket(path);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->unix_path(), path);
  EXPECT_EQ(address->ip(), "");
  EXPECT_EQ(address->port(), 0);
}

TEST(SocketAddress, UnmapsIpv4PeersOfDualStackSockets) {
  EXPECT_EQ(SocketAddress::parse("::ffff:192.0.2.7", 9)->unmapped().text(), "192.0.2.7:9");
  EXPECT_EQ(SocketAddress::parse("2001:db8::7", 9)->unmapped().text(), "[2001:db8::7]:9");
  EXPECT_EQ(SocketAddress::parse("192.0.2.7", 9)->unmapped().text(), "192.0.2.7:9");
  EXPECT_EQ(SocketAddress::unix_socket("/x")->unmapped().text(), "unix:/x");
}

TEST(SocketAddress, RefusesZeroBytes) {
  EXPECT_FALSE(SocketAddress::parse(std::string_view("127.0.0.1\0x", 11), 1));
  EXPECT_FALSE(SocketAddress::unix_socket(std::string_view("/a\0b", 4)));
}

}  // namespace
}  // namespace clearline::net
