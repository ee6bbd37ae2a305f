#include "ws/shared_compression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ws/deflate.h"
#include "ws/deflate_negotiation.h"
#include "ws/protocol.h"

namespace clearline::ws {
namespace {

const std::string text = std::string(300, 'a') + std::string(300, 'b') + std::string(300, 'a');

SharedFrame frame_of(std::string_view payload) {
  return make_shared_frame(Opcode::text, as_payload(payload));
}

unsigned first_byte(const SharedFrame& frame) {
  return static_cast<unsigned>(frame.bytes()[0]);
}

std::string inflated(const SharedFrame& frame, std::uint8_t window_bits) {
  Inflater inflater(window_bits);
  MessageBuffer message;
  EXPECT_EQ(inflater.feed(frame.payload(), message, 1 << 20), InflateResult::ok);
  EXPECT_EQ(inflater.finish_message(message, 1 << 20), InflateResult::ok);
  return std::string(as_text(message.bytes()));
}

TEST(SharedCompression, CompressesOnceForAllThatHaveTheSameWindow) {
  SharedCompression shared;
  const SharedFrame plain = frame_of(text);
  const SharedFrame first = shared.compressed(plain, 15);
  EXPECT_EQ(first_byte(first), 0xC1U);  // FIN, RSV1, text
  EXPECT_LT(first.bytes().size(), 60U);
  EXPECT_EQ(inflated(first, 15), text);
  EXPECT_TRUE(shared.compressed(plain, 15) == first);

  const SharedFrame small = shared.compressed(plain, 9);
  EXPECT_FALSE(small == first);
  EXPECT_EQ(inflated(small, 9), text);
  EXPECT_TRUE(shared.compressed(plain, 9) == small);
  EXPECT_TRUE(shared.compressed(plain, 15) == first);
}

TEST(SharedCompression, LeavesAloneWhatDoesNotShrink) {
  SharedCompression shared;
  const SharedFrame one = frame_of("x");
  EXPECT_TRUE(shared.compressed(one, 15) == one);
  const SharedFrame empty = frame_of("");
  EXPECT_TRUE(shared.compressed(empty, 15) == empty);
  const SharedFrame plain = frame_of(text);
  EXPECT_TRUE(shared.compressed(plain, 8) == plain);  // zlib cannot compress with 256 bytes
}

TEST(SharedCompression, ForgetsTheOldestAndAllWhenTold) {
  SharedCompression shared;
  std::vector<SharedFrame> plain;
  std::vector<SharedFrame> compressed;
  for (int i = 0; i < 40; ++i) {
    plain.push_back(frame_of(std::to_string(i) + text));
    compressed.push_back(shared.compressed(plain.back(), 15));
  }
  EXPECT_TRUE(shared.compressed(plain[39], 15) == compressed[39]);
  EXPECT_TRUE(shared.compressed(plain[30], 15) == compressed[30]);
  EXPECT_FALSE(shared.compressed(plain[0], 15) == compressed[0]);
  for (int i = 0; i < 40; ++i) {
    const auto number = static_cast<std::size_t>(i);
    EXPECT_EQ(inflated(shared.compressed(plain[number], 15), 15), std::to_string(i) + text);
  }
  shared.clear();
  EXPECT_FALSE(shared.compressed(plain[39], 15) == compressed[39]);
}

TEST(SharedCompression, ProtocolSaysWhatCanBeShared) {
  SharedCompression shared;
  const Settings settings;
  const SharedFrame large = frame_of(text);
  const SharedFrame small = frame_of("below the limit");

  const Protocol plain(Role::server, settings);
  EXPECT_EQ(plain.shareable(large, shared), &large);

  const DeflateParameters alone{.server_no_context_takeover = true, .client_no_context_takeover = true};
  const Protocol compressing(Role::server, settings, &alone);
  EXPECT_EQ(compressing.shareable(small, shared), &small);
  ASSERT_NE(compressing.shareable(large, shared), nullptr);
  EXPECT_EQ(inflated(*compressing.shareable(large, shared), 15), text);

  const DeflateParameters taking_over;
  const Protocol with_context(Role::server, settings, &taking_over);
  EXPECT_EQ(with_context.shareable(small, shared), &small);
  EXPECT_EQ(with_context.shareable(large, shared), nullptr);

  const Protocol client(Role::client, settings, &alone);
  EXPECT_EQ(client.shareable(large, shared), nullptr);
  EXPECT_EQ(client.shareable(small, shared), nullptr);
}

}  // namespace
}  // namespace clearline::ws
