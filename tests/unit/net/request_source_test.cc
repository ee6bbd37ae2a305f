// Whom a request comes from: header fields of proxies that are trusted, and of those that are not.
#include "net/request_source.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/forwarded.h"

namespace clearline::net {
namespace {

const std::vector<AddressRange> trusted = {*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("2001:db8::/32")};

RequestSource trace(const std::vector<HeaderView>& headers, ProxyHeaders kind = ProxyHeaders::x_forwarded,
                    std::string_view peer = "10.0.0.1") {
  return trace_source({*SocketAddress::parse(peer, 4711), false, {}}, headers, trusted, kind);
}

std::string forwarded(std::string_view value) {
  return trace({{"Forwarded", value}}, ProxyHeaders::forwarded).address.text();
}

std::string x_forwarded(std::string_view value) {
  return trace({{"X-Forwarded-For", value}}).address.text();
}

TEST(RequestSource, BelievesTrustedProxiesOnly) {
  const std::vector<HeaderView> headers = {
      {"X-Forwarded-For", "192.0.2.7"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "chat.example"}};
  const RequestSource believed = trace(headers);
  EXPECT_EQ(believed.address.ip(), "192.0.2.7");
  EXPECT_TRUE(believed.encrypted);
  EXPECT_EQ(believed.host, "chat.example");
  for (const auto kind : {ProxyHeaders::x_forwarded, ProxyHeaders::forwarded, ProxyHeaders::none}) {
    const RequestSource spoofed = trace(headers, kind, "192.0.2.66");
    EXPECT_EQ(spoofed.address.text(), "192.0.2.66:4711");
    EXPECT_FALSE(spoofed.encrypted);
    EXPECT_EQ(spoofed.host, "");
  }
  EXPECT_EQ(trace(headers, ProxyHeaders::none).address.text(), "10.0.0.1:4711");
}

// A proxy passes the other kind of field on as the client wrote it.
TEST(RequestSource, ReadsOneKindOfFieldOnly) {
  const std::vector<HeaderView> headers = {{"Forwarded", "for=192.0.2.1;proto=https"},
                                           {"X-Forwarded-For", "192.0.2.2"}};
  EXPECT_EQ(trace(headers, ProxyHeaders::x_forwarded).address.ip(), "192.0.2.2");
  EXPECT_FALSE(trace(headers, ProxyHeaders::x_forwarded).encrypted);
  EXPECT_EQ(trace(headers, ProxyHeaders::forwarded).address.ip(), "192.0.2.1");
}

TEST(RequestSource, GoesFromTheRightOverTrustedHops) {
  EXPECT_EQ(x_forwarded("203.0.113.9, 192.0.2.7"), "192.0.2.7:0") << "what the client put in front does not count";
  EXPECT_EQ(x_forwarded("203.0.113.9, 192.0.2.7, 10.9.9.9,2001:db8::5"), "192.0.2.7:0");
  EXPECT_EQ(x_forwarded("10.0.0.3, 10.0.0.2"), "10.0.0.3:0") << "all of them trusted: the outermost";
  EXPECT_EQ(trace({{"X-Forwarded-For", "203.0.113.9"}, {"A", "b"}, {"x-forwarded-for", "192.0.2.7"}}).address.ip(),
            "192.0.2.7")
      << "several fields are one list";
}

TEST(RequestSource, StopsAtWhatItCannotUnderstand) {
  EXPECT_EQ(x_forwarded("192.0.2.7, unknown, 10.0.0.2"), "10.0.0.2:0");
  EXPECT_EQ(x_forwarded("nonsense"), "10.0.0.1:4711");
  EXPECT_EQ(x_forwarded(""), "10.0.0.1:4711");
  EXPECT_EQ(x_forwarded("192.0.2.7,"), "10.0.0.1:4711");
  EXPECT_EQ(trace({}).address.text(), "10.0.0.1:4711");
}

TEST(RequestSource, TakesAddressesWithAndWithoutPorts) {
  EXPECT_EQ(x_forwarded("192.0.2.7:99"), "192.0.2.7:99");
  EXPECT_EQ(x_forwarded("2001:4860::7"), "[2001:4860::7]:0");
  EXPECT_EQ(x_forwarded("[2001:4860::7]"), "[2001:4860::7]:0");
  EXPECT_EQ(x_forwarded("[2001:4860::7]:99"), "[2001:4860::7]:99");
  EXPECT_EQ(x_forwarded("::ffff:192.0.2.7"), "192.0.2.7:0");
  for (const auto* bad :
       {"192.0.2.7:", "192.0.2.7:65536", "192.0.2.7:x", "[192.0.2.7]", "[::1", "[::1]x", ":1", "[]"}) {
    EXPECT_FALSE(parse_node(bad)) << bad;
  }
}

TEST(RequestSource, TakesSchemeAndHostOfTheSameHop) {
  const auto at = [](std::string_view addresses, std::string_view schemes, std::string_view hosts) {
    const RequestSource source =
        trace({{"X-Forwarded-For", addresses}, {"X-Forwarded-Proto", schemes}, {"X-Forwarded-Host", hosts}});
    return source.host + (source.encrypted ? " https" : " http");
  };
  EXPECT_EQ(at("192.0.2.7", "https", "a.example"), "a.example https");
  EXPECT_EQ(at("192.0.2.7, 10.0.0.2", "https, http", "a.example, b.example"), "a.example https");
  EXPECT_EQ(at("192.0.2.7, 10.0.0.2", "https", "a.example"), "a.example https") << "only the outer one writes them";
  EXPECT_EQ(at("1.1.1.1, 192.0.2.7", "https, http", "evil.example, a.example"), "a.example http")
      << "the client's own words are out of reach";
  EXPECT_EQ(at("192.0.2.7", "WSS", "a.example:8443"), "a.example:8443 https");
  EXPECT_EQ(at("192.0.2.7", "gopher", "a b"), " http") << "nonsense says nothing";
  EXPECT_TRUE(trace({{"X-Forwarded-Proto", "https"}}).encrypted) << "without an address";
}

TEST(RequestSource, ReadsForwarded) {
  EXPECT_EQ(forwarded("for=192.0.2.7"), "192.0.2.7:0");
  EXPECT_EQ(forwarded("For=\"[2001:4860::7]:99\";by=10.0.0.1"), "[2001:4860::7]:99");
  EXPECT_EQ(forwarded("for=\"192.0.2.7:_port\""), "192.0.2.7:0");
  EXPECT_EQ(forwarded("for=192.0.2.7:80"), "192.0.2.7:80") << "without the quotes that it should have";
  EXPECT_EQ(forwarded("for=203.0.113.9, for=192.0.2.7;proto=http , for=10.0.0.2"), "192.0.2.7:0");
  EXPECT_EQ(forwarded("for=192.0.2.7;;proto=http;"), "192.0.2.7:0");
  EXPECT_EQ(forwarded("for=_hidden"), "10.0.0.1:4711");
  EXPECT_EQ(forwarded("for=unknown;proto=https"), "10.0.0.1:4711");
  EXPECT_EQ(forwarded("proto=https"), "10.0.0.1:4711");
  const RequestSource source =
      trace({{"Forwarded", R"(for="\1\9\2.0.2.7";proto=https;host="chat.example:8443", for=10.0.0.2;proto=http)"}},
            ProxyHeaders::forwarded);
  EXPECT_EQ(source.address.ip(), "192.0.2.7");
  EXPECT_TRUE(source.encrypted);
  EXPECT_EQ(source.host, "chat.example:8443");
}

// A quote that the client leaves open must not swallow what the proxy adds behind it.
TEST(RequestSource, DoesNotReadForwardedThatIsBroken) {
  for (const auto* bad : {"for=\"192.0.2.7", "for=192.0.2.7;x=\", for=10.0.0.2", "for=192.0.2.7;x=\", for=\"[::1]\"",
                          "for", "=1.1.1.1", "for=1.1.1.1 for=2.2.2.2", "for=1.1.1.1;\"x\"", "for=\"x\\", "for=a=b"}) {
    EXPECT_EQ(forwarded(bad), "10.0.0.1:4711") << bad;
  }
  // Fields of their own are read on their own.
  EXPECT_EQ(trace({{"Forwarded", "for=\""}, {"Forwarded", "for=192.0.2.7"}}, ProxyHeaders::forwarded).address.ip(),
            "192.0.2.7");
}

TEST(RequestSource, ALongChainHasAnEnd) {
  std::string value;
  for (int i = 0; i < 1000; ++i) value += "10.0.0.9, ";
  EXPECT_EQ(x_forwarded("192.0.2.7, " + value + "10.0.0.8"), "10.0.0.9:0");
  std::string elements;
  for (int i = 0; i < 1000; ++i) elements += "for=10.0.0.9, ";
  EXPECT_EQ(forwarded("for=192.0.2.7, " + elements + "for=10.0.0.8"), "10.0.0.9:0");
}

}  // namespace
}  // namespace clearline::net
