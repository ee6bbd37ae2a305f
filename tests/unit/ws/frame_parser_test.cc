#include "ws/frame_parser.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "support/ws/wire.h"

namespace clearline::ws::testing {
namespace {

using registry::Cause;
using Verdict = ParsedHeader::Verdict;

constexpr HeaderRules server_rules{.role = Role::server};
constexpr HeaderRules client_rules{.role = Role::client};

TEST(FrameParser, ReadsEveryLengthEncoding) {
  for (const std::uint64_t length : {0ULL, 1ULL, 125ULL, 126ULL, 65535ULL, 65536ULL, 0x7FFFFFFFFFFFFFFFULL}) {
    const Bytes bytes = encode({.opcode = binary, .length_claimed = length});
    const ParsedHeader parsed = parse_header(bytes, server_rules);
    EXPECT_EQ(parsed.verdict, Verdict::complete);
    EXPECT_EQ(parsed.payload_bytes, length);
    EXPECT_EQ(parsed.header_bytes, bytes.size());
    EXPECT_EQ(parsed.opcode, Opcode::binary);
    EXPECT_TRUE(parsed.fin);
    EXPECT_EQ(std::memcmp(&parsed.mask_key, "\x37\xFA\x21\x3D", 4), 0);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(parse_header(std::span(bytes).first(size), server_rules).verdict, Verdict::incomplete);
    }
  }
}

// The bytes of the header after which the violation must be known, and not before.
struct Row {
  const char* name;
  const char* hex;
  std::size_t known_at;
  Cause cause;
  HeaderRules rules;
};

TEST(FrameParser, KnowsEveryViolationAsSoonAsItsByteIsThere) {
  const HeaderRules inside{.role = Role::server, .inside_message = true};
  const HeaderRules deflate{.role = Role::server, .rsv1_allowed = true};
  const HeaderRules deflate_inside{.role = Role::server, .inside_message = true, .rsv1_allowed = true};
  const Row rows[] = {
      {"RSV1", "C1", 1, Cause::reserved_bit, server_rules},
      {"RSV2", "A1", 1, Cause::reserved_bit, server_rules},
      {"RSV3", "91", 1, Cause::reserved_bit, server_rules},
      {"RSV2 with deflate", "A1", 1, Cause::reserved_bit, deflate},
      {"RSV1 on a continuation", "C0", 1, Cause::reserved_bit, deflate_inside},
      {"RSV1 on a ping", "C9", 1, Cause::reserved_bit, deflate},
      {"RSV1 on a close", "C8", 1, Cause::reserved_bit, deflate},
      {"fragmented close", "08", 1, Cause::control_fragmented, server_rules},
      {"fragmented ping", "09", 1, Cause::control_fragmented, inside},
      {"fragmented pong", "0A", 1, Cause::control_fragmented, server_rules},
      {"continuation of nothing", "80", 1, Cause::unexpected_continuation, server_rules},
      {"unfinished continuation of nothing", "00", 1, Cause::unexpected_continuation, server_rules},
      {"text inside a message", "81", 1, Cause::expected_continuation, inside},
      {"binary inside a message", "02", 1, Cause::expected_continuation, inside},
      {"no mask", "8100", 2, Cause::unmasked_frame, server_rules},
      {"mask from a server", "8180", 2, Cause::masked_frame, client_rules},
      {"ping of 126 bytes", "89FE", 2, Cause::control_too_long, server_rules},
      {"close of 64-bit length", "88FF", 2, Cause::control_too_long, server_rules},
      {"pong of 126 bytes, to a client", "8A7E", 2, Cause::control_too_long, client_rules},
      {"125 in 16 bits", "81FE007D", 4, Cause::non_minimal_length, server_rules},
      {"0 in 16 bits", "827E0000", 4, Cause::non_minimal_length, client_rules},
      {"65535 in 64 bits", "81FF000000000000FFFF", 10, Cause::non_minimal_length, server_rules},
      {"0 in 64 bits", "81FF0000000000000000", 10, Cause::non_minimal_length, server_rules},
      {"top bit", "81FF8000000000000000", 10, Cause::length_top_bit, server_rules},
      {"all bits", "827FFFFFFFFFFFFFFFFF", 10, Cause::length_top_bit, client_rules},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Bytes bytes = from_hex(row.hex);
    ASSERT_EQ(bytes.size(), row.known_at);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(parse_header(std::span(bytes).first(size), row.rules).verdict, Verdict::incomplete) << size;
    }
    const ParsedHeader parsed = parse_header(bytes, row.rules);
    EXPECT_EQ(parsed.verdict, Verdict::violation);
    EXPECT_EQ(registry::cause_name(parsed.violation), registry::cause_name(row.cause));
  }
}

TEST(FrameParser, RefusesEveryReservedOpcode) {
  for (unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    for (const unsigned fin : {0U, 0x80U}) {
      const Bytes bytes{static_cast<std::byte>(fin | opcode)};
      const ParsedHeader parsed = parse_header(bytes, server_rules);
      EXPECT_EQ(parsed.verdict, Verdict::violation) << opcode;
      EXPECT_EQ(parsed.violation, Cause::reserved_opcode) << opcode;
    }
  }
}

TEST(FrameParser, TakesRsv1OfAFirstFrameWhenCompressionWasAgreed) {
  const ParsedHeader parsed = parse_header(from_hex("C18000000000"), {.role = Role::server, .rsv1_allowed = true});
  EXPECT_EQ(parsed.verdict, Verdict::complete);
  EXPECT_TRUE(parsed.rsv1);
}

}  // namespace
}  // namespace clearline::ws::testing
