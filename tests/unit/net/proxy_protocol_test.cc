// Headers byte by byte: every field, every cut, and what a receiver must refuse.
#include "net/proxy_protocol.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/crc32c.h"

namespace clearline::net {
namespace {

using Status = ProxyParse::Status;

ProxyParse parse(std::string_view text) {
  return parse_proxy_header(std::as_bytes(std::span(text.data(), text.size())));
}

std::string u16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
}

std::string tlv(std::uint8_t type, const std::string& value) {
  return std::string(1, static_cast<char>(type)) + u16(value.size()) + value;
}

std::string v2(std::uint8_t version_and_command, std::uint8_t family, const std::string& rest) {
  return std::string("\r\n\r\n\0\r\nQUIT\n", 12) + static_cast<char>(version_and_command) + static_cast<char>(family) +
         u16(rest.size()) + rest;
}

const std::string ipv4_addresses = std::string("\xC0\x00\x02\x07\xC6\x33\x64\x01", 8) + u16(56324) + u16(443);

std::string ipv6_addresses() {
  std::string source(16, '\0');
  source[0] = 0x20;
  source[1] = 0x01;
  source[15] = 0x07;
  return source + std::string(15, '\0') + "\x01" + u16(1) + u16(65535);
}

std::string unix_field(std::string path) {
  path.resize(108, '\0');
  return path;
}

// Needs more at every cut, and the same whatever follows.
void expect_complete(const std::string& header, const std::string& source, const std::string& destination) {
  for (std::size_t cut = 0; cut < header.size(); ++cut) {
    ASSERT_EQ(parse(header.substr(0, cut)).status, Status::need_more) << "cut at " << cut;
  }
  for (const std::string& behind : {std::string(), std::string("GET / HTTP/1.1\r\n"), header}) {
    const ProxyParse parsed = parse(header + behind);
    ASSERT_EQ(parsed.status, Status::complete) << parsed.error;
    EXPECT_EQ(parsed.bytes, header.size());
    EXPECT_EQ(parsed.header.source ? parsed.header.source->text() : "none", source);
    EXPECT_EQ(parsed.header.destination ? parsed.header.destination->text() : "none", destination);
  }
}

TEST(ProxyProtocol, Version1) {
  expect_complete("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7:56324", "198.51.100.1:443");
  expect_complete("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535",
                  "255.255.255.255:65535");
  expect_complete("PROXY TCP6 2001:db8::7 ::1 0 1\r\n", "[2001:db8::7]:0", "[::1]:1");
  expect_complete("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.8 1 2\r\n", "192.0.2.7:1", "192.0.2.8:2");
  expect_complete("PROXY UNKNOWN\r\n", "none", "none");
  expect_complete("PROXY UNKNOWN ffff::1 anything at all 65535 65535\r\n", "none", "none");
  EXPECT_EQ(parse("PROXY UNKNOWN\r\n").header.version, 1);
}

TEST(ProxyProtocol, Version1Refused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GET / HTTP/1.1\r\n", "there is no PROXY header"},
      {"PROXI", "there is no PROXY header"},
      {"proxy TCP4", "there is no PROXY header"},
      {std::string(1, '\x16'), "there is no PROXY header"},
      {"PROXY \r\n", "six words"},
      {"PROXY TCP4\r\n", "six words"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n", "six words"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n", "six words"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 9\r\n", "six words"},
      {"PROXY TCP4  192.0.2.7 198.51.100.1 56324 443\r\n", "six words"},
      {"PROXY UDP4 192.0.2.7 198.51.100.1 56324 443\r\n", "unknown protocol"},
      {"PROXY UNKNOWNS 192.0.2.7 198.51.100.1 1 2\r\n", "unknown protocol"},
      {"PROXY TCP6 192.0.2.7 198.51.100.1 56324 443\r\n", "the source"},
      {"PROXY TCP4 ::1 198.51.100.1 56324 443\r\n", "the source"},
      {"PROXY TCP4 192.0.2.256 198.51.100.1 56324 443\r\n", "the source"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n", "the source"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 056 443\r\n", "the source"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 +1 443\r\n", "the source"},
      {"PROXY TCP4 192.0.2.7 198.51.100 1 443\r\n", "the destination"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 -1\r\n", "the destination"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n", "CR LF"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\rX", "CR LF"},
      {"PROXY UNKNOWN " + std::string(93, 'x'), "longer than 107"},
      {"PROXY UNKNOWN " + std::string(92, 'x') + "\r", "CR LF"},
  };
  for (const auto& [text, words] : cases) {
    const ProxyParse parsed = parse(text);
    EXPECT_EQ(parsed.status, Status::invalid) << text;
    EXPECT_NE(parsed.error.find(words), std::string::npos) << text << ": " << parsed.error;
  }
  const std::string longest = "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n";
  ASSERT_EQ(longest.size(), 107U);
  expect_complete(longest, "none", "none");
}

TEST(ProxyProtocol, Version2) {
  expect_complete(v2(0x21, 0x11, ipv4_addresses), "192.0.2.7:56324", "198.51.100.1:443");
  expect_complete(v2(0x21, 0x21, ipv6_addresses()), "[2001::7]:1", "[::1]:65535");
  expect_complete(v2(0x21, 0x31, unix_field("/run/client") + unix_field("/run/proxy")), "unix:/run/client",
                  "unix:/run/proxy");
  expect_complete(v2(0x21, 0x31, unix_field("") + unix_field(std::string("\0name", 5))), "unix:", "unix:@name");
  expect_complete(v2(0x21, 0x00, ""), "none", "none");
  expect_complete(v2(0x20, 0x00, ""), "none", "none");
  EXPECT_EQ(parse(v2(0x21, 0x00, "")).header.version, 2);
}

// The health check of the proxy itself: whatever it says about addresses is to be discarded.
TEST(ProxyProtocol, LocalCommandHasNoAddresses) {
  expect_complete(v2(0x20, 0x11, ipv4_addresses), "none", "none");
  expect_complete(v2(0x20, 0xFF, "whatever this is"), "none", "none");
}

TEST(ProxyProtocol, SkipsTlvs) {
  expect_complete(v2(0x21, 0x11, ipv4_addresses + tlv(0x01, "h2") + tlv(0x04, "") + tlv(0xEE, std::string(300, 'x'))),
                  "192.0.2.7:56324", "198.51.100.1:443");
  for (const std::string& broken : {tlv(0x01, "h2").substr(0, 4), std::string("\x01"), std::string("\x01\x00", 2),
                                    std::string("\x01\xFF\xFF", 3)}) {
    const ProxyParse parsed = parse(v2(0x21, 0x11, ipv4_addresses + broken));
    EXPECT_EQ(parsed.status, Status::invalid);
    EXPECT_NE(parsed.error.find("reaches beyond its end"), std::string::npos) << parsed.error;
  }
}

TEST(ProxyProtocol, KnowsWhetherTheClientCameByTls) {
  const std::string version = tlv(0x21, "TLSv1.3");
  const auto ssl = [](char client, const std::string& rest) {
    return v2(0x21, 0x11, ipv4_addresses + tlv(0x20, std::string(1, client) + std::string(4, '\0') + rest));
  };
  EXPECT_TRUE(parse(ssl(1, version)).header.encrypted);
  EXPECT_TRUE(parse(ssl(7, "")).header.encrypted);
  EXPECT_FALSE(parse(ssl(0, version)).header.encrypted);
  EXPECT_FALSE(parse(v2(0x21, 0x11, ipv4_addresses)).header.encrypted);
  EXPECT_EQ(parse(ssl(1, version.substr(0, 5))).status, Status::invalid);
  EXPECT_EQ(parse(v2(0x21, 0x11, ipv4_addresses + tlv(0x20, "\x01"))).status, Status::invalid);
}

std::string with_checksum(std::string header, std::size_t offset) {
  const std::uint32_t crc = crc32c(std::as_bytes(std::span(header)));
  for (std::size_t i = 0; i < 4; ++i) header[offset + i] = static_cast<char>(crc >> (24 - 8 * i));
  return header;
}

TEST(ProxyProtocol, ChecksTheChecksum) {
  const std::string zeros(4, '\0');
  const std::string header =
      with_checksum(v2(0x21, 0x11, ipv4_addresses + tlv(0x03, zeros) + tlv(0x04, "pad")), 16 + 12 + 3);
  expect_complete(header, "192.0.2.7:56324", "198.51.100.1:443");
  for (std::size_t i = 16; i < header.size() - 6; ++i) {
    if (i == 16 + 12) continue;  // the type: with another one there is no checksum to check
    std::string damaged = header;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_EQ(parse(damaged).status, Status::invalid) << i;
  }
  const ProxyParse wrong_size = parse(v2(0x21, 0x11, ipv4_addresses + tlv(0x03, "abc")));
  EXPECT_NE(wrong_size.error.find("does not have 4 bytes"), std::string::npos);
}

TEST(ProxyProtocol, Version2Refused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {v2(0x11, 0x11, ipv4_addresses), "unknown version"},
      {v2(0x31, 0x11, ipv4_addresses), "unknown version"},
      {v2(0x22, 0x11, ipv4_addresses), "unknown command"},
      {v2(0x21, 0x12, ipv4_addresses), "family"},
      {v2(0x21, 0x41, ipv4_addresses), "family"},
      {v2(0x21, 0x11, ipv4_addresses.substr(1)), "too short"},
      {v2(0x21, 0x21, ipv4_addresses), "too short"},
      {v2(0x21, 0x31, unix_field("/a")), "too short"},
      {v2(0x21, 0x31, std::string(216, 'x')), "bad Unix path"},
      {v2(0x21, 0x11, std::string(4081, '\0')).substr(0, 16), "longer than 4096"},
      {v2(0x20, 0x00, std::string(65535, '\0')).substr(0, 16), "longer than 4096"},
      {std::string("\r\n\r\n\0\r\nQUIX\n", 12), "there is no PROXY header"},
      {"\r\n\r\nGET", "there is no PROXY header"},
  };
  for (const auto& [text, words] : cases) {
    const ProxyParse parsed = parse(text);
    EXPECT_EQ(parsed.status, Status::invalid) << words;
    EXPECT_NE(parsed.error.find(words), std::string::npos) << words << ": " << parsed.error;
  }
}

// RFC 3720 appendix B.4.
TEST(Crc32c, KnownValues) {
  const auto crc = [](const std::string& text) { return crc32c(std::as_bytes(std::span(text))); };
  EXPECT_EQ(crc(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(crc("123456789"), 0xE3069283U);
  EXPECT_EQ(crc(""), 0U);
  const std::string text = "123456789";
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(crc32c(bytes.subspan(4), crc32c(bytes.first(4))), 0xE3069283U);
}

}  // namespace
}  // namespace clearline::net
