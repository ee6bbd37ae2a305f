#include "ws/frame.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "support/ws/wire.h"
#include "ws/shared_frame.h"

namespace clearline::ws::testing {
namespace {

Bytes header_bytes(const FrameHeader& header) {
  std::array<std::byte, frame_header_bytes_max> out;
  const std::size_t size = encode_header(header, out);
  return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

TEST(Frame, EncodesEveryLengthInTheFewestBytes) {
  EXPECT_EQ(header_bytes({.opcode = Opcode::text, .payload_bytes = 0}), from_hex("8100"));
  EXPECT_EQ(header_bytes({.opcode = Opcode::binary, .payload_bytes = 125}), from_hex("827D"));
  EXPECT_EQ(header_bytes({.opcode = Opcode::text, .payload_bytes = 126}), from_hex("817E007E"));
  EXPECT_EQ(header_bytes({.opcode = Opcode::text, .payload_bytes = 65535}), from_hex("817EFFFF"));
  EXPECT_EQ(header_bytes({.opcode = Opcode::text, .payload_bytes = 65536}), from_hex("817F0000000000010000"));
  EXPECT_EQ(header_bytes({.opcode = Opcode::text, .payload_bytes = 0x7FFFFFFFFFFFFFFF}),
            from_hex("817F7FFFFFFFFFFFFFFF"));
}

TEST(Frame, EncodesTheBitsAndTheMask) {
  EXPECT_EQ(header_bytes({.opcode = Opcode::continuation, .fin = false}), from_hex("0000"));
  EXPECT_EQ(header_bytes({.opcode = Opcode::text, .rsv1 = true}), from_hex("C100"));
  const Bytes key = from_hex("37FA213D");
  std::uint32_t mask_key = 0;
  std::memcpy(&mask_key, key.data(), sizeof mask_key);
  EXPECT_EQ(header_bytes({.opcode = Opcode::ping, .payload_bytes = 5, .mask_key = mask_key}), from_hex("898537FA213D"));
}

// RFC 6455 section 5.7: "Hello", masked with 37 FA 21 3D.
TEST(Frame, MasksTheExampleOfTheStandard) {
  std::uint32_t key = 0;
  std::memcpy(&key, from_hex("37FA213D").data(), sizeof key);
  Bytes bytes = bytes_of("Hello");
  mask_in_place(bytes, key);
  EXPECT_EQ(bytes, from_hex("7F9F4D5158"));
}

TEST(Frame, MasksEverySizeFromEveryOffsetAsByteByByte) {
  std::mt19937 random(1);
  const Bytes key_bytes = from_hex("01A2C3F4");
  std::uint32_t key = 0;
  std::memcpy(&key, key_bytes.data(), sizeof key);
  for (std::size_t size = 0; size < 300; ++size) {
    for (std::uint64_t offset = 0; offset < 9; ++offset) {
      Bytes input(size);
      for (std::byte& byte : input) byte = static_cast<std::byte>(random());
      Bytes expected = input;
      for (std::size_t i = 0; i < size; ++i) expected[i] ^= key_bytes[(i + offset) % 4];
      Bytes copied(size);
      mask_copy(input, copied, key, offset);
      EXPECT_EQ(copied, expected) << size << " from " << offset;
      mask_in_place(input, key, offset);
      EXPECT_EQ(input, expected) << size << " from " << offset;
    }
  }
}

TEST(SharedFrame, HoldsOneFrameForAllItsCopies) {
  const Bytes payload(70000, std::byte{'x'});
  SharedFrame first = make_shared_frame(Opcode::text, payload);
  const SharedFrame second = first;
  EXPECT_EQ(second.bytes().data(), first.bytes().data());
  EXPECT_EQ(Bytes(first.bytes().begin(), first.bytes().end()),
            encode({.opcode = text, .payload = payload, .masked = false}));
  first = SharedFrame();
  EXPECT_FALSE(first);
  EXPECT_TRUE(first.bytes().empty());
  EXPECT_EQ(Bytes(second.payload().begin(), second.payload().end()), payload);
  EXPECT_EQ(second.opcode(), Opcode::text);
}

TEST(SharedFrame, IsAPointerInAQueue) {
  static_assert(sizeof(SharedFrame) == sizeof(void*));
}

// Shards are threads; the thread sanitizer watches this one.
TEST(SharedFrame, IsReleasedByWhicheverThreadIsLast) {
  SharedFrame frame = make_shared_frame(Opcode::text, bytes_of("for all"));
  std::vector<std::thread> shards;
  std::atomic<int> right{0};
  for (int shard = 0; shard < 4; ++shard) {
    shards.emplace_back([mine = frame, &right] {
      for (int i = 0; i < 1000; ++i) {
        const SharedFrame queued = mine;
        if (queued.payload().size() == 7) ++right;
      }
    });
  }
  frame = SharedFrame();
  for (std::thread& shard : shards) shard.join();
  EXPECT_EQ(right, 4000);
}

TEST(SharedFrame, HoldsAnEmptyMessage) {
  const SharedFrame frame = make_shared_frame(Opcode::binary, {});
  EXPECT_EQ(Bytes(frame.bytes().begin(), frame.bytes().end()), from_hex("8200"));
  EXPECT_TRUE(frame.payload().empty());
}

}  // namespace
}  // namespace clearline::ws::testing
